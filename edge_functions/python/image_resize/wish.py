"""What a query asks of a picture, in the few forms that the cache keeps apart.

Both triggers read queries with this module, so what one writes the other understands.
"""

from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

SIZES = (16, 32, 48, 64, 96, 128, 160, 240, 320, 400, 480, 640, 800, 960, 1200, 1600, 2000)
"""Widths and heights are rounded up to these: every other size would be a copy of its own."""

FORMATS = {"avif": "AVIF", "webp": "WEBP", "jpeg": "JPEG", "jpg": "JPEG", "png": "PNG"}
FITS = ("contain", "cover", "fill")
QUALITIES = range(30, 96, 5)
MAX_DPR = 4.0


class Wish(NamedTuple):
    """0 and "" stand for what was not asked for."""

    width: int = 0
    height: int = 0
    fit: str = "contain"
    quality: int = 0
    format: str = ""


def wished(querystring, accept=""):
    """What `querystring` asks for; nonsense counts as not asked."""
    given = {}
    for name, value in parse_qsl(querystring, max_num_fields=100):
        given.setdefault(name, value.lower())
    scale = min(max(number(given.get("dpr")) or 1.0, 1.0), MAX_DPR)
    width, height = sized(number(given.get("w")) * scale, number(given.get("h")) * scale)
    fit = given.get("fit")
    quality = number(given.get("q"))
    return Wish(
        width,
        height,
        fit if fit in FITS and width and height else "contain",
        min(QUALITIES, key=lambda known: abs(known - quality)) if quality else 0,
        FORMATS.get(given.get("format"), "") or accepted(accept),
    )


def written(wish):
    """The query that means `wish`: always in the same order, without what goes without saying."""
    fields = {
        "fit": wish.fit if wish.fit != "contain" else "",
        "format": wish.format.lower(),
        "h": wish.height,
        "q": wish.quality,
        "w": wish.width,
    }
    return urlencode({name: value for name, value in fields.items() if value})


def sized(width, height):
    """`width` and `height` with their ratio, the greater one rounded up to a known size."""
    longest = max(width, height)
    if not longest:
        return 0, 0
    factor = next((size for size in SIZES if size >= longest), SIZES[-1]) / longest
    return tuple(max(1, int(side * factor + 0.5)) if side else 0 for side in (width, height))


def accepted(accept):
    """The best format that a browser names; */* is no promise to know AVIF."""
    named = set()
    for entry in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in entry.split(";"))
        if not any(one.startswith("q=") and not number(one[2:]) for one in parameters):
            named.add(kind)
    for kind in ("avif", "webp"):
        if f"image/{kind}" in named:
            return FORMATS[kind]
    return ""


def number(text):
    """0.0 for what is no plain positive number."""
    digits = (text or "").replace(".", "", 1)
    fits = digits.isascii() and digits.isdigit() and len(digits) <= len("1234.56")
    return float(text) if fits else 0.0

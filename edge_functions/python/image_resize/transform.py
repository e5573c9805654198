"""Makes one picture out of another: Pillow and nothing else."""

import io
from functools import lru_cache
from math import ceil

from PIL import Image, ImageCms, ImageOps, features

MAX_PIXELS = 50_000_000
"""Of all frames together, before they are decoded: a bomb is small until then."""

READ = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")
"""What is opened at all; Pillow knows dozens more, some of them with interpreters in them."""

QUALITY = {"AVIF": 55, "JPEG": 80, "WEBP": 78}
ENCODING = {
    "AVIF": {"speed": 8},  # slower ones save a few percent and cost seconds
    "GIF": {"optimize": False},
    "JPEG": {"optimize": True, "progressive": True},
    "PNG": {"compress_level": 6},
    "WEBP": {"method": 4},
}
MOVING = ("GIF", "WEBP")

LESS = (1.0, 0.7, 0.4)
"""Shares of the quality, tried in this order until the picture fits."""
SMALLER = (1.0, 0.7, 0.5, 0.35)
"""Then shares of the size."""

SRGB = ImageCms.createProfile("sRGB")


class TooLarge(ValueError):
    """It cannot be decoded safely, or be made small enough."""


def transformed(source, wish, max_bytes):
    """`source` as `wish` asks, in at most `max_bytes`, and its format.

    Raises `OSError`, `SyntaxError` or `ValueError` for what is no picture, `TooLarge` among them.
    """
    with Image.open(io.BytesIO(source), formats=READ) as opened:
        kind = kind_for(opened, wish.format)
        number = getattr(opened, "n_frames", 1) if kind in MOVING else 1
        if opened.width * opened.height * number > MAX_PIXELS:
            raise TooLarge(f"{number} of {opened.width} by {opened.height} pixels")
        frames = [decoded(opened, wish, frame) for frame in range(number)]
    quality = wish.quality or QUALITY.get(kind, 0)
    for size_share in SMALLER:
        fitting = [(reduced(frame, size_share), ms) for frame, ms in frames]
        for share in LESS if quality else LESS[:1]:
            body = encoded(fitting, kind, max(1, round(quality * share)), opened.info)
            if len(body) <= max_bytes:
                return body, kind
    raise TooLarge(f"more than {max_bytes:,} bytes at the lowest quality")


def kind_for(opened, wanted):
    """The format to write: the wanted one if it can be, or what everybody can read."""
    animated = getattr(opened, "is_animated", False)
    if wanted == "AVIF" and (animated or not features.check("avif")):
        return "WEBP"  # who reads AVIF reads it too
    if wanted:
        return wanted
    if animated:
        return "GIF"
    return "PNG" if opened.has_transparency_data else "JPEG"


def decoded(opened, wish, frame):
    """A frame upright, in sRGB and in its new size; and its milliseconds."""
    if frame:
        opened.seek(frame)
    orientation = opened.getexif().get(0x0112, 1)
    turned = orientation >= 5
    width, height = (opened.height, opened.width) if turned else opened.size
    (left, top, right, bottom), target = planned((width, height), wish)
    # A JPEG is decoded at a half, a quarter or an eighth of its size where that suffices.
    enough = (ceil(width * target[0] / (right - left)), ceil(height * target[1] / (bottom - top)))
    opened.draft(None, enough[::-1] if turned else enough)
    picture = in_plain_mode(opened)
    milliseconds = opened.info.get("duration", 100)
    if orientation != 1:
        picture = ImageOps.exif_transpose(picture)
    across, down = picture.width / width, picture.height / height
    box = (left * across, top * down, right * across, bottom * down)
    if picture.size != target or box != (0, 0, *target):
        picture = picture.resize(target, Image.Resampling.LANCZOS, box, reducing_gap=3.0)
    picture = in_srgb(picture, opened.info.get("icc_profile"))
    picture.info = {}  # neither the place where it was taken nor a profile that it has no more
    return picture, milliseconds


def planned(size, wish):
    """Which part of a picture of `size` to take, and how large to make it: never larger."""
    width, height = size
    wide, high = wish.width or width, wish.height or height
    left = top = 0
    if wish.fit == "fill":
        shrink = min(1.0, width / wide, height / high)
        target = (wide * shrink, high * shrink)
    elif wish.fit == "cover":
        scale = max(wide / width, high / height)
        part = (min(width, wide / scale), min(height, high / scale))
        left, top = (width - part[0]) / 2, (height - part[1]) / 2
        target = [side * min(scale, 1.0) for side in part]
    else:
        scale = min(1.0, wide / width, high / height)
        target = (width * scale, height * scale)
    box = (left, top, width - left, height - top)
    return box, (max(1, round(target[0])), max(1, round(target[1])))


def in_plain_mode(opened):
    """The frame in a mode that can be resized and has a meaning: no palette, eight bits."""
    if opened.mode.startswith("I"):  # sixteen bits of grey
        return opened.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if opened.has_transparency_data:
        return opened.convert("RGBA")
    if opened.mode in ("RGB", "L", "CMYK"):
        opened.load()
        return opened.copy() if getattr(opened, "is_animated", False) else opened
    return opened.convert("RGB")


def in_srgb(picture, profile):
    """Colours as they were meant: browsers and formats disagree about every other profile."""
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    plain = picture.convert("RGB") if alpha else picture
    transform = to_srgb(profile, plain.mode) if profile else None
    if transform is not None:
        plain = ImageCms.applyTransform(plain, transform)
    plain = plain.convert("RGB")
    if alpha:
        plain.putalpha(alpha)
    return plain


@lru_cache(maxsize=16)
def to_srgb(profile, mode):
    """None where there is nothing to do, or nothing that the profile could do."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(opened):
            return None
        return ImageCms.buildTransform(opened, SRGB, mode, "RGB")
    except (OSError, ImageCms.PyCMSError):
        return None


def reduced(picture, share):
    if share == 1.0:
        return picture
    size = tuple(max(1, round(side * share)) for side in picture.size)
    return picture.resize(size, Image.Resampling.LANCZOS)


def encoded(frames, kind, quality, info):
    """The bytes of the frames, which are one or an animation."""
    pictures = [flattened(picture, kind) for picture, _ in frames]
    options = dict(ENCODING[kind])
    if kind in QUALITY:
        options["quality"] = quality
    if len(pictures) > 1:
        options.update(save_all=True, append_images=pictures[1:], loop=info.get("loop", 1))
        options["duration"] = [milliseconds for _, milliseconds in frames]
        if kind == "GIF":
            options["disposal"] = 2
    out = io.BytesIO()
    pictures[0].save(out, kind, **options)
    return out.getvalue()


def flattened(picture, kind):
    """JPEG knows no transparency: white shines through."""
    if kind != "JPEG" or picture.mode == "RGB":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground

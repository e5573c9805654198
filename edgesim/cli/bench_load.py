"""What the options of `edgesim bench` say about the load."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from ..bench.lists import METHODS, listed, logged
from ..bench.pace import Stage
from ..bench.workload import (
    Fields,
    Lines,
    Target,
    Workload,
    crossed,
    numbered,
    parse_url,
    workload,
)
from ..config.world import world
from ..errors import ConfigError, suggestion
from ..sim.popularity import zipf_weights

DEFAULT_URL = "http://127.0.0.1:8080/"
VIEWER_FIELD = "x-edgesim-viewer"
RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
"""`{1..100}`: so many values."""


def requests_for(
    urls: Sequence[str],
    *,
    lists: tuple[Path | None, Path | None],
    objects: int,
    zipf: float,
    methods: Sequence[str],
    always: Sequence[tuple[str, str]],
    varied: Sequence[str],
    viewers: str | None,
    body: Path | None,
) -> Workload:
    """Every request that may be sent. `lists` are a file of URLs and an access log.

    Raises `ConfigError`.
    """
    parsed = [parse_url(url) for url in urls or (DEFAULT_URL,)]
    target = parsed[0][0]
    for url, (other, _) in zip(urls, parsed, strict=False):
        if other != target:
            hint = "a test has one server; use another run for the other"
            raise ConfigError(f"{url} is not at {target.url}", where="edgesim bench", hint=hint)
    url_list, access_log = lists
    if url_list is not None or access_log is not None:
        lines = listed(url_list) if url_list else logged(access_log) if access_log else {}
        lines = _ranked(lines, zipf)
    else:
        paths = chain.from_iterable(numbered(path, objects) for _, path in parsed)
        lines = _ranked(crossed(dict.fromkeys(paths, 1.0), _methods(methods)), zipf)
    fields = [_varied(text) for text in varied]
    if viewers:
        fields.append((VIEWER_FIELD, cities(viewers)))
    return workload(target, lines, Fields(always, fields, _body(body)))


def cities(text: str) -> dict[str, float]:
    """The names in `--viewers`; for `world` the map's, each with its share of the world's viewers.

    Raises `ConfigError` for a place that is on no map.
    """
    if text == "world":
        return {city.name: city.weight for city in world().viewer_cities.values() if city.weight}
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        world().viewer(name, "--viewers")
    return dict.fromkeys(names, 1.0)


def _ranked(lines: Lines, zipf: float) -> Lines:
    """With an exponent the order of the lines is that of their popularity."""
    if not zipf:
        return lines
    return dict(zip(lines, zipf_weights(len(lines), zipf), strict=True))


def _methods(texts: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for text in texts:
        name, _, share = text.partition("=")
        if name not in METHODS:
            hint = suggestion(name, METHODS)
            raise ConfigError(f"no method is named {name!r}", where="--method", hint=hint)
        found[name] = _number(share or "1", "--method")
    return found


def _varied(text: str) -> tuple[str, dict[str, float]]:
    name, colon, values = text.partition(":")
    if not colon or not name.strip():
        hint = "write 'Cookie: id={1..100}' or 'User-Agent: a|b'"
        raise ConfigError(f"{text!r} is no field with values", where="--vary", hint=hint)
    found = chain.from_iterable(_counted(value.strip()) for value in values.split("|"))
    return name.strip(), dict.fromkeys(found, 1.0)


def _counted(value: str) -> list[str]:
    match = RANGE.search(value)
    if match is None:
        return [value]
    first, last = int(match[1]), int(match[2])
    return [f"{value[: match.start()]}{n}{value[match.end() :]}" for n in range(first, last + 1)]


def _body(path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"it cannot be read: {error.strerror}", where=str(path)) from None


def open_loop(rate: str | None, warm_up_s: float, seconds: float) -> list[Stage]:
    """The stages of `--rate`; none for a closed loop. Raises `ConfigError`."""
    if rate is None:
        return []
    if ":" in rate:
        low, _, high = rate.partition(":")
        first, last = (0.0 if end == "0" else _number(end, "--rate") for end in (low, high))
        _number(f"{first + last:g}", "--rate")
        steps = [Stage(seconds, first, last)]
    else:
        rates = [_number(one, "--rate") for one in rate.split(",")]
        steps = [Stage(seconds / len(rates), one, one) for one in rates]
    before = [Stage(warm_up_s, steps[0].rate, steps[0].rate)] if warm_up_s else []
    return [*before, *steps]


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ConfigError(f"{text!r} is no number", where=where) from None
    if not 0 < value <= 1_000_000:
        raise ConfigError(f"{text} is not between 0 and 1,000,000", where=where)
    return value


def tls_for(target: Target, *, insecure: bool) -> ssl.SSLContext | None:
    """How to speak to `target`; None without TLS."""
    if target.scheme != "https":
        return None
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

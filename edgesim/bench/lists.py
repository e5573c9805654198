"""What to ask for, from files: lists of URLs, access logs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import ConfigError
from .workload import Lines, parse_url

COMBINED = re.compile(r'"([A-Z]+) (\S+) HTTP/[\d.]+"')
"""The request line in a log of the common or the combined format."""

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def listed(path: Path) -> Lines:
    """The URLs or paths of a file, one a line, a weight behind it where it matters.

    Lines may begin with a method. Raises `ConfigError`, with the line.
    """
    found: Counter[tuple[str, str]] = Counter()
    for number, line in enumerate(_read(path), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        method = words.pop(0) if words[0] in METHODS else "GET"
        where = f"{path}:{number}"
        if not 1 <= len(words) <= 2:
            hint = "a line is [METHOD] URL [WEIGHT]"
            raise ConfigError(f"{line.strip()!r} is no request", where=where, hint=hint)
        url = words[0]
        target = url if url.startswith("/") else parse_url(url)[1]
        try:
            weight = float(words[1]) if len(words) == 2 else 1.0
        except ValueError:
            raise ConfigError(f"{words[1]!r} is no weight", where=where) from None
        if weight <= 0:
            raise ConfigError(f"the weight {words[1]} is not above 0", where=where)
        found[method, target] += weight  # type: ignore[assignment]  # weights may be fractions
    return _some(found, path)


def logged(path: Path) -> Lines:
    """The requests of an access log, each as often as it came.

    CloudFront's standard log (tab-separated, with a `#Fields` line), or the common or combined
    format of other servers. Lines that are neither are passed over; raises `ConfigError` if
    there is nothing else.
    """
    lines = _read(path)
    cloudfront = any(line.startswith("#Fields:") for line in lines[:10])
    requests = _of_cloudfront(lines) if cloudfront else _of_others(lines)
    return _some(Counter(requests), path)


def _of_cloudfront(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """CloudFront: "Standard logging reference"."""
    names: list[str] = []
    for line in lines:
        if line.startswith("#Fields:"):
            names = line.removeprefix("#Fields:").split()
        elif not line.startswith("#"):
            fields = dict(zip(names, line.rstrip("\n").split("\t"), strict=False))
            stem, query = fields.get("cs-uri-stem", ""), fields.get("cs-uri-query", "-")
            method = fields.get("cs-method", "")
            if stem.startswith("/") and method in METHODS:
                yield method, stem if query in ("-", "") else f"{stem}?{query}"


def _of_others(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        match = COMBINED.search(line)
        if match and match[1] in METHODS and match[2].startswith("/"):
            yield match[1], match[2]


def _some(found: Counter[tuple[str, str]], path: Path) -> Lines:
    if not found:
        raise ConfigError("there is no request in it", where=str(path))
    return dict(found)


def _read(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise ConfigError(f"it cannot be read: {error.strerror}", where=str(path)) from None

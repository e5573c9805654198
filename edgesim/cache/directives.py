"""Cache-Control directives (RFC 9111 §5.2)."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_DELTA_S = 2**31
"""Greater delta-seconds are read as this (RFC 9111 §1.2.2)."""

_MAX_DIGITS = len(str(MAX_DELTA_S))

_DIRECTIVE = re.compile(r'([^\s,=;"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^,]*))?[^,]*(?:,|$)')


@lru_cache(maxsize=4096)
def parse_cache_control(value: str | None) -> dict[str, str]:
    """Directive name (lower case) to argument, "" where there is none.

    Of a directive that stands twice the first counts (RFC 9111 §4.2.1).
    """
    directives: dict[str, str] = {}
    for name, argument in _DIRECTIVE.findall(value or ""):
        directives.setdefault(name.lower(), argument.strip().strip('"'))
    return directives


def delta_seconds(argument: str) -> int:
    """Seconds; an unreadable argument counts as 0, that is, stale (RFC 9111 §4.2.1)."""
    if not (argument.isascii() and argument.isdigit()):
        return 0
    digits = argument.lstrip("0")
    return MAX_DELTA_S if len(digits) > _MAX_DIGITS else min(int(digits or 0), MAX_DELTA_S)


def fields_named(argument: str | None) -> frozenset[str]:
    """The field names of a qualified `private="…"` or `no-cache="…"`, lower case."""
    names = (name.strip().lower() for name in (argument or "").split(","))
    return frozenset(name for name in names if name)

"""Dates in header fields, both ways (RFC 9110 §5.6.7)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

_FORMATS = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")


@lru_cache(maxsize=1024)
def parse_date(value: str) -> float | None:
    """Seconds since 1970, or None if `value` has none of the three forms of HTTP-date."""
    for form in _FORMATS:
        try:
            return datetime.strptime(value.strip(), form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return None


@lru_cache(maxsize=64)
def _format(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def format_date(moment: float) -> str:
    """`moment`, in seconds since 1970, as IMF-fixdate."""
    return _format(int(moment))

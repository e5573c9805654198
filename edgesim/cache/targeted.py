"""Cache directives meant for CDNs alone: CDN-Cache-Control (RFC 9213)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import http_sf

from ..http.headers import Headers

FIELD = "cdn-cache-control"
OVERRULED = ("cache-control", "expires")
"""What a valid targeted field leaves without a say (RFC 9213 §2.2)."""

_DELTA_SECONDS = frozenset({"max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"})


def governing(headers: Headers) -> Headers:
    """`headers` with what CDN-Cache-Control says in place of Cache-Control and Expires.

    A field that is empty, no structured field or of the wrong type counts as absent (§2.1).
    """
    value = headers.get(FIELD)
    directives = None if value is None else _translated(value)
    if directives is None:
        return headers
    return headers.without(*OVERRULED).plus(("Cache-Control", directives))


@lru_cache(maxsize=1024)
def _translated(value: str) -> str | None:
    """A dictionary of directives as Cache-Control would have them; None if it is not valid."""
    try:
        members: Any = http_sf.parse(value.encode("latin-1"), tltype="dictionary")
    except ValueError:
        return None
    directives = [_directive(name, member[0]) for name, member in members.items()]
    if not directives or None in directives:
        return None
    return ", ".join(filter(None, directives))


def _directive(name: str, value: Any) -> str | None:
    """One directive: bare for true, nothing for false, None for a type it cannot have."""
    whole = type(value) is int
    if name in _DELTA_SECONDS:
        return f"{name}={max(0, value)}" if whole else None
    if isinstance(value, bool):
        return name if value else ""
    if isinstance(value, list):
        value = ", ".join(str(member[0]) for member in value)
    return f'{name}="{value}"'

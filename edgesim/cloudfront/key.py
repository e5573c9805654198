"""The cache key (CloudFront: "Understand the cache key")."""

from __future__ import annotations

import re
from functools import lru_cache

from ..cache.store import CacheKey
from ..http.headers import Headers
from ..http.message import Request
from .policies import CachePolicy, Choice, Selection

_REFUSED = re.compile(r";\s*q\s*=\s*0(\.0*)?\s*$", re.IGNORECASE)
"""A weight of 0: the viewer does not take this coding (RFC 9110 §12.4.2)."""


def cache_key(policy: CachePolicy, request: Request) -> CacheKey:
    """Two requests with equal keys get the same stored response.

    GET and HEAD share a key; OPTIONS has its own. Values are compared as they came:
    nothing is decoded and query parameters are not sorted. What was stored under a policy
    whose keys had another shape is not found: of that the guide says nothing.
    """
    query = selected_query(policy.query, request.query)
    url = f"{request.path}?{query}" if query is not None else request.path
    parts = [url, policy.fingerprint]
    if request.method == "OPTIONS":
        parts.append("OPTIONS")
    if policy.headers:
        for name in sorted(policy.headers.names):
            value = request.headers.get(name)
            parts.append(name if value is None else f"{name}={value}")
    if policy.cookies:
        parts.append(f"cookie={selected_cookies(policy.cookies, cookies(request.headers))}")
    if policy.gzip or policy.brotli:
        parts.append(f"accept-encoding={accepted_encodings(policy, request) or ''}")
    return tuple(parts)


def selected_query(selection: Selection, query: str) -> str | None:
    """The parameters that `selection` takes, in the order they came; None if there are none."""
    if selection.choice is Choice.ALL:
        return query or None
    if not query or not selection:
        return None
    taken = [part for part in query.split("&") if selection.takes(part.partition("=")[0])]
    return "&".join(taken) if taken else None


def cookies(headers: Headers) -> str | None:
    """Cookie as one value: HTTP/2 viewers send a line for each pair (RFC 9113 §8.2.3)."""
    lines = headers.all("cookie")
    return "; ".join(lines) if lines else None


def selected_cookies(selection: Selection, cookie: str | None) -> str | None:
    """The cookies that `selection` takes, sorted by name as CloudFront sends them on."""
    if not cookie or not selection:
        return None
    pairs = [part.strip() for part in cookie.split(";")]
    taken = [
        pair
        for pair in pairs
        if "=" in pair and not pair.startswith("$") and selection.takes(pair.partition("=")[0])
    ]
    return "; ".join(sorted(taken, key=lambda pair: pair.partition("=")[0])) or None


def accepted_encodings(policy: CachePolicy, request: Request) -> str | None:
    """Accept-Encoding as CloudFront normalises it: `br,gzip`, one of them, or None."""
    value = request.headers.get("accept-encoding")
    return None if value is None else _normalised(value, brotli=policy.brotli, gzip=policy.gzip)


@lru_cache(maxsize=1024)
def _normalised(accept_encoding: str, *, brotli: bool, gzip: bool) -> str | None:
    accepted = {
        coding.partition(";")[0].strip().lower()
        for coding in accept_encoding.split(",")
        if not _REFUSED.search(coding)
    }
    offered = [("br", brotli), ("gzip", gzip)]
    return ",".join(name for name, on in offered if on and name in accepted) or None

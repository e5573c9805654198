"""How long CloudFront keeps a response: the origin proposes, the cache policy disposes.

CloudFront: "Manage how long content stays in the cache (expiration)" and "How CloudFront
processes HTTP 4xx and 5xx status codes from your origin".
"""

from __future__ import annotations

from ..cache.directives import parse_cache_control
from ..cache.freshness import age_value, explicit_lifetime
from ..cache.storing import NotStored
from ..http.headers import Headers
from ..http.message import Response
from .policies import CachePolicy

ERRORS_ALWAYS_CACHED = frozenset({404, 410, 414, 500, 501, 502, 503, 504})
ERRORS_CACHED_IF_TOLD = frozenset({400, 403, 405, 412, 415})
"""Only with max-age or s-maxage."""
ERRORS_THAT_HEED_NO_STORE = frozenset({404, 410, 414, 501})
REDIRECTS_CACHED_IF_TOLD = frozenset({307, 308})
"""Only with a Cache-Control of the origin."""

_FORBIDDING = {"no-store": NotStored.NO_STORE, "private": NotStored.PRIVATE}


def forbidding(headers: Headers) -> str | None:
    """The bare directive that speaks against caching, the strongest first; None if none does."""
    directives = parse_cache_control(headers.get("cache-control"))
    for name in ("no-store", "private", "no-cache"):
        if directives.get(name) == "":
            return name
    return None


def told_lifetime(headers: Headers, now: float) -> int | None:
    """What the origin asks for, counted from age 0; None if it is silent.

    CloudFront: Expires is held against the edge's own clock, not against Date.
    """
    dateless = headers.without("date") if "expires" in headers else headers
    return explicit_lifetime(dateless, now - age_value(headers))


def edge_ttl(policy: CachePolicy, response: Response, now: float) -> int | NotStored:
    """Seconds for which a response that is no error stays fresh, or why it is not kept.

    A minimum TTL above 0 overrules no-store, private and no-cache, as the guide warns.
    """
    if not policy.caches:
        return NotStored.DISABLED
    headers = response.headers
    if response.status in REDIRECTS_CACHED_IF_TOLD and "cache-control" not in headers:
        return NotStored.STATUS
    directive = forbidding(headers)
    if directive is not None:
        if policy.min_ttl_s == 0 and directive in _FORBIDDING:
            return _FORBIDDING[directive]
        return policy.min_ttl_s
    lifetime = told_lifetime(headers, now)
    if lifetime is None:
        return max(policy.min_ttl_s, policy.default_ttl_s)
    return min(max(lifetime, policy.min_ttl_s), policy.max_ttl_s)


def error_ttl(
    policy: CachePolicy, response: Response, minimum_s: int, now: float
) -> int | NotStored:
    """Seconds for which an error is kept, or why it is not.

    `minimum_s` is the distribution's ErrorCachingMinTTL for this status.
    """
    status, headers = response.status, response.headers
    if not policy.caches:
        return NotStored.DISABLED
    if status not in ERRORS_ALWAYS_CACHED | ERRORS_CACHED_IF_TOLD:
        return NotStored.STATUS
    directives = parse_cache_control(headers.get("cache-control"))
    if status in ERRORS_CACHED_IF_TOLD and not {"max-age", "s-maxage"} & directives.keys():
        return NotStored.STATUS
    directive = forbidding(headers)
    if directive is not None:
        if status in ERRORS_THAT_HEED_NO_STORE:
            return _FORBIDDING.get(directive, NotStored.NO_LIFETIME)
        return minimum_s or NotStored.NO_LIFETIME
    lifetime = min(told_lifetime(headers, now) or 0, policy.max_ttl_s)
    return max(minimum_s, lifetime) or NotStored.NO_LIFETIME

"""`ForwardedValues`, the older way to say what an origin is sent and what is in the cache key.

It comes to a cache policy and an origin request policy, so that nothing else knows of it.
CloudFront: "Cache behavior settings", "Cache content based on query string parameters",
"… cookies", "… request headers".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .policies import (
    EVERYTHING,
    NOTHING,
    CachePolicy,
    OriginRequestPolicy,
    Selection,
    all_except,
    listed,
)

NAME = "ForwardedValues"

REMOVED_UNLESS_LISTED = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "authorization",
        "host",
        "referer",
        "user-agent",
        "x-http-method-override",
    }
)
"""All other headers are sent on, which policies would drop.

CloudFront: "Request and response behavior for custom origins", HTTP request headers.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """The three TTLs of a behavior, in seconds."""

    min_ttl_s: int
    default_ttl_s: int
    max_ttl_s: int


def as_policies(
    *,
    query_string: bool,
    query_string_cache_keys: Iterable[str],
    cookies: Selection,
    headers: Iterable[str],
    lifetimes: Lifetimes,
) -> tuple[CachePolicy, OriginRequestPolicy]:
    """The two policies that do the same.

    Query strings listed as cache keys are in the key, and all are sent. Headers listed are in
    the key and sent; `*` sends all, and then nothing is cached. Accept-Encoding is normalised
    to gzip, which is all that is compressed without a policy (CloudFront: "Serve compressed
    files"). Raises `ConfigError` if the TTLs are out of order.
    """
    keyed = frozenset(header.lower() for header in headers)
    query = listed(*query_string_cache_keys) or EVERYTHING if query_string else NOTHING
    everything = "*" in keyed
    policy = CachePolicy(
        name=NAME,
        min_ttl_s=0 if everything else lifetimes.min_ttl_s,
        default_ttl_s=0 if everything else lifetimes.default_ttl_s,
        max_ttl_s=0 if everything else lifetimes.max_ttl_s,
        headers=NOTHING if everything else listed(*keyed - {"accept-encoding"}),
        cookies=cookies,
        query=query,
        gzip=not everything,
    )
    sent = EVERYTHING if everything else all_except(*REMOVED_UNLESS_LISTED)
    return policy, OriginRequestPolicy(
        name=NAME, headers=sent, query=EVERYTHING if query_string else NOTHING
    )

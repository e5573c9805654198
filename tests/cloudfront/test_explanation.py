from __future__ import annotations

import pytest

from edgesim.cache.storing import NotStored
from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.explanation import key_parts, lifetimes, patterns_tried
from edgesim.cloudfront.key import cache_key
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import (
    EVERYTHING,
    NOTHING,
    CachePolicy,
    Choice,
    Selection,
    all_except,
    listed,
)
from edgesim.http.headers import Headers
from edgesim.http.message import Request

ORIGIN = Origin("app", host="origin.example.test")
REQUEST = Request(
    "GET",
    "/a?page=2&utm=x",
    Headers(
        [
            ("Host", "www.example.test"),
            ("Cookie", "session=1; _ga=2"),
            ("Accept-Encoding", "gzip, br"),
            ("X-Variant", "b"),
        ]
    ),
)

KEYS = [
    # the policy, what is in the key beside the path, why
    (CachePolicy(), [], "the policy takes nothing"),
    (CachePolicy(query=EVERYTHING), ["page", "utm"], "all parameters"),
    (CachePolicy(query=listed("page")), ["page"], "one parameter"),
    (CachePolicy(query=all_except("page")), ["utm"], "all but one"),
    (CachePolicy(cookies=listed("session")), ["session"], "one cookie"),
    (CachePolicy(cookies=Selection(Choice.MATCHING, frozenset({"s*"}))), ["session"], "wildcard"),
    (CachePolicy(headers=listed("x-variant")), ["x-variant"], "a header"),
    (CachePolicy(headers=listed("x-none")), ["x-none"], "a header that is absent counts as such"),
    (CachePolicy(gzip=True), ["accept-encoding"], "the encodings"),
]


@pytest.mark.parametrize(("policy", "names", "why"), KEYS, ids=lambda v: str(v)[:40])
def test_what_is_in_the_key_is_told(policy: CachePolicy, names: list[str], why: str) -> None:
    parts = list(key_parts(policy, REQUEST))
    assert [part.name for part in parts if part.keyed] == ["path", *names], why
    bare = cache_key(policy, Request("GET", "/a"))
    assert bool(names) == (cache_key(policy, REQUEST) != bare or "x-none" in names), why
    kinds = [part.kind for part in parts]
    assert kinds.count("query") == kinds.count("cookie") == 2, "what is left out is told as well"


def test_the_rfc_keys_by_the_url() -> None:
    assert [part.value for part in key_parts(None, REQUEST)] == [
        "/a?page=2&utm=x",
        "www.example.test",
    ]


def test_options_has_a_key_of_its_own() -> None:
    kinds = [part.kind for part in key_parts(CachePolicy(query=NOTHING), Request("OPTIONS", "/"))]
    assert kinds == ["url", "method"]


def test_patterns_are_tried_in_order_up_to_the_first_match() -> None:
    patterns = ("/api/*", "*.png", "/img/*", "*")
    distribution = Distribution(tuple(Behavior(pattern, ORIGIN) for pattern in patterns))

    def tried(path: str) -> list[tuple[str, bool]]:
        found = patterns_tried(distribution, path)
        return [(one.behavior.path_pattern, one.matched) for one in found]

    assert tried("/img/a.png") == [("/api/*", False), ("*.png", True)]
    assert tried("/") == [("/api/*", False), ("*.png", False), ("/img/*", False), ("*", True)]


TTLS = [
    # the policy, seconds for silence, max-age=3600, no-cache and no-store
    (
        CachePolicy(min_ttl_s=0, default_ttl_s=0),
        [0, 3600, 0, NotStored.NO_STORE],
        "the origin decides",
    ),
    (CachePolicy(default_ttl_s=60, max_ttl_s=600), [60, 600, 1, 1], "the maximum caps"),
    (CachePolicy(min_ttl_s=86_400), [86_400, 86_400, 86_400, 86_400], "the minimum raises"),
    (
        CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=0),
        [NotStored.DISABLED] * 4,
        "caching is off",
    ),
]


@pytest.mark.parametrize(("policy", "ttls", "why"), TTLS, ids=lambda v: str(v)[:40])
def test_the_arithmetic_of_a_policy(
    policy: CachePolicy, ttls: list[int | NotStored], why: str
) -> None:
    assert [one.ttl for one in lifetimes(policy, 3600)] == ttls, why

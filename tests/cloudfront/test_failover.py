"""CloudFront: "Optimize high availability with CloudFront origin failover"."""

from __future__ import annotations

from typing import Any

import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import ALL_METHODS, READ_METHODS, Behavior
from edgesim.cloudfront.failover import standby
from edgesim.cloudfront.origin import FAILOVER_CODES, Failover, Origin
from edgesim.cloudfront.policies import CachePolicy
from edgesim.errors import EdgesimError, OriginError, OriginTimeout
from edgesim.http.message import Request
from tests.conftest import World

PRIMARY, SECONDARY = Origin("a", host="a.test"), Origin("b", host="b.test")
POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)
REFUSED, DNS = OriginError("refused"), OriginError("no such host", code="OriginDnsError")
GARBLED = OriginError("not HTTP", code="OriginInvalidResponseError")
SLOW = OriginTimeout("30 s are over")

ROWS: list[tuple[str, int, EdgesimError | None, set[int], bool, str]] = [
    # method, status, failure     listed       over?  why
    *(("GET", code, None, {code}, True, "listed") for code in sorted(FAILOVER_CODES)),
    ("GET", 500, None, {502}, False, "another is listed"),
    ("GET", 200, None, set(FAILOVER_CODES), False, "no error"),
    ("GET", 302, None, set(FAILOVER_CODES), False, "no error"),
    ("GET", 501, None, set(FAILOVER_CODES), False, "cannot be listed"),
    ("GET", 502, REFUSED, {503}, True, "no connection goes by 503"),
    ("GET", 502, REFUSED, {502, 504}, False, "and by nothing else"),
    ("GET", 502, DNS, {503}, True, "no address, no connection"),
    ("GET", 502, DNS, {502, 504}, False, "the same"),
    ("GET", 504, SLOW, {504}, True, "too slow goes by 504"),
    ("GET", 504, SLOW, {502, 503}, False, "and by nothing else"),
    ("GET", 502, GARBLED, {502}, True, "what is no response is a bad gateway"),
    ("HEAD", 500, None, {500}, True, "as GET"),
    *((method, 500, None, {500}, False, "never") for method in ("POST", "PUT", "PATCH", "DELETE")),
    ("OPTIONS", 500, None, {500}, False, "only where it is cached"),
]


@pytest.mark.parametrize(("method", "status", "failure", "listed", "over", "why"), ROWS)
def test_when_the_secondary_is_asked(
    method: str, status: int, failure: EdgesimError | None, listed: set[int], over: bool, why: str
) -> None:
    behavior = Behavior("*", PRIMARY, failover=Failover(SECONDARY, frozenset(listed)))
    instead = standby(behavior, Request(method, "/"), status, failure)
    assert (instead is not None) == over, why
    if instead is not None:
        assert (instead.origin, instead.failover) == (SECONDARY, None), "and nobody after it"


def test_a_cached_options_fails_over() -> None:
    rules = CloudFrontCaching(POLICY, cached_methods=READ_METHODS | {"OPTIONS"})
    failover = Failover(SECONDARY, frozenset({500}))
    behavior = Behavior("*", PRIMARY, rules=rules, failover=failover)
    assert standby(behavior, Request("OPTIONS", "/"), 500, None) is not None
    assert behavior.origins == (PRIMARY, SECONDARY)


def test_without_a_group_nobody_stands_by() -> None:
    assert standby(Behavior("*", PRIMARY), Request("GET", "/"), 500, None) is None


def grouped(**settings: Any) -> World:
    secondary = Origin("b", host="b.test", path="/copy")
    failover = Failover(secondary, frozenset({404, 500, 503}))
    world = World(policy=POLICY, failover=failover, **settings)
    world.origin.down = "origin.example.test"
    return world


def test_every_miss_tries_the_primary_first() -> None:
    world = grouped()
    for target in ("/a", "/b"):
        assert world.get(target).response.status == 200
    asked = [(r.headers.get("host"), r.target) for r in world.origin.requests]
    assert asked == [
        ("origin.example.test", "/a"),
        ("b.test", "/copy/a"),
        ("origin.example.test", "/b"),
        ("b.test", "/copy/b"),
    ], "each with its own host and path"


def test_what_the_secondary_answered_is_stored_under_the_same_key() -> None:
    world = grouped()
    world.get("/a")
    assert world.get("/a").result_type == "Hit"
    world.origin.down = ""
    world.tiers[0].store.invalidate("/*")
    world.tiers[1].store.invalidate("/*")
    world.get("/a")
    assert world.origin.last().headers.get("host") == "origin.example.test"


def test_a_post_stays_with_the_primary() -> None:
    world = grouped(allowed_methods=ALL_METHODS)
    assert world.get("/a", method="POST", body=b"x").response.status == 500
    assert len(world.origin.requests) == 1

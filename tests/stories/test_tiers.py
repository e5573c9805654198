"""Which caches a request passes: CloudFront: "How CloudFront works with regional edge caches"."""

from __future__ import annotations

from typing import Any

import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import READ_METHODS
from edgesim.cloudfront.policies import CachePolicy
from tests.conftest import World

POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)
OFF = CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=0)
OPTIONS_TOO = {"rules": CloudFrontCaching(POLICY, cached_methods=READ_METHODS | {"OPTIONS"})}
WEBSOCKET = {"upgrade": "websocket", "connection": "Upgrade"}

WAYS: list[tuple[CachePolicy | None, dict[str, Any], dict[str, Any], list[str], list[int], str]] = [
    # policy, behavior, request                 caches asked         then stored in each, and why
    (POLICY, {}, {}, ["pop", "regional"], [1, 1], "a GET that may be cached passes both"),
    (POLICY, {}, {"method": "HEAD"}, ["pop", "regional"], [1, 1], "and so does a HEAD"),
    (OFF, {}, {}, ["pop"], [0, 0], "caching is off: straight to the origin"),
    (POLICY, {}, {"method": "POST"}, ["pop"], [0, 0], "proxy methods go straight"),
    (POLICY, {}, {"method": "OPTIONS"}, ["pop"], [0, 0], "OPTIONS is one of them"),
    (POLICY, OPTIONS_TOO, {"method": "OPTIONS"}, ["pop"], [1, 0], "cached at the POP, no farther"),
    (POLICY, {}, WEBSOCKET, ["pop"], [0, 0], "a WebSocket is nothing for a cache"),
    (None, {}, {"method": "POST"}, ["pop", "regional"], [0, 0], "RFC 9111 §4.4 is for both"),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "behavior", "request_", "asked", "stored", "why"), WAYS)
def test_which_caches_are_asked(
    policy: CachePolicy | None,
    behavior: dict[str, Any],
    request_: dict[str, Any],
    asked: list[str],
    stored: list[int],
    why: str,
) -> None:
    world = World(policy=policy, **behavior)
    before = world.sim.now
    served = world.get("/a", **request_)
    assert [verdict.tier for verdict in served.verdicts] == asked, why
    assert [len(tier.store) for tier in world.tiers] == stored, why
    assert world.sim.now - before == pytest.approx(0.15), "the way is as long past a cache"


def test_options_has_a_key_of_its_own() -> None:
    world = World(policy=POLICY, **OPTIONS_TOO)
    world.get("/a")
    assert world.get("/a", method="OPTIONS").result_type == "Miss"
    assert world.get("/a", method="OPTIONS").result_type == "Hit"
    assert len(world.origin.requests) == 2
    assert world.tiers[0].store.invalidate("/a") == 2, "an invalidation finds both"


def test_a_cached_options_goes_without_authorization() -> None:
    for behavior, there in ((OPTIONS_TOO, False), ({}, True)):
        world = World(policy=POLICY, **behavior)
        world.get("/a", method="OPTIONS", authorization="Basic eDp5")
        assert ("authorization" in world.origin.last().headers) == there


AGES = [
    # seconds since the fetch  Age   result          why
    (0, None, "Hit", "nothing in the first second"),
    (1, "1", "Hit", "then whole seconds"),
    (59, "59", "Hit", "until it expires"),
    (61, None, "RefreshHit", "a 304 makes it new"),
]


@pytest.mark.parametrize(("seconds", "age", "result", "why"), AGES)
def test_age(seconds: int, age: str | None, result: str, why: str) -> None:
    world = World(policy=POLICY)
    world.origin.headers = {"Cache-Control": "max-age=60", "ETag": '"v1"'}
    world.origin.seconds = 0
    assert world.get("/a").response.headers.get("age") is None, "a miss has none"
    world.pass_time(seconds)
    served = world.get("/a")
    assert (served.response.headers.get("age"), served.result_type) == (age, result), why


def test_an_object_of_more_than_50_gb_is_an_error() -> None:
    world = World(policy=POLICY)
    world.origin.headers = {"Content-Length": str(51 * 1024**3)}
    served = world.get("/a")
    assert served.response.status == 502
    assert [len(tier.store) for tier in world.tiers] == [1, 1], "an error like any other"
    assert "in parts" in (served.failure.hint if served.failure else "")

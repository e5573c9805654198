"""Errors as viewers meet them: whose page, with which status, for how long.

CloudFront: "Control how long CloudFront caches errors", "Change response codes returned by
CloudFront". Which functions run around a page is in `test_triggers.py`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.custom_errors import CustomErrorResponse
from edgesim.cloudfront.distribution import Distribution
from edgesim.cloudfront.policies import CachePolicy
from edgesim.errors import EdgesimError, OriginError, OriginTimeout
from edgesim.http.headers import Headers
from edgesim.http.message import Response
from tests.conftest import World

POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)
OFF = CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=0)
SORRY = CustomErrorResponse(404, 200, "/errors/sorry.html")
PAGE = Response(
    200, Headers([("Cache-Control", "max-age=600"), ("Content-Type", "text/html")]), b"sorry"
)


def world_with(policy: CachePolicy = POLICY, **errors: int) -> World:
    caching = {int(name.removeprefix("e")): seconds for name, seconds in errors.items()}
    custom = {code: replace(SORRY, error_code=code) for code in (403, 404, 416, 502, 504)}
    rules = CloudFrontCaching(policy, error_caching=caching)
    world = World(policy=policy, custom_errors=custom, rules=rules)
    world.origin.pages[SORRY.page_path] = PAGE
    return world


def asked_for(world: World, target: str) -> int:
    return sum(request.target == target for request in world.origin.requests)


KEPT = [
    # what happens                        seconds  why
    ({"status": 404}, 10, "10 s unless something else is said"),
    (
        {"status": 404, "headers": {"Cache-Control": "max-age=30"}},
        30,
        "the origin may ask for more",
    ),
    ({"status": 404, "headers": {"Cache-Control": "max-age=3"}}, 10, "but not for less"),
    ({"status": 404, "headers": {"Cache-Control": "no-store"}}, 0, "404 heeds no-store"),
    ({"status": 500}, 20, "an entry of its own"),
    ({"status": 500, "headers": {"Cache-Control": "no-store"}}, 20, "500 does not heed it"),
    ({"status": 503}, 0, "an entry of 0"),
    ({"status": 403}, 0, "403 is kept only if the origin says for how long"),
    ({"status": 403, "headers": {"Cache-Control": "max-age=5"}}, 10, "at least the minimum"),
    ({"status": 416, "headers": {"Cache-Control": "max-age=60"}}, 0, "416 never"),
    ({"status": 429, "headers": {"Cache-Control": "max-age=60"}}, 0, "not on the list"),
    ({"failure": OriginError("refused")}, 10, "CloudFront's own 502 counts as a 5xx"),
    ({"failure": OriginTimeout("slow")}, 40, "and so does its 504"),
]


@pytest.mark.parametrize(("origin", "seconds", "why"), KEPT)
def test_how_long_an_error_is_kept(origin: dict[str, object], seconds: int, why: str) -> None:
    world = world_with(e500=20, e503=0, e504=40)
    vars(world.origin).update(origin)
    world.get("/gone")
    world.pass_time(max(0, seconds - 1))
    world.get("/gone")
    assert asked_for(world, "/gone") == (1 if seconds else 2), why
    world.pass_time(2)
    world.get("/gone")
    assert asked_for(world, "/gone") == (2 if seconds else 3), why


def test_the_page_comes_with_its_own_headers_and_the_status_configured() -> None:
    world = world_with()
    world.origin.status, world.origin.headers = 404, {"X-From": "the error"}
    response = world.get("/gone", range="bytes=0-1", if_none_match='"x"').response
    assert (response.status, response.body) == (200, b"sorry"), "whole, and unconditional"
    assert response.headers.get("content-type") == "text/html"
    assert response.headers.get("x-from") is None
    assert response.headers.get("x-cache") == "Error from cloudfront"


def test_the_page_is_stored_by_itself_for_as_long_as_its_behavior_says() -> None:
    world = world_with()
    world.origin.status = 404
    for _ in range(5):
        world.get("/gone")
        world.pass_time(30)
    assert asked_for(world, "/gone") == 5, "the error is kept for 10 s"
    assert asked_for(world, SORRY.page_path) == 1, "its page for ten minutes"


def test_the_page_goes_through_the_behavior_of_its_path() -> None:
    world = world_with()
    other = replace(
        world.behavior,
        path_pattern="/errors/*",
        origin=replace(world.behavior.origin, name="errors", path="/bucket"),
    )
    distribution = replace(world.edge.distribution, behaviors=(other, world.behavior))
    world.edge = replace(world.edge, distribution=distribution)
    world.origin.pages["/bucket/errors/sorry.html"] = PAGE
    world.origin.status = 404
    assert world.get("/gone").response.body == b"sorry"
    assert world.origin.last().target == "/bucket/errors/sorry.html"


def test_without_caching_the_page_still_stands_in() -> None:
    world = world_with(OFF)
    world.origin.status = 404
    for _ in range(2):
        assert world.get("/gone").response.body == b"sorry"
    assert asked_for(world, "/gone") == asked_for(world, SORRY.page_path) == 2


REFUSED = [
    ({"failure": OriginError("refused")}, 502),
    ({"status": 403}, 403),
]


@pytest.mark.parametrize(("page", "status"), REFUSED)
def test_a_page_that_cannot_be_had_shows_why(page: dict[str, object], status: int) -> None:
    world = world_with()
    world.origin.pages.clear()
    vars(world.origin).update({"status": 404, **page})
    served = world.get("/gone")
    assert served.response.status == status
    assert served.result_type == "Error"


def test_a_range_out_of_reach_has_its_page_too() -> None:
    world = world_with()
    world.get("/a")
    assert world.get("/a", range="bytes=99-").response.body == b"sorry"


def test_what_failed_is_still_told() -> None:
    world = world_with()
    failure: EdgesimError = OriginError("refused")
    world.origin.failure = failure
    assert world.get("/gone").failure is failure


def test_a_put_that_fails_has_its_page() -> None:
    world = world_with()
    world.origin.status = 404
    served = world.get("/gone", method="PUT", body=b"hello")
    assert served.response.body == b"sorry"
    assert (world.origin.last().method, world.origin.last().body) == ("GET", b"")


def test_no_page_is_configured_by_default() -> None:
    assert not Distribution(()).custom_errors


def test_each_status_spares_the_origin_for_its_own_time() -> None:
    """CloudFront: "Control how long CloudFront caches errors", with a stale copy at hand."""
    for status, asked_again_after_s in ((500, 3), (503, 20), (502, 10)):
        rules = CloudFrontCaching(POLICY, error_caching={500: 3, 503: 20})
        world = World(policy=POLICY, rules=rules)
        world.get("/a")
        world.pass_time(61)
        world.origin.status = status
        assert world.get("/a").response.status == 200, "stale"
        asked = len(world.origin.requests)
        world.pass_time(asked_again_after_s - 1)
        world.get("/a")
        assert len(world.origin.requests) == asked, status
        world.pass_time(1)
        world.get("/a")
        assert len(world.origin.requests) == asked + 1, status

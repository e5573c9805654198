"""What is served when it has expired, and what of a response is passed on unchanged.

CloudFront: "Manage how long content stays in the cache (expiration)", "How CloudFront processes
HTTP 4xx and 5xx status codes from your origin".
"""

from __future__ import annotations

from typing import Any

import pytest

from edgesim.cloudfront.custom_errors import CustomErrorResponse
from edgesim.cloudfront.policies import CachePolicy
from edgesim.errors import EdgesimError, OriginError, OriginTimeout
from edgesim.http.message import Response
from tests.conftest import World

POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=600)
MINIMUM = CachePolicy(min_ttl_s=5, default_ttl_s=60, max_ttl_s=600)
ETAG = {"ETag": '"1"'}
REFUSED, SLOW = OriginError("refused"), OriginTimeout("30 s are over")

OUTAGES: list[tuple[dict[str, str], float, int | EdgesimError, int, str, str]] = [
    # fields of what was stored, seconds since, what the origin does, status, X-Cache, why
    ({}, 61, 500, 200, "Hit", "an expired copy is better than an error"),
    ({}, 61, 503, 200, "Hit", "any of the 500s"),
    ({}, 61, REFUSED, 200, "Hit", "or no connection"),
    ({}, 61, SLOW, 200, "Hit", "or no answer"),
    ({}, 61, 404, 404, "Error", "a 4xx is an answer"),
    ({}, 61, 403, 403, "Error", "also that of an S3 bucket"),
    ({}, 659, 500, 200, "Hit", "up to the maximum TTL past its own"),
    ({}, 660, 500, 500, "Error", "and no longer"),
    ({"Cache-Control": "max-age=60, stale-if-error=9"}, 68, 500, 200, "Hit", "as long as it says"),
    ({"Cache-Control": "max-age=60, stale-if-error=9"}, 69, 500, 500, "Error", "and no longer"),
    ({"Cache-Control": "max-age=60, stale-if-error=0"}, 61, 500, 500, "Error", "0 forbids it"),
    ({"Cache-Control": "max-age=60, stale-if-error=9999"}, 660, 500, 500, "Error", "the maximum"),
    ({"Cache-Control": "max-age=60, must-revalidate"}, 61, 500, 200, "Hit", "of this it is silent"),
    ({"Cache-Control": "no-cache"} | ETAG, 1, 500, 200, "Hit", "kept for such a case"),
    ({"Cache-Control": "max-age=0"} | ETAG, 1, REFUSED, 200, "Hit", "the same"),
    ({"Cache-Control": "no-cache, stale-if-error=0"} | ETAG, 1, 500, 500, "Error", "unless told"),
    ({"Cache-Control": "no-store"}, 1, 500, 500, "Error", "what is not kept is not there"),
    ({"Cache-Control": "private"}, 1, 500, 500, "Error", "the same"),
]


@pytest.mark.parametrize(("fields", "seconds", "does", "status", "result", "why"), OUTAGES)
def test_an_outage(
    fields: dict[str, str],
    seconds: float,
    does: int | EdgesimError,
    status: int,
    result: str,
    why: str,
) -> None:
    world = World(policy=POLICY)
    world.origin.headers, world.origin.seconds = fields, 0
    world.get("/a")
    world.pass_time(seconds)
    if isinstance(does, int):
        world.origin.status = does
    else:
        world.origin.failure = does
    served = world.get("/a")
    assert (served.response.status, served.result_type) == (status, result), why


@pytest.mark.parametrize("stored", [True, False])
def test_a_page_stands_in_only_where_no_copy_can(stored: bool) -> None:
    page = CustomErrorResponse(500, 200, "/sorry.html")
    world = World(policy=POLICY, custom_errors={500: page})
    world.origin.pages = {"/sorry.html": Response(200, body=b"sorry")}
    if stored:
        world.get("/a")
        world.pass_time(61)
    world.origin.status = 500
    assert world.get("/a").response.body == (b"hello" if stored else b"sorry")


UNCHANGED: list[tuple[CachePolicy, dict[str, str], str]] = [
    (MINIMUM, {"Cache-Control": "no-store"}, "whatever the minimum makes of it"),
    (POLICY, {"Cache-Control": "max-age=99999"}, "whatever the maximum makes of it"),
    (POLICY, {"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"} | ETAG, "past as it is"),
]


@pytest.mark.parametrize(("policy", "fields", "why"), UNCHANGED)
def test_viewers_get_what_the_origin_says_about_caching(
    policy: CachePolicy, fields: dict[str, str], why: str
) -> None:
    world = World(policy=policy)
    world.origin.headers = fields
    for _ in range(2):
        headers = world.get("/a").response.headers
        assert {name: headers.get(name.lower()) for name in fields} == fields, why


DATES: list[tuple[dict[str, Any], str]] = [
    ({"Date": "Mon, 12 Jan 1970 13:00:00 GMT"}, "the origin's own"),
    ({}, "the one that CloudFront supplied"),
]


@pytest.mark.parametrize(("fields", "why"), DATES)
def test_date_stands_still_on_hits(fields: dict[str, str], why: str) -> None:
    world = World(policy=POLICY)
    world.origin.headers = fields
    first = world.get("/a").response.headers.get("date")
    world.pass_time(30)
    assert world.get("/a").response.headers.get("date") == first, why
    assert first == fields.get("Date", first)


def test_a_304_brings_new_fields_and_a_new_lifetime() -> None:
    world = World(policy=POLICY)
    world.origin.headers = ETAG | {"X-Version": "1", "Cache-Control": "max-age=60"}
    world.get("/a")
    world.pass_time(61)
    world.origin.headers = ETAG | {"X-Version": "2", "Cache-Control": "max-age=10"}
    served = world.get("/a")
    assert (served.result_type, served.response.headers.get("x-version")) == ("RefreshHit", "2")
    world.pass_time(9)
    assert world.get("/a").result_type == "Hit"
    world.pass_time(1)
    assert world.get("/a").result_type == "RefreshHit"


def test_a_request_for_what_is_fresh_reaches_nobody_whatever_it_says() -> None:
    world = World(policy=POLICY)
    world.get("/a")
    for fields in (
        {"cache_control": "no-cache"},
        {"pragma": "no-cache"},
        {"cache_control": "no-store"},
    ):
        assert world.get("/a", **fields).result_type == "Hit", "a reload does not get through"
    world.pass_time(61)
    world.get("/a", cache_control="no-cache")
    assert world.origin.last().headers.get("cache-control") == "no-cache", "but it is passed on"

"""What a request waits for, as text."""

from __future__ import annotations

from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.policies import CachePolicy
from edgesim.edge import Served
from edgesim.errors import OriginTimeout
from edgesim.http.headers import Headers
from edgesim.http.message import Response
from tests.conftest import World, transcript

POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)
FRESH = Response(200, Headers([("Cache-Control", "max-age=60"), ("ETag", '"1"')]), b"hello")
OUT, HOME = (
    ["travel pop-regional", "travel regional-origin"],
    ["travel regional-origin", "travel pop-regional"],
)


def never(event: Json) -> Json:
    raise AssertionError("transcripts reply themselves")


def told(world: World, target: str, *replies: object, **request: str) -> tuple[list[str], Served]:
    return transcript(world.steps(target, request.pop("method", "GET"), **request), *replies)  # type: ignore[arg-type]


def test_a_miss_visits_every_tier_and_a_hit_visits_none() -> None:
    world = World(policy=POLICY)
    said, served = told(world, "/a", FRESH)
    assert said == [*OUT, "fetch GET /a from app", *HOME]
    assert served.response.body == b"hello"
    assert told(world, "/a")[0] == []


def test_origin_request_runs_next_to_the_origin() -> None:
    world = World({Trigger.ORIGIN_REQUEST: never}, policy=POLICY)
    rewritten = {"method": "GET", "uri": "/index/a", "headers": {"via": []}}
    said, served = told(world, "/a", rewritten)
    assert said == [*OUT, "invoke origin-request"], "Via is read-only, so nothing is fetched"
    assert served.response.status == 502


def test_what_the_pop_lost_the_regional_cache_still_has() -> None:
    world = World(policy=POLICY)
    told(world, "/a", FRESH)
    world.tiers[0].store.invalidate("/*")
    world.pass_time(10)
    said, served = told(world, "/a")
    assert said == ["travel pop-regional"] * 2
    assert served.result_type == "Hit"
    assert served.response.headers.get("age") == "10", "seconds since the origin, not the POP"
    world.pass_time(10)
    said, served = told(world, "/a")
    assert (said, served.response.headers.get("age")) == ([], "20"), "and it goes on from there"
    world.pass_time(41)
    assert told(world, "/a", FRESH)[0] != [], "no longer fresh than at the regional cache"


def test_a_post_passes_by() -> None:
    world = World(policy=POLICY)
    said, _ = told(world, "/a", FRESH, method="POST")
    assert said == [*OUT, "fetch POST /a from app", *HOME]
    assert not len(world.tiers[0].store)


def test_stale_while_revalidate_answers_first() -> None:
    world = World(policy=POLICY)
    swr = Headers([("Cache-Control", "max-age=60, stale-while-revalidate=60")])
    told(world, "/a", Response(200, swr, b"old"))
    world.pass_time(90)
    said, served = told(world, "/a")
    assert (said, served.response.body) == (["spawn"], b"old")


def test_a_stale_page_is_better_than_none() -> None:
    world = World(policy=POLICY)
    told(world, "/a", FRESH)
    world.pass_time(90)
    said, served = told(world, "/a", OriginTimeout("30 s"))
    assert said[2] == "fetch GET /a from app"
    assert served.response.body == b"hello"
    assert served.failure is not None
    world.pass_time(9)
    said, _ = told(world, "/a")
    assert said == ["travel pop-regional"] * 2, "the origin is left alone for 10 s"
    world.pass_time(2)
    assert told(world, "/a", FRESH)[0] != []


def test_stale_if_error_bounds_how_long() -> None:
    world = World(policy=POLICY)
    bounded = Headers([("Cache-Control", "max-age=60, stale-if-error=35")])
    told(world, "/a", Response(200, bounded, b"old"))
    world.pass_time(90)
    assert told(world, "/a", OriginTimeout("30 s"))[1].response.status == 200
    world.pass_time(6)
    assert told(world, "/a", OriginTimeout("30 s"))[1].response.status == 504


def test_errors_are_kept_for_ten_seconds() -> None:
    world = World(policy=POLICY)
    assert told(world, "/a", OriginTimeout("30 s"))[1].response.status == 504
    world.pass_time(9)
    said, served = told(world, "/a")
    assert (said, served.response.status) == ([], 504)
    world.pass_time(2)
    assert told(world, "/a", FRESH)[1].response.status == 200


def test_a_set_cookie_kept_out_of_the_store_reaches_the_first_viewer(world: World) -> None:
    world.origin.headers = {
        "Cache-Control": 'max-age=60, no-cache="Set-Cookie"',
        "Set-Cookie": "a=1",
        "Age": "5",
    }
    first, second = world.get("/a").response.headers, world.get("/a").response.headers
    assert (first.get("set-cookie"), first.get("age")) == ("a=1", "5"), "RFC 9111 §5.2.2.4, §5.1"
    assert (second.get("set-cookie"), second.get("age")) == (None, "5")


def test_an_unsafe_method_outdates_what_is_stored(world: World) -> None:
    world.origin.headers = {"Cache-Control": "max-age=60"}
    world.get("/a")
    world.get("/a", method="PUT")
    world.get("/a")
    assert [request.method for request in world.origin.requests] == ["GET", "PUT", "GET"], "§4.4"


def test_viewer_request_changes_the_key_and_origin_request_does_not() -> None:
    def same_page(event: Json) -> Json:
        return {**event["Records"][0]["cf"]["request"], "uri": "/same"}

    for trigger, fetched in ((Trigger.VIEWER_REQUEST, 1), (Trigger.ORIGIN_REQUEST, 2)):
        world = World({trigger: same_page}, policy=POLICY)
        for target in ("/a", "/b", "/a", "/b"):
            world.get(target)
        assert len(world.origin.requests) == fetched, "Understand the cache key"
        assert world.origin.last().target == "/same"


def test_an_x_cache_of_the_origin_is_not_repeated(world: World) -> None:
    world.origin.headers = {"X-Cache": "HIT", "Via": "1.1 other", "X-Amz-Cf-Pop": "X"}
    headers = world.get("/a").response.headers
    assert headers.all("x-cache") == ["Miss from cloudfront"]
    assert len(headers.all("via")) == len(headers.all("x-amz-cf-pop")) == 1


def test_what_a_head_brought_answers_heads_and_never_a_get() -> None:
    world = World(policy=POLICY)
    world.origin.headers = {"Cache-Control": "max-age=60", "ETag": '"1"'}
    for method, result_type in (
        ("HEAD", "Miss"),
        ("HEAD", "Hit"),
        ("GET", "Miss"),
        ("HEAD", "Hit"),
    ):
        assert world.get("/a", method=method).result_type == result_type, "§4 of RFC 9111"
    world.pass_time(100)
    world.origin.headers = {"Cache-Control": "max-age=60", "ETag": '"2"'}
    world.get("/a", method="HEAD")
    assert world.get("/a").response.body == b"hello", "a HEAD never takes a whole page's place"

"""CloudFront: "What you need to know when invalidating files", "Invalidate files"."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.custom_errors import CustomErrorResponse
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.policies import EVERYTHING, CachePolicy, listed
from edgesim.http.message import Response
from tests.conftest import World

POLICY = CachePolicy(
    min_ttl_s=0,
    default_ttl_s=600,
    query=listed("x"),
    cookies=EVERYTHING,
    headers=listed("accept"),
    gzip=True,
)


def to_index(event: Json) -> Json:
    request: Json = event["Records"][0]["cf"]["request"]
    if "." not in request["uri"]:
        request["uri"] = request["uri"].rstrip("/") + "/index.html"
    return request


def invalidated(world: World, pattern: str) -> None:
    for tier in world.edge.caches:
        tier.invalidate(pattern)


PATHS = [
    # what is asked for        invalidated      gone    why
    ("/a?x=1", {}, "/a?x=1", True, "exactly that query"),
    ("/a?x=1", {}, "/a?x=2", False, "not another"),
    ("/a?x=1", {}, "/a", False, "the path alone is another object"),
    ("/a?x=1", {}, "/a*", True, "but for a star"),
    ("/a?y=1", {}, "/a", True, "a query that is not in the key does not count"),
    ("/a", {"cookie": "s=1"}, "/a", True, "whatever the cookies"),
    ("/a", {"accept": "text/html"}, "/a", True, "whatever the headers"),
    ("/a", {"accept_encoding": "gzip"}, "/a", True, "and the encodings"),
    ("/a", {"method": "HEAD"}, "/a", True, "and the method"),
    ("/A", {}, "/a", False, "case counts"),
    ("/dir/", {}, "/dir", False, "a directory is not its name"),
    ("/dir/a", {}, "/dir/*", True, "everything in it"),
    ("/a*b", {}, "/a*b", True, "a star inside is itself"),
]


@pytest.mark.parametrize(("target", "fields", "pattern", "gone", "why"), PATHS)
def test_paths(target: str, fields: dict[str, Any], pattern: str, gone: bool, why: str) -> None:
    world = World(policy=POLICY)
    world.get(target, **fields)
    invalidated(world, pattern)
    assert (world.get(target, **fields).result_type == "Miss") is gone, why


REWRITTEN = [
    ("/about", "/about", True, "the path as the viewer sent it"),
    ("/about", "/about/index.html", True, "the path as it is stored"),
    ("/about", "/ab*", True, "a beginning of it"),
    ("/about", "/other", False, "no other path"),
    ("/about?x=1", "/about?x=1", True, "with its query"),
    ("/about?x=1", "/about", False, "and not without"),
]


@pytest.mark.parametrize(("target", "pattern", "gone", "why"), REWRITTEN)
def test_a_path_that_a_function_changed(target: str, pattern: str, gone: bool, why: str) -> None:
    world = World({Trigger.VIEWER_REQUEST: to_index}, policy=POLICY, shield="eu-central-1")
    world.get(target)
    invalidated(world, pattern)
    assert [len(tier.store) for tier in world.edge.caches] == [0 if gone else 1] * 3, why
    assert (world.get(target).result_type == "Miss") is gone, why


def test_what_several_paths_lead_to_is_forgotten_by_any_of_them() -> None:
    world = World({Trigger.VIEWER_REQUEST: to_index}, policy=POLICY)
    world.get("/about")
    assert world.get("/about/").result_type == "Hit", "a second way to it"
    invalidated(world, "/about/")
    assert world.get("/about").result_type == "Miss"


def test_what_is_in_the_air_is_found_by_either_path() -> None:
    world = World({Trigger.VIEWER_REQUEST: to_index}, policy=POLICY)
    world.origin.seconds = 2.0
    world.sim.at(world.sim.now, world.steps("/about"))
    world.pass_time(1.0)
    invalidated(world, "/about")
    world.sim.run()
    assert not any(len(tier.store) for tier in world.tiers)


def test_an_error_is_forgotten_by_the_path_that_was_asked_for() -> None:
    page = CustomErrorResponse(404, 404, "/sorry.html")
    world = World(policy=POLICY, custom_errors={404: page})
    world.origin.pages = {"/sorry.html": Response(200, body=b"sorry")}
    world.origin.status = 404
    world.get("/gone")
    invalidated(world, "/sorry.html")
    world.origin.status = 200
    assert world.get("/gone").response.status == 404, "the page's path is not the error's"
    invalidated(world, "/gone")
    assert world.get("/gone").response.status == 200


TAGGED = CloudFrontCaching(POLICY, tag_header="cache-tag")
TAGS = [
    # what the origin said     invalidated    gone    why
    ("news,home", "#news", True, "one of its tags"),
    ("news,home", "#HOME", True, "case does not count"),
    ("news,home", "#new", False, "the whole tag"),
    ("news,home", "/news", False, "a tag is no path"),
    (None, "#news", False, "it has none"),
]


@pytest.mark.parametrize(("said", "pattern", "gone", "why"), TAGS)
def test_tags(said: str | None, pattern: str, gone: bool, why: str) -> None:
    world = World(policy=POLICY, rules=TAGGED, shield="eu-central-1")
    world.origin.headers = {} if said is None else {"Cache-Tag": said}
    world.get("/a")
    world.origin.headers = {"Cache-Tag": "other"}
    world.get("/b")
    invalidated(world, pattern)
    assert [len(tier.store) for tier in world.edge.caches] == [1 if gone else 2] * 3, why
    assert (world.get("/a").result_type == "Miss") is gone, why
    assert world.get("/b").result_type == "Hit", "another page stays"


def test_a_304_may_bring_other_tags() -> None:
    world = World(policy=POLICY, rules=TAGGED)
    world.origin.headers = {"ETag": '"1"', "Cache-Tag": "old"}
    world.get("/a")
    world.pass_time(601)
    world.origin.headers = {"ETag": '"1"', "Cache-Tag": "new"}
    assert world.get("/a").result_type == "RefreshHit"
    invalidated(world, "#old")
    assert world.get("/a").result_type == "Hit"
    invalidated(world, "#new")
    assert world.get("/a").result_type == "Miss"


def test_a_response_in_the_air_may_have_any_tag() -> None:
    world = World(policy=POLICY, rules=TAGGED)
    world.origin.headers, world.origin.seconds = {"Cache-Tag": "news"}, 2.0
    world.sim.at(world.sim.now, world.steps("/a"))
    world.pass_time(1.0)
    invalidated(world, "#news")
    world.sim.run()
    assert not any(len(tier.store) for tier in world.tiers)


def test_however_many_paths_were_changed_an_invalidation_takes_no_long() -> None:
    """Of a large store it looks at a few keys at once, however many URLs it comes to."""
    world = World({Trigger.VIEWER_REQUEST: to_index}, policy=POLICY)
    tier = world.tiers[0]
    for number in range(10_000):
        tier.store.put((f"/x/{number}",), StoredResponse(Response(200), 0, 0, 0, 0, 60))
        tier.rewritten.note(f"/y/{number}", f"/x/{number}")
    began = process_time()
    tier.invalidate("/y/*")
    assert process_time() - began < 0.1
    assert not tier.store.find(("/x/9999",))
    assert tier.store.find(("/x/0",)), "of so many rewritten paths the latest are remembered"

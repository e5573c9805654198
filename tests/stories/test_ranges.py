"""CloudFront: "How CloudFront processes partial requests for an object (range GETs)"."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cache.rules import RFC9111, Rules
from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.custom_errors import CustomErrorResponse
from edgesim.cloudfront.policies import EVERYTHING, CachePolicy
from edgesim.http.message import Response
from tests.conftest import World

POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)
TEN = b"0123456789"
NEW = b"abcdefghij"


def ranging(**settings: Any) -> World:
    world = World(**{"policy": POLICY, **settings})
    world.origin.headers, world.origin.body = {"ETag": '"1"', "Cache-Control": "max-age=60"}, TEN
    world.origin.cuts = True
    return world


def asked(world: World) -> list[str | None]:
    """The ranges that the origin was asked for since the last time."""
    ranges = [request.headers.get("range") for request in world.origin.requests]
    world.origin.requests.clear()
    return ranges


CONVERSATIONS: list[tuple[list[tuple[str | None, int, bytes, str]], list[str | None], str]] = [
    # [Range, status, body, X-Cache] of each request; what the origin was asked for; why
    (
        [("bytes=0-4", 206, b"01234", "Miss"), ("bytes=0-4", 206, b"01234", "Hit")],
        ["bytes=0-4"],
        "a part that is cached",
    ),
    (
        [("bytes=0-4", 206, b"01234", "Miss"), ("bytes=1-2", 206, b"12", "Hit")],
        ["bytes=0-4"],
        "part of a part",
    ),
    (
        [("bytes=0-4", 206, b"01234", "Miss"), ("bytes=4-6", 206, b"456", "Miss")],
        ["bytes=0-4", "bytes=4-6"],
        "only half of it is there",
    ),
    (
        [
            ("bytes=0-1", 206, b"01", "Miss"),
            ("bytes=8-9", 206, b"89", "Miss"),
            ("bytes=0-1", 206, b"01", "Hit"),
            ("bytes=8-", 206, b"89", "Hit"),
            ("bytes=-1", 206, b"9", "Hit"),
        ],
        ["bytes=0-1", "bytes=8-9"],
        "parts that do not touch are both kept",
    ),
    (
        [
            ("bytes=0-4", 206, b"01234", "Miss"),
            ("bytes=5-9", 206, b"56789", "Miss"),
            (None, 200, TEN, "Hit"),
        ],
        ["bytes=0-4", "bytes=5-9"],
        "two halves make a whole",
    ),
    (
        [("bytes=0-6", 206, b"0123456", "Miss"), (None, 200, TEN, "Miss"), (None, 200, TEN, "Hit")],
        ["bytes=0-6", "bytes=7-"],
        "no more is fetched than is missing",
    ),
    (
        [(None, 200, TEN, "Miss"), ("bytes=2-3", 206, b"23", "Hit"), (None, 200, TEN, "Hit")],
        [None],
        "the full object is cached",
    ),
    (
        [(None, 200, TEN, "Miss"), ("bytes=99-", 416, b"", "Error")],
        [None],
        "out of reach of what is cached",
    ),
    (
        [("bytes=5-6,0-1", 200, TEN, "Miss"), ("bytes=0-3,2-5", 200, TEN, "Hit")],
        [None],
        "several have to ascend and not to overlap, or it is the full object",
    ),
    (
        [(None, 200, TEN, "Miss"), ("bytes=0-1,50-60", 200, TEN, "Hit")],
        [None],
        "and all of them to be valid",
    ),
]


@pytest.mark.parametrize(("requests", "origin", "why"), CONVERSATIONS)
def test_ranges(
    requests: list[tuple[str | None, int, bytes, str]], origin: list[str | None], why: str
) -> None:
    world = ranging()
    for value, status, body, result in requests:
        served = world.get("/a", **({"range": value} if value else {}))
        got = (served.response.status, served.response.body, served.result_type)
        assert got == (status, body, result), why
    assert asked(world) == origin, why


def test_several_ranges_of_the_full_object_come_in_one_answer() -> None:
    world = ranging()
    world.get("/a")
    served = world.get("/a", range="bytes=0-1,8-9")
    kind = served.response.headers.get("content-type") or ""
    assert (served.response.status, served.result_type) == (206, "Hit")
    assert kind.startswith("multipart/byteranges; boundary=")


def test_several_ranges_of_what_is_not_cached_are_the_origins() -> None:
    world = ranging()
    world.get("/a", range="bytes=0-1,8-9")
    assert asked(world) == ["bytes=0-1,8-9"]
    assert not any(len(tier.store) for tier in world.tiers), "a 206 of several is not taken apart"


def test_each_tier_keeps_the_part() -> None:
    world = ranging()
    world.get("/a", range="bytes=0-4")
    world.tiers[0].invalidate("/*")
    assert world.get("/a", range="bytes=0-4").result_type == "Hit"
    assert len(asked(world)) == 1


def test_a_part_is_kept_as_long_as_the_whole_would_be() -> None:
    world = ranging()
    world.get("/a", range="bytes=0-4")
    world.pass_time(59)
    assert world.get("/a", range="bytes=0-4").response.headers.get("age") == "59"
    world.pass_time(1)
    served = world.get("/a", range="bytes=0-4")
    assert (served.response.status, served.result_type) == (206, "RefreshHit")
    assert served.response.body == b"01234"


def test_parts_of_what_has_changed_are_not_mixed() -> None:
    world = ranging()
    world.get("/a", range="bytes=0-1")
    world.get("/a", range="bytes=8-9")
    world.origin.headers, world.origin.body = {"ETag": '"2"', "Cache-Control": "max-age=60"}, NEW
    assert world.get("/a", range="bytes=4-5").response.body == b"ef"
    assert world.get("/a", range="bytes=0-1").response.body == b"ab", "the old part is forgotten"
    whole = world.get("/a").response
    assert (whole.status, whole.body) == (200, NEW)


def test_a_rest_that_has_changed_is_fetched_as_a_whole() -> None:
    world = ranging()
    world.get("/a", range="bytes=0-6")
    world.origin.headers, world.origin.body = {"ETag": '"2"', "Cache-Control": "max-age=60"}, NEW
    assert world.get("/a").response.body == NEW, "If-Range goes along"


def test_without_a_validator_only_one_part_is_kept() -> None:
    world = ranging()
    world.origin.headers = {"Cache-Control": "max-age=60"}
    world.get("/a", range="bytes=0-1")
    world.get("/a", range="bytes=8-9")
    assert world.get("/a", range="bytes=8-9").result_type == "Hit"
    assert world.get("/a", range="bytes=0-1").result_type == "Miss", "who knows whether it changed"


IF_RANGE = [
    ('"1"', 206, b"01", "still the same"),
    ('"0"', 200, TEN, "the whole, if it is not"),
    ('W/"1"', 200, TEN, "a weak tag says too little"),
]


@pytest.mark.parametrize(("tag", "status", "body", "why"), IF_RANGE)
def test_if_range(tag: str, status: int, body: bytes, why: str) -> None:
    for cached in (False, True):
        world = ranging()
        if cached:
            world.get("/a")
        served = world.get("/a", range="bytes=0-1", if_range=tag).response
        assert (served.status, served.body) == (status, body), why


def test_a_416_is_passed_on_and_never_kept() -> None:
    world = ranging()
    for _ in range(2):
        served = world.get("/a", range="bytes=99-")
        assert (served.response.status, served.result_type) == (416, "Error")
    assert asked(world) == ["bytes=99-"] * 2
    assert world.get("/a").response.status == 200


def test_its_page_is_not_kept_instead_of_it() -> None:
    page = CustomErrorResponse(416, 200, "/sorry.html")
    world = ranging(custom_errors={416: page})
    world.origin.pages = {"/sorry.html": Response(200, body=b"sorry")}
    for _ in range(2):
        assert world.get("/a", range="bytes=99-").response.body == b"sorry"
    targets = [request.target for request in world.origin.requests]
    assert targets.count("/a") == 2, "the caching minimum TTL of a 416 counts for nothing"


def test_an_origin_that_ignores_a_range_fills_the_cache() -> None:
    world = ranging()
    world.origin.cuts = False
    assert world.get("/a", range="bytes=0-1").response.body == TEN, "200, to this viewer"
    assert world.get("/a", range="bytes=0-1").response.body == b"01"
    assert len(asked(world)) == 1


def test_what_came_in_chunks_is_never_cut() -> None:
    world = ranging()
    world.origin.cuts = False
    world.origin.headers |= {"Transfer-Encoding": "chunked"}
    for result in ("Miss", "Hit"):
        served = world.get("/a", range="bytes=0-1")
        assert (served.response.status, served.response.body) == (200, TEN)
        assert served.result_type == result


def test_a_changed_page_is_cut_where_it_was_asked_for_as_a_whole() -> None:
    world = ranging()
    world.get("/a")
    world.pass_time(60)
    world.origin.headers, world.origin.body = {"ETag": '"2"', "Cache-Control": "max-age=60"}, NEW
    served = world.get("/a", range="bytes=0-1")
    assert (served.response.status, served.response.body) == (206, b"ab")
    assert asked(world)[-1] is None


def test_where_cookies_are_forwarded_nothing_is_put_together() -> None:
    policy = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600, cookies=EVERYTHING)
    world = ranging(policy=policy, rules=CloudFrontCaching(policy, cookies_forwarded=True))
    world.get("/a", range="bytes=0-6")
    assert world.get("/a", range="bytes=0-6").result_type == "Hit"
    assert world.get("/a").response.body == TEN
    assert asked(world) == ["bytes=0-6", None], "no conditional requests with cookies"


def test_a_head_is_not_answered_by_a_part() -> None:
    world = ranging()
    world.get("/a", range="bytes=0-4")
    served = world.get("/a", method="HEAD")
    assert (served.response.status, served.result_type) == (200, "Miss")
    assert served.response.headers.get("content-length") == "10"


def test_an_invalidation_forgets_every_part() -> None:
    world = ranging()
    world.get("/a", range="bytes=0-1")
    world.get("/a", range="bytes=8-9")
    for tier in world.tiers:
        assert tier.invalidate("/a") == 1, "one key"
    assert world.get("/a", range="bytes=0-1").result_type == "Miss"


def test_what_cannot_be_cached_is_not_for_parts_either() -> None:
    world = ranging()
    world.origin.headers = {"ETag": '"1"', "Cache-Control": "no-store"}
    world.get("/a", range="bytes=0-1")
    assert world.get("/a", range="bytes=0-1").result_type == "Miss"


STEPS = st.lists(
    st.one_of(
        st.none(),  # the whole
        st.tuples(st.integers(0, 9), st.integers(0, 9)).map(
            lambda ends: f"{min(ends)}-{max(ends)}"
        ),
        st.integers(0, 9).map(lambda first: f"{first}-"),
        st.integers(1, 9).map(lambda last: f"-{last}"),
        st.sampled_from(["changes", "a minute", "POP forgets"]),
    ),
    max_size=14,
)


@given(STEPS, st.sampled_from([CloudFrontCaching(POLICY), RFC9111()]))
@settings(max_examples=300, deadline=None)
def test_whatever_is_asked_for_an_answer_is_of_one_version(
    steps: list[str | None], rules: Rules
) -> None:
    """And it is as old as the lifetime at most: never what the origin changed a minute before."""
    world = ranging(rules=rules, policy=POLICY if isinstance(rules, CloudFrontCaching) else None)
    versions, changed_at = [TEN, NEW, TEN[::-1], NEW[::-1]], [world.sim.now]
    for step in steps:
        if step == "changes":
            changed_at.append(world.sim.now)
            number = len(changed_at)
            world.origin.body = versions[(number - 1) % 4]
            world.origin.headers = {"ETag": f'"{number}"', "Cache-Control": "max-age=60"}
        elif step == "a minute":
            world.pass_time(61)
        elif step == "POP forgets":
            world.tiers[0].invalidate("/*")
        else:
            asked_at = world.sim.now
            response = world.get("/a", **({"range": f"bytes={step}"} if step else {})).response
            tag = int((response.headers.get("etag") or "").strip('"'))
            whole, body = versions[(tag - 1) % 4], response.body
            if response.status == 206:
                first, _, last = (response.headers.get("content-range") or "")[6:-3].partition("-")
                whole = whole[int(first) : int(last) + 1]
            assert body == whole
            superseded = [*changed_at, asked_at][tag]
            assert asked_at - superseded < 61, "it is no older than its lifetime"

"""What a failing comparison of result types says, case by case."""

from __future__ import annotations

import pytest

from edgesim.testing.edge import VirtualEdge

MINUTE = {"cache-control": "max-age=60"}

QUERIES = pytest.mark.edgesim(config="tests/testing/keyed/edgesim.toml")
"""Its cache policy has the cookie "session", the header Accept-Language and all queries."""


def said(edge: VirtualEdge, expected: str) -> list[str]:
    last = edge.responses[-1].edge.result_type
    return edge.explain(last, expected)


def test_nothing_was_asked_before(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", text="hello", headers=MINUTE)
    edge.get("/")
    assert said(edge, "Hit") == [
        "expected Hit, was Miss: not in the cache, stored for 60 s",
        "no request of this test came to this path and this behavior before",
    ]


@QUERIES
@pytest.mark.parametrize(
    ("first", "second", "difference"),
    [
        (
            {"cookies": {"session": "a"}},
            {"cookies": {"session": "b"}},
            "cookie \"session\" is 'b', was 'a'",
        ),
        ({}, {"cookies": {"session": "b"}}, "cookie \"session\" is 'b', was absent"),
        ({"params": {"x": "1"}}, {}, "query \"x\" is absent, was '1'"),
        (
            {"headers": {"Accept-Language": "de"}},
            {"headers": {"Accept-Language": "fr"}},
            "header \"accept-language\" is 'fr', was 'de'",
        ),
        (
            {"params": [("x", "1"), ("x", "2")]},
            {"params": [("x", "1")], "cookies": {"session": "a"}},
            "query \"x\" is '1', was '1, 2'; cookie \"session\" is 'a', was absent",
        ),
    ],
)
def test_the_cache_key_differs(
    edge: VirtualEdge, first: dict[str, object], second: dict[str, object], difference: str
) -> None:
    edge.origin("app").respond("/", text="hello", headers=MINUTE)
    edge.get("/", **first)
    edge.get("/", **second)
    assert said(edge, "Hit") == [
        "expected Hit, was Miss: not in the cache, stored for 60 s",
        f"its cache key is not that of the request before: {difference}",
    ]


@QUERIES
def test_what_is_not_in_the_key_is_not_blamed(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", text="hello", headers={"cache-control": "no-store"})
    edge.get("/", headers={"User-Agent": "a"}, cookies={"other": "1"})
    edge.clock.advance(2)
    edge.get("/", headers={"User-Agent": "b"}, cookies={"other": "2"})
    assert said(edge, "Hit")[1] == (
        "the same request 2.05 s before was not stored: the origin says no-store"
    )


def test_it_was_invalidated(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", text="hello", headers=MINUTE)
    edge.get("/")
    edge.clock.advance(5)
    edge.invalidate("/*")
    edge.get("/")
    assert said(edge, "Hit")[1] == (
        "what was stored for 60 s 5.05 s before is gone: invalidated or evicted"
    )


def test_it_is_stale(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", text="hello", headers=MINUTE)
    edge.get("/")
    edge.clock.advance(70)
    edge.get("/")
    assert said(edge, "Hit") == ["expected Hit, was Miss: stale, stored for 60 s"]


def test_a_hit_says_where_it_came_from(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", text="hello", headers=MINUTE)
    edge.get("/")
    edge.clock.advance(3)
    edge.get("/")
    assert said(edge, "Miss") == [
        "expected Miss, was Hit: a fresh response was stored",
        "it was stored by GET / 3.05 s before",
    ]


def test_an_error_says_its_cause(edge: VirtualEdge) -> None:
    edge.origin("app").refuse()
    edge.get("/")
    assert said(edge, "Hit") == ["expected Hit, was Error: connection refused"]


def test_a_function_answered(edge: VirtualEdge) -> None:
    def closed(event: object, context: object) -> object:
        return {"status": "200", "body": "closed"}

    edge.attach(closed, "viewer-request")
    edge.get("/")
    assert said(edge, "Hit") == [
        "expected Hit, was LambdaGeneratedResponse: closed answered it",
    ]


@pytest.mark.edgesim(config="tests/testing/shop/edgesim.toml")
def test_a_behavior_does_not_cache(edge: VirtualEdge) -> None:
    edge.origin("api").respond(text="hello", headers=MINUTE)
    edge.get("/api/x")
    edge.get("/api/x")
    assert said(edge, "Hit") == ["expected Hit, was Miss: caching is disabled"]


def test_no_response_was_of_that_type(edge: VirtualEdge) -> None:
    assert edge.explain("Hit", "Miss") == []

from __future__ import annotations

from typing import Any

import pytest

from edgesim.cloudfront.origin import Origin
from edgesim.errors import OriginError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.testing.scripted import ScriptedOrigin

ORIGIN = Origin("app", host="app.test", response_timeout_s=30)


def asked(origin: ScriptedOrigin, target: str, method: str = "GET", **headers: str) -> Any:
    fields = Headers((name.replace("_", "-"), value) for name, value in headers.items())
    return origin.fetched(ORIGIN, Request(method, target, fields)).value


PATHS = [
    # rule           request        fits   why
    ("*", "/any/thing", True, "a star is anything"),
    ("/a", "/a?x=1", True, "a path is held against the path alone"),
    ("/a", "/ab", False, "all of it"),
    ("/a/*.css", "/a/b/c.css", True, "slashes too"),
    ("/a?x=1", "/a?x=1", True, "with a query, path and query"),
    ("/a?x=*", "/a?x=12", True, "and stars in it"),
    ("/a?x=1", "/ax=1", False, "a question mark is no wildcard"),
    ("/[a]", "/a", False, "nor are brackets"),
]


@pytest.mark.parametrize(("rule", "target", "fits", "why"), PATHS)
def test_paths(rule: str, target: str, fits: bool, why: str) -> None:
    origin = ScriptedOrigin("app").respond(rule, text="it")
    assert (asked(origin, target).status == 200) is fits, why


def test_what_has_no_answer_says_so() -> None:
    response = asked(ScriptedOrigin("app"), "/a?b")
    assert (response.status, response.body) == (404, b"origin app has no answer for /a?b")


def test_the_rule_added_last_answers() -> None:
    origin = ScriptedOrigin("app").respond("*", text="all").respond("/a", text="a")
    assert (asked(origin, "/a").body, asked(origin, "/b").body) == (b"a", b"all")
    origin.respond("*", text="new")
    assert asked(origin, "/a").body == b"new"


def test_a_sequence_is_answered_in_turn_and_its_last_stays() -> None:
    origin = ScriptedOrigin("app").sequence(
        "/", Response(500), OriginError("down"), lambda request: Response(200, body=b"up")
    )
    said = [asked(origin, "/") for _ in range(4)]
    assert [getattr(answer, "status", 0) for answer in said] == [500, 502, 200, 200]
    assert origin.calls == 4
    with pytest.raises(ValueError, match="the sequence for / is empty"):
        origin.sequence("/")


def test_a_function_may_raise_what_an_origin_may() -> None:
    def down(request: Request) -> Response:
        raise OriginError("down")

    assert isinstance(asked(ScriptedOrigin("app").answer("/", down), "/"), OriginError)


@pytest.mark.parametrize("wrong", ["text", None, 200])
def test_an_answer_that_is_no_response_is_named(wrong: Any) -> None:
    origin = ScriptedOrigin("app").answer("/", lambda request: wrong)
    with pytest.raises(TypeError, match=f"the answer for / is {wrong!r}, not an edgesim.Response"):
        asked(origin, "/")


def test_content_types_are_filled_in_and_never_doubled() -> None:
    origin = ScriptedOrigin("app").respond("/", text="a", headers={"Content-Type": "text/css"})
    assert asked(origin, "/").headers.all("content-type") == ["text/css"]
    origin.respond("/", text="ü")
    assert asked(origin, "/").headers.all("content-type") == ["text/plain; charset=utf-8"]
    origin.respond("/", json=[])
    assert asked(origin, "/").headers.all("content-type") == ["application/json"]
    origin.respond("/", content=b"\0")
    assert asked(origin, "/").headers.all("content-type") == []


CONDITIONS = [
    # method, conditions                                  status  why
    ("GET", {"if_none_match": '"1"'}, 304, "the same ETag"),
    ("HEAD", {"if_none_match": '"1"'}, 304, "for HEAD too"),
    ("GET", {"if_none_match": '"2"'}, 200, "another one"),
    ("GET", {"if_modified_since": "then"}, 304, "the same Last-Modified"),
    ("GET", {"if_none_match": '"2"', "if_modified_since": "then"}, 200, "the ETag counts"),
    ("POST", {"if_none_match": '"1"'}, 200, "not for POST"),
]


@pytest.mark.parametrize(("method", "headers", "status", "why"), CONDITIONS)
def test_conditions(method: str, headers: dict[str, str], status: int, why: str) -> None:
    fields = {"ETag": '"1"', "Last-Modified": "then"}
    origin = ScriptedOrigin("app").respond("/", text="hello", headers=fields)
    response = asked(origin, "/", method, **headers)
    assert response.status == status, why
    assert response.headers.get("etag") == '"1"'


def test_head_is_answered_without_the_body() -> None:
    response = asked(ScriptedOrigin("app").respond("/", text="hello"), "/", "HEAD")
    assert (response.body, response.headers.get("content-length")) == (b"", "5")

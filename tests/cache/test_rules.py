from __future__ import annotations

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.rules import RFC9111
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

RULES = RFC9111()
HOST = Headers([("Host", "a.test")])

METHODS = [
    # method  looked up  outdates  why
    ("GET", True, False, "RFC 9111 §3"),
    ("HEAD", True, False, "a stored GET answers it, §4"),
    ("OPTIONS", False, False, "safe, but not cacheable, RFC 9110 §9.3.7"),
    ("POST", False, True, "unsafe, RFC 9111 §4.4"),
    ("PUT", False, True, "unsafe, §4.4"),
    ("DELETE", False, True, "unsafe, §4.4"),
    ("PROPFIND", False, True, "unknown ones are taken for unsafe, §4.4"),
]


@pytest.mark.parametrize(("method", "covered", "outdates", "why"), METHODS)
def test_methods(method: str, covered: bool, outdates: bool, why: str) -> None:
    request = Request(method, "/", HOST)
    assert RULES.covers(request) is covered, why
    assert (RULES.key(request) in RULES.outdates(request, Response(204))) is outdates, why
    assert not RULES.outdates(request, Response(404)), "only if it did not fail, §4.4"


NAMED = [
    # field              value                    outdated  why; RFC 9111 §4.4
    ("Location", "/b", "/b", "what was made or changed"),
    ("Content-Location", "b", "/x/b", "relative to the target"),
    ("Content-Location", "http://a.test/b?c", "/b?c", "in full, on the same host"),
    ("Location", "http://other.test/b", None, "another host is not ours to invalidate"),
]


@pytest.mark.parametrize(("name", "value", "target", "why"), NAMED)
def test_what_a_change_names(name: str, value: str, target: str | None, why: str) -> None:
    request = Request("PUT", "/x/a", HOST)
    outdated = RULES.outdates(request, Response(201, Headers([(name, value)])))
    wanted = {"/x/a"} if target is None else {"/x/a", target}
    assert {key[0] for key in outdated} == wanted, why
    assert ("/x/a", "a.test", "HEAD") in outdated, "what a HEAD brought as well"


KEYS = [
    (Request("GET", "/a", HOST), Request("HEAD", "/a", HOST), True, "the method is no part of it"),
    (Request("GET", "/a", HOST), Request("GET", "/a?b", HOST), False, "the query is"),
    (Request("GET", "/a", HOST), Request("GET", "/a"), False, "the host is"),
]


@pytest.mark.parametrize(("one", "other", "same", "why"), KEYS)
def test_key(one: Request, other: Request, same: bool, why: str) -> None:
    assert (RULES.key(one) == RULES.key(other)) is same, why


RESCUED = [
    # stale-if-error  seconds past  disconnected  rescued  why
    (None, 1, False, False, "it answered, if only with an error; nothing allows it, RFC 5861 §4"),
    (None, 1, True, True, "no answer at all, and nothing forbids it, RFC 9111 §4.2.4"),
    (10, 9, False, True, "for as long as it said"),
    (10, 10, False, False, "and no longer"),
    (10, 10, True, False, "disconnected or not"),
    (0, 0, True, False, "must-revalidate and its like, §5.2.2.2"),
]


@pytest.mark.parametrize(("allowed", "past", "disconnected", "rescued", "why"), RESCUED)
def test_rescues(
    allowed: int | None, past: float, disconnected: bool, rescued: bool, why: str
) -> None:
    stale = StoredResponse(Response(200), 0, 0, 0, 0, lifetime=60, stale_if_error=allowed)
    assert RULES.rescues(stale, 60 + past, disconnected=disconnected) is rescued, why


RENEWED = [
    ("GET", 304, True, "RFC 9111 §4.3.4"),
    ("GET", 200, False, "it brings its own body"),
    ("HEAD", 200, True, "about the same, as far as it says, §4.3.5"),
    ("HEAD", 404, False, "gone"),
]


@pytest.mark.parametrize(("method", "status", "renewed", "why"), RENEWED)
def test_renews(method: str, status: int, renewed: bool, why: str) -> None:
    stale = StoredResponse(Response(200), 0, 0, 0, 0, lifetime=60)
    assert RULES.renews(Request(method, "/"), stale, Response(status)) is renewed, why


def test_no_cache_is_never_rescued() -> None:
    stale = StoredResponse(
        Response(200), 0, 0, 0, 0, lifetime=60, always_validate=True, stale_if_error=99
    )
    assert not RULES.rescues(stale, 61, disconnected=True), "RFC 9111 §5.2.2.4"


def test_everything_collapses_and_validates() -> None:
    assert RULES.collapses()
    assert RULES.validates()
    assert RULES.spares_s(500) == 0, "the origin is asked again each time"
    found = RULES.stored_form(Request("GET", "/"), Response(200), 0, 0)
    assert found == "no-lifetime", "storing.py decides"
    assert RULES.decide((), Request("GET", "/"), 0).reason == "uri-miss", "reuse.py decides"  # type: ignore[union-attr]

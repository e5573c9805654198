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
    assert RULES.outdates(request, Response(204)) is outdates, why
    assert not RULES.outdates(request, Response(404)), "only if it did not fail, §4.4"


KEYS = [
    (Request("GET", "/a", HOST), Request("HEAD", "/a", HOST), True, "the method is no part of it"),
    (Request("GET", "/a", HOST), Request("GET", "/a?b", HOST), False, "the query is"),
    (Request("GET", "/a", HOST), Request("GET", "/a"), False, "the host is"),
]


@pytest.mark.parametrize(("one", "other", "same", "why"), KEYS)
def test_key(one: Request, other: Request, same: bool, why: str) -> None:
    assert (RULES.key(one) == RULES.key(other)) is same, why


RESCUED = [
    # stale-if-error  seconds past  rescued  why
    (None, 1, False, "the origin did not allow it, RFC 5861 §4"),
    (10, 9, True, "for as long as it said"),
    (10, 10, False, "and no longer"),
    (0, 0, False, "forbidden"),
]


@pytest.mark.parametrize(("allowed", "past", "rescued", "why"), RESCUED)
def test_rescues(allowed: int | None, past: float, rescued: bool, why: str) -> None:
    stale = StoredResponse(Response(200), 0, 0, 0, 0, lifetime=60, stale_if_error=allowed)
    assert RULES.rescues(stale, 60 + past) is rescued, why


def test_everything_collapses_and_validates() -> None:
    assert RULES.collapses()
    assert RULES.validates()
    assert RULES.spares_s() == 0, "the origin is asked again each time"
    found = RULES.stored_form(Request("GET", "/"), Response(200), 0, 0)
    assert found == "no-lifetime", "storing.py decides"
    assert RULES.decide((), Request("GET", "/"), 0).reason == "uri-miss", "reuse.py decides"  # type: ignore[union-attr]

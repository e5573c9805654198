from __future__ import annotations

from typing import Any

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.reuse import Forward, Refuse, Serve, by_age, decide
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

NOW = 1_000_000.0


def stored(age: float = 0, **fields: Any) -> StoredResponse:
    made = NOW - age
    return StoredResponse(Response(200), made, made, made, 0, 60, **fields)


def get(cache_control: str | None = None, **fields: str) -> Request:
    lines = list(fields.items())
    if cache_control is not None:
        lines.append(("Cache-Control", cache_control))
    return Request("GET", "/", Headers(lines))


VARIED = (("accept", "a"),)

DECISIONS = [
    # stored                              request                       decision     why
    (None, get(), "uri-miss", "nothing there, RFC 9211 §2.2"),
    (stored(0), get(), "serve", "fresh, RFC 9111 §4.2"),
    (stored(59.9), get(), "serve", "fresh to the last moment"),
    (stored(60), get(), "stale", "stale once its age reaches its lifetime, §4.2"),
    (stored(0, always_validate=True), get(), "stale", "no-cache of the origin, §5.2.2.4"),
    (stored(0, selecting=VARIED), get(), "vary-miss", "another variant, §4.1"),
    (stored(0, selecting=VARIED), get(accept="a"), "serve", "this variant"),
    (stored(65, stale_while_revalidate=10), get(), "serve stale", "RFC 5861 §3"),
    (stored(70, stale_while_revalidate=10), get(), "stale", "its time is over, RFC 5861 §3"),
    (stored(0), get("no-cache"), "request", "the viewer wants it checked, §5.2.1.4"),
    (stored(0), get(pragma="no-cache"), "request", "as HTTP/1.0 said it, §5.4"),
    (stored(0), get("max-age=60", pragma="no-cache"), "serve", "Cache-Control outweighs it, §5.4"),
    (stored(10), get("max-age=10"), "serve", "not older than it wants, §5.2.1.1"),
    (stored(11), get("max-age=10"), "request", "older than it wants, §5.2.1.1"),
    (stored(0.5), get("max-age=0"), "request", "a reload"),
    (stored(40), get("min-fresh=20"), "serve", "fresh for long enough, §5.2.1.3"),
    (stored(41), get("min-fresh=20"), "request", "not for long enough, §5.2.1.3"),
    (stored(65), get("max-stale"), "serve", "however stale, §5.2.1.2"),
    (stored(65), get("max-stale=5"), "serve", "no staler than that, §5.2.1.2"),
    (stored(66), get("max-stale=5"), "stale", "staler than that, §5.2.1.2"),
    (stored(65, stale_if_error=0), get("max-stale"), "stale", "must-revalidate forbids, §5.2.2.2"),
    (stored(65, always_validate=True), get("max-stale"), "stale", "so does no-cache"),
    (stored(65), get("max-stale, max-age=10"), "request", "both have to hold"),
    (stored(0), get("max-age=soon"), "serve", "an unreadable wish is for age 0, and it is"),
    (stored(0), get("only-if-cached"), "serve", "it is, §5.2.1.7"),
    (stored(60), get("only-if-cached"), "refuse", "only what is stored, and it is stale, §5.2.1.7"),
    (None, get("only-if-cached"), "refuse", "504 and no request to anybody, §5.2.1.7"),
    (stored(0), get("x-other=1"), "serve", "unknown wishes are no wishes, §5.2.3"),
]


@pytest.mark.parametrize(("kept", "request_", "expected", "why"), DECISIONS)
def test_decide(kept: StoredResponse | None, request_: Request, expected: str, why: str) -> None:
    decision = decide(() if kept is None else (kept,), request_, NOW)
    match decision:
        case Serve(found, stale):
            assert found is kept
            assert ("serve stale" if stale else "serve") == expected, why
        case Refuse():
            assert expected == "refuse", why
        case Forward(reason, found):
            assert reason == expected, why
            assert found is (None if expected in ("uri-miss", "vary-miss") else kept)


def part(age: float = 0) -> StoredResponse:
    made = NOW - age
    told = Headers([("Content-Range", "bytes 0-4/10")])
    return StoredResponse(Response(206, told, b"01234"), made, made, made, 0, 60)


PARTS = [
    # stored    method  Range          decision   why
    (part(), "GET", "bytes=1-3", "serve", "within the part, RFC 9111 §3.3"),
    (part(), "GET", "bytes=3-5", "partial", "not wholly within it, §3.3"),
    (part(), "GET", None, "partial", "a part is not the whole, §3.3"),
    (part(), "HEAD", "bytes=1-3", "partial", "a Range is for GET alone, RFC 9110 §14.2"),
    (part(60), "GET", "bytes=1-3", "stale", "within, but stale"),
    (part(60), "GET", "bytes=3-5", "partial", "what is missing matters more"),
]


@pytest.mark.parametrize(("kept", "method", "value", "expected", "why"), PARTS)
def test_decide_about_a_part(
    kept: StoredResponse, method: str, value: str | None, expected: str, why: str
) -> None:
    lines = [] if value is None else [("Range", value)]
    decision = decide((kept,), Request(method, "/", Headers(lines)), NOW)
    if isinstance(decision, Serve):
        assert expected == "serve", why
    else:
        assert isinstance(decision, Forward)
        assert decision.reason == expected, why
        assert (decision.part is kept) is (expected == "partial")


def test_an_origin_that_just_failed_is_spared() -> None:
    stale = stored(100)
    stale.spared_until = NOW + 10
    assert by_age(stale, NOW) == Serve(stale)
    assert by_age(stale, NOW + 10) == Forward(by_age(stored(100), NOW).reason, stale)  # type: ignore[union-attr]


def test_a_bound_on_staleness() -> None:
    stale = stored(65, stale_while_revalidate=100)
    assert isinstance(by_age(stale, NOW, longest_stale_s=6), Serve)
    assert isinstance(by_age(stale, NOW, longest_stale_s=5), Forward)

"""Typed values through CloudFront's rules: what a function returns is what a viewer would get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import for_request
from edgesim.cloudfront.lambda_result import Asked, request_result, response_result
from edgesim.errors import InvalidFunctionResult
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.runtimes.typed import Typed, handler_result, typed_request, typed_response

from .events import ORIGIN, REQUEST, RESPONSE, event_for

TEXT: Any = "é"
NOTHING: Any = None
MOVED = replace(REQUEST, target="/b")
SIZED = REQUEST.headers.plus(("Content-Length", "4"))
POSTED = Request("GET", "/a?x=1", SIZED, b"\x00new")

REQUESTS: list[tuple[Callable[[Request], Any], Request | Response, str]] = [
    (lambda request: request, REQUEST, "untouched is untouched, octets included"),
    (lambda request: request.with_target("/b"), MOVED, "the query goes with the target"),
    (lambda request: replace(request, body=b"\x00new"), POSTED, "a body it set replaces"),
    (
        lambda request: request.with_headers(request.headers.with_("X-B", "1")),
        REQUEST.with_headers(REQUEST.headers.plus(("X-B", "1"))),
        "a header it added",
    ),
    (lambda _: Response(404), Response(404), "generated"),
    (lambda _: Response(200, body=b"\xff"), Response(200, body=b"\xff"), "any bytes"),
    (lambda _: Response(200, body=TEXT), Response(200, body="é".encode()), "text is UTF-8"),
    (
        lambda _: Response(200, Headers([("A", "1"), ("B", "2"), ("a", "3")]), reason="Fine"),
        Response(200, Headers([("A", "1"), ("a", "3"), ("B", "2")]), reason="Fine"),
        "lines of one name come together, as in any Lambda@Edge result",
    ),
]


@pytest.mark.parametrize("trigger", [Trigger.VIEWER_REQUEST, Trigger.ORIGIN_REQUEST])
@pytest.mark.parametrize(("function", "expected", "why"), REQUESTS)
def test_request_functions(
    trigger: Trigger,
    function: Callable[[Request], Any],
    expected: Request | Response,
    why: str,
) -> None:
    event = event_for(trigger)
    origin = ORIGIN if trigger.faces_origin else None
    result = handler_result(trigger, event, function(typed_request(event)))
    outcome = request_result(trigger, result, REQUEST, origin)
    assert outcome == (Asked(expected, origin) if isinstance(expected, Request) else expected), why


RESPONSES: list[tuple[Callable[[Response], Any], Response, str]] = [
    (lambda response: response, RESPONSE, "untouched is untouched, the unseen body included"),
    (
        lambda response: response.with_headers(response.headers.with_("X-B", "1")),
        RESPONSE.with_headers(RESPONSE.headers.plus(("X-B", "1"))),
        "headers alone leave the body",
    ),
    (
        lambda response: replace(response, status=404, reason=""),
        Response(404, RESPONSE.headers, b"hello"),
        "a status",
    ),
    (lambda response: replace(response, body=b"new"), replace(RESPONSE, body=b"new"), "a body"),
    (lambda response: replace(response, body=b""), replace(RESPONSE, body=b""), "no body"),
    (lambda _: Response(302), Response(302), "a response of its own has its own body, none"),
]


@pytest.mark.parametrize(("function", "expected", "why"), RESPONSES)
def test_response_functions(
    function: Callable[[Response], Any], expected: Response, why: str
) -> None:
    event = event_for(Trigger.ORIGIN_RESPONSE)
    result = handler_result(Trigger.ORIGIN_RESPONSE, event, function(typed_response(event)))
    assert response_result(Trigger.ORIGIN_RESPONSE, result, RESPONSE) == expected, why


def test_the_body_that_include_body_shows_is_left_alone_unless_it_is_changed() -> None:
    event = event_for(Trigger.VIEWER_REQUEST, b"form")
    request = typed_request(event)
    assert request.body == b"form"
    result = handler_result(Trigger.VIEWER_REQUEST, event, request)
    asked = request_result(Trigger.VIEWER_REQUEST, result, replace(REQUEST, body=b"form and more"))
    assert isinstance(asked, Asked)
    assert asked.request.body == b"form and more"


REFUSED = [
    (
        lambda request: request.with_headers(request.headers.plus(("Keep-Alive", "1"))),
        "may not set",
        "as in any",
    ),
    (lambda request: replace(request, method="POST"), "the method", "read-only"),
    (lambda request: Response(99), "status", "no status"),
    (lambda request: Response(200, body=NOTHING), "body is NoneType", "no body"),
    (lambda request: None, "returned null", "a forgotten return"),
    (lambda request: [1], "returned list", "no value of ours"),
]


@pytest.mark.parametrize(("function", "what", "why"), REFUSED)
def test_the_rules_are_those_of_any_function(
    function: Callable[[Request], Any], what: str, why: str
) -> None:
    event = event_for(Trigger.VIEWER_REQUEST)
    result = handler_result(Trigger.VIEWER_REQUEST, event, function(typed_request(event)))
    with pytest.raises(InvalidFunctionResult) as raised:
        request_result(Trigger.VIEWER_REQUEST, result, REQUEST)
    assert what in raised.value.what, why


def test_a_response_function_returns_no_request() -> None:
    event = event_for(Trigger.VIEWER_RESPONSE)
    with pytest.raises(InvalidFunctionResult, match="returned a Request"):
        handler_result(Trigger.VIEWER_RESPONSE, event, typed_request(event))


FLOAT: Any = 200.0
EMPTY: Any = bytearray(b"")
AGAIN: list[tuple[Trigger, list[Callable[..., Any]]]] = [
    # what a function returns for one event, time after time
    (Trigger.VIEWER_REQUEST, [function for function, *_ in REQUESTS]),
    (Trigger.VIEWER_REQUEST, [function for function, *_ in REFUSED]),
    (Trigger.ORIGIN_RESPONSE, [function for function, *_ in RESPONSES]),
    (
        Trigger.ORIGIN_RESPONSE,
        [
            lambda response: response,
            lambda response: replace(response, body=b""),
            lambda response: replace(response, body=EMPTY),
            lambda response: replace(response, status=FLOAT),
            lambda _: Response(200),
            lambda _: Response(FLOAT),
        ],
    ),
    (
        Trigger.VIEWER_REQUEST,
        [lambda request: request, lambda request: replace(request, body=EMPTY), lambda _: {"a": 1}],
    ),
]


@pytest.mark.parametrize(("trigger", "functions"), AGAIN)
def test_what_comes_again_is_converted_once_and_as_ever(
    trigger: Trigger, functions: list[Callable[..., Any]]
) -> None:
    event, typed = event_for(trigger), Typed()
    given = typed_request if trigger.may_answer else typed_response
    shown = typed.request if trigger.may_answer else typed.response
    assert shown(event) is shown(for_request(event, "another")) == given(event)
    befores = [handler_result(trigger, event, function(given(event))) for function in functions]
    for before in befores:
        for _ in range(2):
            for function in functions:
                expected = handler_result(trigger, event, function(given(event)))
                found = typed.result(trigger, event, function(shown(event)), before)
                assert repr(found) == repr(expected)
                assert (found is before) is (expected == before)


def test_only_a_part_that_is_the_same_object_is_taken_for_the_same() -> None:
    typed = Typed()
    for path in ("/a", "/b"):
        event = event_for(Trigger.VIEWER_REQUEST)
        event["Records"][0]["cf"]["request"]["uri"] = path
        assert typed.request(event).path == path

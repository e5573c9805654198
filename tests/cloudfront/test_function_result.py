from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.cloudfront import function_rules as rules
from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.function_event import shown_request, shown_response
from edgesim.cloudfront.function_result import (
    FunctionOutput,
    amended_result,
    asked_result,
    held_against,
    output_of,
)
from edgesim.cloudfront.rule_book import Judge, Rule
from edgesim.errors import InvalidFunctionResult
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

REQUEST = Request("GET", "/gr%C3%BCn?b=1&a", Headers([("Host", "www.example.test")]), b"body")
RESPONSE = Response(
    200, Headers([("Content-Type", "text/html"), ("Content-Length", "5")]), b"hello", "Fine"
)
FN = Function("fn", "cloudfront-js-2.0")


def asked(**changes: Any) -> Request | Response:
    given = shown_request(REQUEST)
    return asked_result({**shown_request(REQUEST), **changes}, REQUEST, given, Judge())


def amended(**changes: Any) -> Response:
    given = shown_response(RESPONSE)
    return amended_result({**shown_response(RESPONSE), **changes}, RESPONSE, given, Judge())


def test_what_is_left_alone_is_the_very_same() -> None:
    assert asked() is REQUEST
    assert amended() is RESPONSE


TARGETS: list[tuple[dict[str, Any], str, str]] = [
    ({"uri": "/new"}, "/new?b=1&a", "the query stays as it was sent"),
    ({"querystring": "z=1"}, "/gr%C3%BCn?z=1", "a string"),
    ({"querystring": {}}, "/gr%C3%BCn", "none"),
    ({"uri": "/ü", "querystring": ""}, "/\xc3\xbc", "text is UTF-8"),
    ({"uri": "/" + "a" * 8184}, "/" + "a" * 8184 + "?b=1&a", "8,191 characters"),
]


@pytest.mark.parametrize(("changes", "target", "why"), TARGETS)
def test_where_a_request_goes(changes: dict[str, Any], target: str, why: str) -> None:
    made = asked(**changes)
    assert isinstance(made, Request)
    assert (made.target, made.body) == (target, b"body"), why


def test_a_response_in_place_of_a_request() -> None:
    made = asked_result(
        {
            "statusCode": 302,
            "statusDescription": "Found",
            "headers": {"location": {"value": "/ü"}},
            "cookies": {"a": {"value": "1", "attributes": "Path=/"}},
            "body": {"encoding": "base64", "data": "aGk="},
        },
        REQUEST,
        shown_request(REQUEST),
        Judge(),
    )
    lines = [("Location", "/\xc3\xbc"), ("Set-Cookie", "a=1; Path=/")]
    assert made == Response(302, Headers(lines), b"hi", "Found")


RESPONSES: list[tuple[dict[str, Any], Response, str]] = [
    ({"statusCode": 404}, Response(404, RESPONSE.headers, b"hello"), "its own usual phrase"),
    (
        {"statusDescription": "Good"},
        Response(200, RESPONSE.headers, b"hello", "Good"),
        "another phrase",
    ),
    (
        {"body": "new"},
        Response(200, Headers([("Content-Type", "text/html")]), b"new", "Fine"),
        "another body has another length",
    ),
    (
        {"body": ""},
        Response(200, Headers([("Content-Type", "text/html")]), b"", "Fine"),
        "an empty string drops the body",
    ),
    (
        {"body": {"data": "grün"}},
        Response(200, Headers([("Content-Type", "text/html")]), "grün".encode(), "Fine"),
        "text unless it says otherwise",
    ),
    (
        {"body": {"encoding": "base64", "data": "/w=="}},
        Response(200, Headers([("Content-Type", "text/html")]), b"\xff", "Fine"),
        "base64",
    ),
]


@pytest.mark.parametrize(("changes", "made", "why"), RESPONSES)
def test_a_response_amended(changes: dict[str, Any], made: Response, why: str) -> None:
    assert amended(**changes) == made, why


REFUSED: list[tuple[Any, Rule, str]] = [
    (lambda: asked(method="POST"), rules.METHOD, "from GET to 'POST'"),
    (lambda: asked(uri="a"), rules.URI, "'a'"),
    (lambda: asked(uri=7), rules.URI, "7"),
    (lambda: asked(uri="/a b"), rules.URI, "'/a b'"),
    (lambda: asked(uri="/a?b=1"), rules.URI, "?b=1"),
    (lambda: asked(uri="/a#b"), rules.URI, "#b"),
    (lambda: asked(querystring="a b"), rules.QUERY, "'a b'"),
    (lambda: asked(querystring=[]), rules.QUERY, "[]"),
    (lambda: asked(uri="/" + "a" * 8185), rules.URL_LENGTH, "8,192"),
    (lambda: asked(headers={}), rules.READ_ONLY, "deleted the header host"),
    *(
        (lambda status=status: asked(statusCode=status), rules.STATUS, repr(status))
        for status in ("200", 199, 600, 200.5, True, None)
    ),
    (lambda: amended(statusCode="404"), rules.STATUS, "'404'"),
    (lambda: amended(statusDescription=1), rules.DESCRIPTION, "1"),
    (lambda: amended(statusDescription="a\nb"), rules.DESCRIPTION, "a"),
    (lambda: amended(body=1), rules.BODY, "1"),
    (lambda: amended(body={"encoding": "text"}), rules.BODY, "None"),
    (lambda: amended(body={"encoding": "hex", "data": "00"}), rules.BODY_ENCODING, "'hex'"),
    (lambda: amended(body={"encoding": "base64", "data": "a"}), rules.BODY_ENCODING, "base64"),
    (lambda: amended(body={"encoding": "base64", "data": "a-_="}), rules.BODY_ENCODING, "base64"),
    (lambda: amended(body="x" * 40_960), rules.BODY_SIZE, "40,"),
    (lambda: asked_result(None, REQUEST, {}, Judge()), rules.RETURNS, "returned nothing"),
    (lambda: asked_result("x", REQUEST, {}, Judge()), rules.RETURNS, "'x'"),
    (lambda: asked_result([], REQUEST, {}, Judge()), rules.RETURNS, "[]"),
    (lambda: asked_result({}, REQUEST, {}, Judge()), rules.RETURNS, "no keys"),
    (lambda: asked_result({"request": {}}, REQUEST, {}, Judge()), rules.RETURNS, "request"),
    (lambda: amended_result({"request": 1}, RESPONSE, {}, Judge()), rules.RETURNS, "request"),
    (lambda: amended_result({"status": "200"}, RESPONSE, {}, Judge()), rules.RETURNS, "status"),
]


@pytest.mark.parametrize(("make", "rule", "said"), REFUSED)
def test_what_cloudfront_refuses(make: Any, rule: Rule, said: str) -> None:
    with pytest.raises(InvalidFunctionResult) as refused, held_against(FN, Trigger.VIEWER_REQUEST):
        make()
    assert refused.value.rule == rule.id
    assert said in refused.value.what
    assert (refused.value.status, refused.value.code) == (502, "FunctionValidationError")
    assert refused.value.where == "function fn at viewer-request"
    assert refused.value.page.startswith("The CloudFront function returned an invalid value")


def test_a_runtime_without_helpers_replies_with_what_was_returned() -> None:
    assert output_of({"uri": "/"}) == FunctionOutput({"uri": "/"})
    output = FunctionOutput(None, {"method": "x"})
    assert output_of(output) is output


NAMES = st.sampled_from(
    ["value", "multiValue", "attributes", "data", "encoding", "host", "via", "a", "body", "headers"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | NAMES, inner, max_size=3)
    ),
    max_leaves=8,
)
PARTS = st.sampled_from(
    [
        "method",
        "uri",
        "querystring",
        "headers",
        "cookies",
        "statusCode",
        "statusDescription",
        "body",
    ]
)


@given(st.dictionaries(PARTS, VALUES, max_size=4))
def test_whatever_is_returned_it_is_taken_or_refused(changes: dict[str, Any]) -> None:
    for make in (asked, amended):
        with suppress(InvalidFunctionResult):
            assert isinstance(make(**changes), Request | Response)


@given(VALUES)
def test_whatever_is_returned_instead_is_refused(returned: Any) -> None:
    with suppress(InvalidFunctionResult):
        asked_result(returned, REQUEST, shown_request(REQUEST), Judge())
    with suppress(InvalidFunctionResult):
        amended_result(returned, RESPONSE, shown_response(RESPONSE), Judge())

"""CloudFront: "Work with requests and responses", "Restrictions on Lambda@Edge"."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cloudfront.distribution import Distribution
from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.lambda_event import Json, request_event, response_event
from edgesim.cloudfront.lambda_result import Asked, blamed_on, request_result, response_result
from edgesim.cloudfront.origin import Origin
from edgesim.errors import InvalidFunctionResult
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

ORIGIN = Origin("app", host="origin.test")
DISTRIBUTION = Distribution(())
REQUEST = Request("GET", "/a?b=1", Headers([("Host", "v.test"), ("X-Amz-Cf-Id", "i")]), b"old")
RESPONSE = Response(200, Headers([("X-A", "1"), ("Content-Length", "3")]), b"old")
VREQ, OREQ, ORES, VRES = Trigger
HOST = {"host": [{"key": "Host", "value": "v.test"}]}


def asked(result: object, trigger: Trigger = VREQ) -> Asked | Response:
    origin = ORIGIN if trigger.faces_origin else None
    return request_result(trigger, result, REQUEST, origin)


def answered(result: object, trigger: Trigger = ORES) -> Response:
    return response_result(trigger, result, RESPONSE)


def request(**changes: Any) -> Json:
    event = request_event(DISTRIBUTION, VREQ, REQUEST, "", "")
    return {**event["Records"][0]["cf"]["request"], **changes}


def response(**changes: Any) -> Json:
    event = response_event(DISTRIBUTION, ORES, REQUEST, RESPONSE, "", "")
    return {**event["Records"][0]["cf"]["response"], **changes}


NO_OBJECT = "The Lambda function returned invalid JSON: The JSON output must be an object type."
BAD_URI = "The function returned an invalid URI format."
BAD_BODY = "The body is not a string, is not an object, or exceeds the maximum size."
NO_OBJECTS: tuple[object, ...] = (None, "x", 1, [], True, b"x")
KB_40, MB_1 = 40 * 1024, 1024 * 1024
REPLACE = {"action": "replace", "encoding": "text"}

REFUSED_REQUESTS: list[tuple[Trigger, object, str, str]] = [
    # trigger, result                                   on the page   why
    *((VREQ, nothing, NO_OBJECT, "no object") for nothing in NO_OBJECTS),
    (VREQ, {}, "", "neither a request nor a response"),
    (VREQ, {"Records": []}, "", "the whole event"),
    (VREQ, {"uri": "/", "headers": HOST}, "", "a request has a method"),
    (VREQ, {"uri": "/", "method": "GET"}, "", "a request has headers"),
    (VREQ, request(method="POST"), "", "the method is read-only"),
    (VREQ, request(method=None), "", "the method is read-only"),
    (VREQ, request(uri="a"), BAD_URI, "a uri starts with a slash"),
    (VREQ, request(uri=""), BAD_URI, "a uri starts with a slash"),
    (VREQ, request(uri=7), BAD_URI, "a uri is a string"),
    (VREQ, request(uri="/a b"), BAD_URI, "no space"),
    (VREQ, request(uri="/a\r\nX: y"), BAD_URI, "no control character"),
    (VREQ, request(uri="/a?b"), BAD_URI, "the query has its own field"),
    (VREQ, request(uri="/a#b"), BAD_URI, "no fragment"),
    (VREQ, request(querystring="a b"), BAD_URI, "no space"),
    (VREQ, request(querystring="a#b"), BAD_URI, "no fragment"),
    (VREQ, request(querystring=None), BAD_URI, "always a string"),
    (VREQ, request(uri="/" + "a" * 8192), BAD_URI, "less than 8,192"),
    (VREQ, request(uri="/", querystring="a" * 8190), BAD_URI, "both together"),
    (VREQ, request(body="x"), BAD_BODY, "a body is an object"),
    (VREQ, request(body={"action": "append"}), "", "read-only or replace"),
    (VREQ, request(body={"action": []}), "", "read-only or replace"),
    (VREQ, request(body={**REPLACE, "encoding": "gzip"}), "", "text or base64"),
    (VREQ, request(body={**REPLACE, "data": 1}), BAD_BODY, "data is a string"),
    (VREQ, request(body={"action": "replace", "data": "?"}), "", "base64 is the default"),
    (VREQ, request(body={**REPLACE, "data": "x" * (KB_40 + 1)}), BAD_BODY, "40 KB"),
    (OREQ, request(body={**REPLACE, "data": "x" * (MB_1 + 1)}), BAD_BODY, "1 MB"),
    (OREQ, request(), "", "an origin is wanted at origin-request"),
    (VREQ, {"status": "600"}, "", "200 to 599"),
    (VREQ, {"status": "199"}, "", "200 to 599"),
    (VREQ, {"status": "ok"}, "", "a number"),
    (VREQ, {"status": None}, "", "a number"),
    (VREQ, {"status": 200.0}, "", "a whole one"),
    (VREQ, {"status": "2_00"}, "", "digits, as CloudFront reads them, not as Python does"),
    (VREQ, {"status": " 200"}, "", "digits and nothing else"),
    (VREQ, {"status": "٢٠٠"}, "", "digits of ASCII"),
    (VREQ, {"status": "9" * 5000}, "", "not as long as this"),
    (VREQ, {"status": "200", "headers": None}, "", "if present, a map"),
    (VREQ, {"status": "200", "headers": []}, "", "if present, a map"),
    (VREQ, {"status": "200", "body": None}, BAD_BODY, "a body is a string"),
    (VREQ, {"status": "200", "body": {}}, BAD_BODY, "a body is a string"),
    (VREQ, {"status": "200", "bodyEncoding": "gzip"}, "", "text or base64"),
    (VREQ, {"status": "200", "bodyEncoding": []}, "", "text or base64"),
    (VREQ, {"status": "200", "body": "?", "bodyEncoding": "base64"}, "", "valid base64"),
    (VREQ, {"status": "200", "body": "é", "bodyEncoding": "base64"}, "", "valid base64"),
    (VREQ, {"status": "204", "body": "x"}, "", "no body with a 204 at viewer-request"),
    (VREQ, {"status": "200", "body": "x" * (KB_40 + 1)}, BAD_BODY, "40 KB"),
    (OREQ, {"status": "200", "body": "x" * (MB_1 + 1)}, BAD_BODY, "1 MB"),
    (VREQ, {"status": "200", "statusDescription": "a\r\nSet-Cookie: b"}, "", "no second line"),
    (VREQ, {"status": "200", "statusDescription": 7}, "", "text"),
]


@pytest.mark.parametrize(("trigger", "result", "page", "why"), REFUSED_REQUESTS)
def test_refused_results_of_request_functions(
    trigger: Trigger, result: object, page: str, why: str
) -> None:
    with pytest.raises(InvalidFunctionResult) as caught:
        asked(result, trigger)
    assert (caught.value.status, caught.value.code) == (502, "LambdaValidationError"), why
    assert page in caught.value.page, why
    assert len(str(caught.value)) < 1000, "a message is for reading"


CHANGES = [
    # changes to the request               target, body                    why
    ({}, "/a?b=1", b"old", "nothing"),
    ({"uri": "/x"}, "/x?b=1", b"old", "another path, the same query"),
    ({"querystring": ""}, "/a", b"old", "no query"),
    ({"querystring": "c=2&?"}, "/a?c=2&?", b"old", "another query"),
    ({"uri": "/ü"}, "/Ã¼?b=1", b"old", "UTF-8 goes out"),
    ({"uri": "/" + "a" * 8186}, "/" + "a" * 8186 + "?b=1", b"old", "8,191 in all"),
    ({"body": None}, "/a?b=1", b"old", "no body is no change"),
    ({"body": {"data": "x"}}, "/a?b=1", b"old", "read-only is the default"),
    ({"body": {"action": "read-only", "data": "?"}}, "/a?b=1", b"old", "changes are ignored then"),
    ({"body": {**REPLACE, "data": "né"}}, "/a?b=1", "né".encode(), "text"),
    ({"body": {"action": "replace", "data": "bmV3"}}, "/a?b=1", b"new", "base64 is the default"),
    ({"body": {"action": "replace"}}, "/a?b=1", b"", "no data, no body"),
    ({"clientIp": "1.1.1.1", "extra": []}, "/a?b=1", b"old", "read-only fields are ignored"),
]


@pytest.mark.parametrize(("changes", "target", "body", "why"), CHANGES)
def test_changed_requests(changes: Json, target: str, body: bytes, why: str) -> None:
    result = asked(request(**changes))
    assert isinstance(result, Asked)
    assert (result.request.target, result.request.body) == (target, body), why
    assert result.request.headers.get("x-amz-cf-id") == "i", "what it never saw is still there"
    if body != b"old":
        assert result.request.headers.get("content-length") == str(len(body)), "the new length"


GENERATED = [
    # result                                          status, body, reason          why
    ({"status": "302"}, (302, b"", ""), "only the status is needed"),
    ({"status": 200}, (200, b"", ""), "a number is let pass"),
    ({"status": "200", "body": "né"}, (200, "né".encode(), ""), "text is the default"),
    ({"status": "200", "body": "bmV3", "bodyEncoding": "base64"}, (200, b"new", ""), "base64"),
    ({"status": "204", "body": ""}, (204, b"", ""), "an empty body is none"),
    ({"status": "599", "statusDescription": "Né"}, (599, b"", "NÃ©"), "a phrase of its own"),
    ({"status": "200", "body": "x" * KB_40}, (200, b"x" * KB_40, ""), "40 KB"),
    ({"status": "200", "body": "a\ud800"}, None, "half a surrogate pair is no crash"),
]


@pytest.mark.parametrize(
    ("result", "expected", "why"), GENERATED, ids=[row[2] for row in GENERATED]
)
def test_generated_responses(
    result: Json, expected: tuple[int, bytes, str] | None, why: str
) -> None:
    made = asked(result)
    assert isinstance(made, Response)
    assert expected is None or (made.status, made.body, made.reason) == expected, why


def test_at_origin_request_a_204_may_have_a_body() -> None:
    assert isinstance(asked({"status": "204", "body": "x"}, OREQ), Response), (
        "the rule names viewer-request only"
    )


ANSWERS = [
    # changes                              status, body, reason          why
    ({}, (200, b"old", ""), "nothing"),
    ({"status": "404"}, (404, b"old", ""), "another status, and not the old one's phrase"),
    (
        {"status": "404", "statusDescription": "Gone Fishing"},
        (404, b"old", "Gone Fishing"),
        "its own",
    ),
    ({"body": ""}, (200, b"", ""), "an empty body removes it"),
    ({"body": "new"}, (200, b"new", ""), "replaced"),
    ({"body": "bmV3", "bodyEncoding": "base64"}, (200, b"new", ""), "base64"),
]


@pytest.mark.parametrize(("changes", "expected", "why"), ANSWERS)
def test_changed_responses(changes: Json, expected: tuple[int, bytes, str], why: str) -> None:
    got = answered(response(**changes))
    assert (got.status, got.body, got.reason) == expected, why
    assert ("content-length" in got.headers) == ("body" not in changes), "CloudFront counts anew"


def test_viewer_response_changes_headers_only() -> None:
    fields = {"x-b": [{"value": "2"}], "content-length": [{"key": "Content-Length", "value": "3"}]}
    got = answered({"status": "404", "body": "new", "headers": fields}, VRES)
    assert (got.status, got.body) == (200, b"old"), "as the guide has it"
    assert list(got.headers) == [("X-B", "2"), ("Content-Length", "3")]


REFUSED_RESPONSES: list[tuple[Trigger, object, str, str]] = [
    *((ORES, nothing, NO_OBJECT, "no object") for nothing in NO_OBJECTS),
    (ORES, {}, "", "no response"),
    (ORES, {"request": {}, "response": {}}, "", "the whole cf object"),
    (ORES, request(), "", "the request in place of the response"),
    (ORES, response(status="600"), "", "as the guide has it"),
    (ORES, response(body=None), BAD_BODY, "as the guide has it"),
    (ORES, response(headers=None), "", "as the guide has it"),
    (ORES, response(body="x" * (MB_1 + 1)), BAD_BODY, "1 MB"),
    (ORES, response(statusDescription=None), "", "a string"),
    (VRES, response(headers={}), "read-only", "content-length deleted"),
]


@pytest.mark.parametrize(("trigger", "result", "page", "why"), REFUSED_RESPONSES)
def test_refused_results_of_response_functions(
    trigger: Trigger, result: object, page: str, why: str
) -> None:
    with pytest.raises(InvalidFunctionResult) as caught:
        answered(result, trigger)
    assert page in caught.value.page, why


def test_what_a_function_did_to_its_event_does_not_count() -> None:
    event = request_event(DISTRIBUTION, VREQ, REQUEST, "", "")
    changed = event["Records"][0]["cf"]["request"]
    changed["headers"]["host"] = [{"key": "Host", "value": "evil.test"}]
    with pytest.raises(InvalidFunctionResult, match="read-only"):
        request_result(VREQ, changed, REQUEST)


def test_a_refusal_says_whose_result_it_was() -> None:
    with pytest.raises(InvalidFunctionResult) as caught, blamed_on(Function("auth"), VREQ):
        asked(None)
    assert caught.value.where == "function auth at viewer-request"


def test_deep_and_endless_values_are_refused_like_others() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    endless: Json = {}
    endless["value"] = endless
    for odd in (deep, endless, {"value": deep}):
        for result in (
            {"status": odd},
            {"status": "200", "headers": {"a": [odd]}},
            {"status": "200", "bodyEncoding": odd},
            request(uri=odd),
            request(querystring=odd),
            request(method=odd),
            request(headers={**HOST, "a": [{"key": odd, "value": "x"}]}),
        ):
            with pytest.raises(InvalidFunctionResult):
                asked(result)
    while isinstance(deep, list):  # or taking it apart would be as deep
        deep = deep.pop()


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(["200", "404", "GET", "/", "replace", "text", "base64", "https"])
    | st.sampled_from(["\ud800", "\r\n"])
)  # fmt: skip
keys = st.sampled_from(
    ["status", "statusDescription", "headers", "body", "bodyEncoding", "uri", "querystring",
     "method", "origin", "custom", "s3", "domainName", "port", "protocol", "path", "customHeaders",
     "readTimeout", "keepaliveTimeout", "sslProtocols", "authMethod", "region", "key", "value",
     "action", "encoding", "data", "x-a", "host", "via", "connection"]
) | st.text(max_size=4)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=20,
)
objects = st.dictionaries(keys, anything, max_size=8)


@given(objects, st.sampled_from([VREQ, OREQ]))
@settings(max_examples=400, deadline=None)
def test_only_refusals_come_out_of_request_result(result: Json, trigger: Trigger) -> None:
    partly: list[Json] = [{}, {"headers": HOST}, {"headers": HOST, "method": "GET", "uri": "/"}]
    for changes in partly:
        with suppress(InvalidFunctionResult):
            asked({**result, **changes}, trigger)
    whole = request_event(DISTRIBUTION, OREQ, REQUEST, "", "", ORIGIN)["Records"][0]["cf"][
        "request"
    ]
    whole["origin"]["custom"].update(result)
    with suppress(InvalidFunctionResult):
        asked(whole, OREQ)


@given(objects, st.sampled_from([ORES, VRES]))
@settings(max_examples=200, deadline=None)
def test_only_refusals_come_out_of_response_result(result: Json, trigger: Trigger) -> None:
    partly: list[Json] = [{}, response(), {"headers": {}}]
    for changes in partly:
        with suppress(InvalidFunctionResult):
            got = answered({**changes, **result}, trigger)
            assert "\n" not in got.reason
            json.dumps([got.status, list(got.headers), got.reason])

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cloudfront.distribution import Distribution
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import (
    ExposedBody,
    Json,
    octets,
    request_event,
    response_event,
    shown_headers,
    text,
)
from edgesim.cloudfront.lambda_result import Asked, request_result, response_result
from edgesim.cloudfront.origin import Origin
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

ORIGIN = Origin("app", host="origin.example.test", port=443, protocol="https")
DISTRIBUTION = Distribution((), id="E1EXAMPLE", domain_name="d1example.cloudfront.net")
HEADERS = Headers([("Host", "d1example.cloudfront.net"), ("User-Agent", "demo/1")])
REQUEST = Request("GET", "/a/b.html?x=1", HEADERS)


def config(trigger: str) -> Json:
    return {
        "distributionDomainName": "d1example.cloudfront.net",
        "distributionId": "E1EXAMPLE",
        "eventType": trigger,
        "requestId": "AbC_demo_id==",
    }


SHOWN_REQUEST = {
    "clientIp": "192.0.2.7",
    "method": "GET",
    "uri": "/a/b.html",
    "querystring": "x=1",
    "headers": {
        "host": [{"key": "Host", "value": "d1example.cloudfront.net"}],
        "user-agent": [{"key": "User-Agent", "value": "demo/1"}],
    },
}
SHOWN_ORIGIN = {
    "custom": {
        "domainName": "origin.example.test",
        "port": 443,
        "protocol": "https",
        "path": "",
        "sslProtocols": ["TLSv1.2"],
        "readTimeout": 30,
        "keepaliveTimeout": 5,
        "responseCompletionTimeout": 30,
        "customHeaders": {},
    }
}
SHOWN_RESPONSE = {
    "status": "200",
    "statusDescription": "OK",
    "headers": {"content-type": [{"key": "Content-Type", "value": "text/html"}]},
}


def test_the_sample_events_of_the_guide() -> None:
    who = ("192.0.2.7", "AbC_demo_id==")
    response = Response(200, Headers([("Content-Type", "text/html")]), b"never shown")
    with_origin = {**SHOWN_REQUEST, "origin": SHOWN_ORIGIN}
    events = [
        request_event(DISTRIBUTION, Trigger.VIEWER_REQUEST, REQUEST, *who),
        request_event(DISTRIBUTION, Trigger.ORIGIN_REQUEST, REQUEST, *who, ORIGIN),
        response_event(DISTRIBUTION, Trigger.ORIGIN_RESPONSE, REQUEST, response, *who, ORIGIN),
        response_event(DISTRIBUTION, Trigger.VIEWER_RESPONSE, REQUEST, response, *who),
    ]
    assert [event["Records"][0]["cf"] for event in events] == [
        {"config": config("viewer-request"), "request": SHOWN_REQUEST},
        {"config": config("origin-request"), "request": with_origin},
        {
            "config": config("origin-response"),
            "request": with_origin,
            "response": SHOWN_RESPONSE,
        },
        {
            "config": config("viewer-response"),
            "request": SHOWN_REQUEST,
            "response": SHOWN_RESPONSE,
        },
    ], 'CloudFront: "Lambda@Edge event structure"'
    assert all(len(event["Records"]) == 1 for event in events), "always exactly one record"


FIELDS = [
    # lines                                 shown                               why
    ([("X-A", "1"), ("x-a", "2")], {"x-a": [("X-A", "1"), ("x-a", "2")]}, "a line, an element"),
    ([("Accept", "a, b")], {"accept": [("Accept", "a, b")]}, "a line is not split"),
    ([("Connection", "close"), ("X-Amz-Cf-Id", "1"), ("X-Edge-A", "1")], {}, "hidden"),
    ([("A", "gr\xc3\xbcn")], {"a": [("A", "grün")]}, "UTF-8 where it is that"),
    ([("A", "gr\xfcn")], {"a": [("A", "grün")]}, "else ISO-8859-1"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "expected", "why"), FIELDS, ids=[row[2] for row in FIELDS])
def test_shown_headers(
    lines: list[tuple[str, str]], expected: dict[str, list[tuple[str, str]]], why: str
) -> None:
    shown = shown_headers(Headers(lines))
    pairs = {
        name: [(entry["key"], entry["value"]) for entry in entries]
        for name, entries in shown.items()
    }
    assert pairs == expected, why


BODIES = [
    (ExposedBody(b"hello"), "aGVsbG8=", False, "base64 always"),
    (ExposedBody(), "", False, "no body is an empty one"),
    (ExposedBody(b"hel", truncated=True), "aGVs", True, "cut at the limit"),
]


@pytest.mark.parametrize(("body", "data", "truncated", "why"), BODIES)
def test_exposed_body(body: ExposedBody, data: str, truncated: bool, why: str) -> None:
    event = request_event(DISTRIBUTION, Trigger.VIEWER_REQUEST, REQUEST, "", "", body=body)
    assert event["Records"][0]["cf"]["request"]["body"] == {
        "inputTruncated": truncated,
        "action": "read-only",
        "encoding": "base64",
        "data": data,
    }, why


def test_a_folder_is_shown_as_a_bucket() -> None:
    folder = Origin("Site", folder="./site", region="eu-west-1", path="/p")
    event = request_event(DISTRIBUTION, Trigger.ORIGIN_REQUEST, REQUEST, "", "", folder)
    assert event["Records"][0]["cf"]["request"]["origin"] == {
        "s3": {
            "authMethod": "none",
            "customHeaders": {},
            "domainName": "site.s3.eu-west-1.amazonaws.com",
            "path": "/p",
            "region": "eu-west-1",
        }
    }


def test_custom_headers_are_shown_at_the_origin_only() -> None:
    origin = Origin("o", host="o.test", custom_headers=Headers([("X-Key", "1"), ("x-key", "2")]))
    event = request_event(DISTRIBUTION, Trigger.ORIGIN_REQUEST, REQUEST, "", "", origin)
    request = event["Records"][0]["cf"]["request"]
    assert request["origin"]["custom"]["customHeaders"] == {
        "x-key": [{"key": "X-Key", "value": "1"}, {"key": "x-key", "value": "2"}]
    }
    assert "x-key" not in request["headers"]


def test_unknown_statuses_have_no_description() -> None:
    event = response_event(DISTRIBUTION, Trigger.VIEWER_RESPONSE, REQUEST, Response(299), "", "")
    assert event["Records"][0]["cf"]["response"]["statusDescription"] == ""


latin = st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=12)
names = st.sampled_from(
    [
        "Accept",
        "accept",
        "X-A",
        "Via",
        "Host",
        "Content-Length",
        "Connection",
        "X-Amz-Cf-Id",
        "Set-Cookie",
    ]
)
fields = st.lists(st.tuples(names, latin), max_size=8).map(Headers)


@given(fields, latin, st.sampled_from(list(Trigger)))
@settings(max_examples=200, deadline=None)
def test_a_function_that_returns_what_it_was_given_changes_nothing(
    headers: Headers, rest: str, trigger: Trigger
) -> None:
    request = Request("GET", f"/{rest}", headers, b"body")
    if trigger.may_answer:
        origin = ORIGIN if trigger.faces_origin else None
        event = request_event(DISTRIBUTION, trigger, request, "", "", origin)
        result = event["Records"][0]["cf"]["request"]
        asked = request_result(trigger, result, request, origin)
        assert asked == Asked(request, origin)
    else:
        response = Response(200, headers, b"body", rest)
        event = response_event(DISTRIBUTION, trigger, request, response, "", "")
        result = event["Records"][0]["cf"]["response"]
        assert response_result(trigger, result, response) == response


@given(st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_what_a_function_writes_arrives_as_utf_8(value: str) -> None:
    assert text(octets(value)) == value


def test_half_a_surrogate_pair_is_no_crash() -> None:
    assert octets("a\ud800") == "a?"

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.function_event import (
    plain_host,
    set_cookie,
    shown_cookies,
    shown_query,
    shown_request,
    shown_response,
    viewer_event,
)
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.tenant import Tenant
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

DISTRIBUTION = Distribution((Behavior("*", Origin("app", host="app.test")),))
GET = Request("GET", "/p?a=1", Headers([("Host", "www.example.test:8080"), ("Cookie", "sid=abc")]))


def test_the_event_of_viewer_request() -> None:
    event = viewer_event(
        DISTRIBUTION, Trigger.VIEWER_REQUEST, GET, "192.0.2.7", "id==", pop="FRA56-P1"
    )
    assert event == {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "E1EXAMPLE",
            "eventType": "viewer-request",
            "requestId": "id==",
        },
        "viewer": {"ip": "192.0.2.7"},
        "request": {
            "method": "GET",
            "uri": "/p",
            "querystring": {"a": {"value": "1"}},
            "headers": {"host": {"value": "www.example.test"}},
            "cookies": {"sid": {"value": "abc"}},
        },
        "helpers": {
            "rawQueryString": "a=1",
            "edgeLocation": {"name": "FRA", "serverIp": "192.0.2.1", "region": "us-east-1"},
        },
    }


def test_the_event_of_viewer_response_has_both_and_no_body() -> None:
    headers = [("Content-Type", "text/html"), ("Set-Cookie", "a=1; Path=/; Secure")]
    response = Response(200, Headers(headers), b"hello")
    event = viewer_event(
        DISTRIBUTION, Trigger.VIEWER_RESPONSE, GET, "192.0.2.7", "id==", response=response
    )
    assert event["response"] == {
        "statusCode": 200,
        "statusDescription": "OK",
        "headers": {"content-type": {"value": "text/html"}},
        "cookies": {"a": {"value": "1", "attributes": "Path=/; Secure"}},
    }
    assert event["request"]["uri"] == "/p"
    assert event["context"]["eventType"] == "viewer-response"
    assert "edgeLocation" not in event["helpers"], "empty at viewer-response"


def test_a_tenants_function_sees_the_endpoint_and_the_tenant() -> None:
    tenants = replace(DISTRIBUTION, tenant=Tenant("dt_1", {"plan": "gold"}))
    event = viewer_event(tenants, Trigger.VIEWER_REQUEST, GET, "192.0.2.7", "id==")
    assert event["context"]["endpoint"] == DISTRIBUTION.domain_name
    assert "distributionDomainName" not in event["context"]
    assert event["helpers"]["distributionTenant"] == {"id": "dt_1", "parameters": {"plan": "gold"}}


@pytest.mark.parametrize(
    ("target", "raw"), [("/p", None), ("/p?", ""), ("/p?b=%20&a=1&b", "b=%20&a=1&b")]
)
def test_the_raw_query_is_as_it_was_sent(target: str, raw: str | None) -> None:
    request = Request("GET", target)
    event = viewer_event(DISTRIBUTION, Trigger.VIEWER_REQUEST, request, "::1", "id")
    assert event["helpers"].get("rawQueryString") == raw


QUERIES: list[tuple[str, Any, str]] = [
    ("", {}, "always there"),
    ("a", {"a": {"value": ""}}, "a bare name"),
    ("a=", {"a": {"value": ""}}, "an empty value"),
    ("A=1&a=2", {"A": {"value": "1"}, "a": {"value": "2"}}, "the case of names stays"),
    ("a=%20b+c", {"a": {"value": "%20b+c"}}, "nothing is decoded"),
    ("a=b=c", {"a": {"value": "b=c"}}, "the first = divides"),
    ("a=1&&b=2", {"a": {"value": "1"}, "b": {"value": "2"}}, "nothing between two &"),
    (
        "a=1&b=2&a=3&a=",
        {
            "a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "3"}, {"value": ""}]},
            "b": {"value": "2"},
        },
        "several of one name",
    ),
    ("a=\xc3\xbc", {"a": {"value": "ü"}}, "octets that are UTF-8 are text"),
    ("a=\xfc", {"a": {"value": "ü"}}, "others are ISO-8859-1"),
]


@pytest.mark.parametrize(("query", "shown", "why"), QUERIES)
def test_parameters(query: str, shown: Any, why: str) -> None:
    assert shown_query(query) == shown, why


COOKIES: list[tuple[list[str], Any, str]] = [
    ([], {}, "always there"),
    (["a=1; b=2"], {"a": {"value": "1"}, "b": {"value": "2"}}, "one field"),
    (
        ["a=1", "a=2; B=3"],
        {"a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}, "B": {"value": "3"}},
        "several fields",
    ),
    (["a=b=c; d"], {"a": {"value": "b=c"}, "d": {"value": ""}}, "the first = divides"),
]


@pytest.mark.parametrize(("lines", "shown", "why"), COOKIES)
def test_cookies(lines: list[str], shown: Any, why: str) -> None:
    assert shown_cookies(lines) == shown, why


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a=1", {"value": "1"}),
        ("a=1; Path=/; Secure", {"value": "1", "attributes": "Path=/; Secure"}),
        ("a=b=c;HttpOnly", {"value": "b=c", "attributes": "HttpOnly"}),
    ],
)
def test_set_cookie(line: str, shown: Any) -> None:
    assert set_cookie(line) == ("a", shown)


def test_fields_of_several_lines_and_fields_that_are_hidden() -> None:
    lines = [("Accept", "a"), ("accept", "b"), ("Connection", "x"), ("X-Edge-Foo", "1")]
    shown = shown_request(Request("GET", "/", Headers([*lines, ("X-List", "a, b")])))
    assert shown["headers"] == {
        "accept": {"value": "a", "multiValue": [{"value": "a"}, {"value": "b"}]},
        "x-list": {"value": "a, b"},
    }


def test_several_set_cookies_of_one_name() -> None:
    lines = [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "a=2")]
    shown = shown_response(Response(404, Headers(lines), reason="Gone away"))
    assert shown["cookies"] == {
        "a": {
            "value": "1",
            "attributes": "Path=/",
            "multiValue": [{"value": "1", "attributes": "Path=/"}, {"value": "2"}],
        }
    }
    assert shown["statusDescription"] == "Gone away"


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("WWW.Example.test:8080", "www.example.test"),
        ("example.test.", "example.test"),
        ("[::1]:80", "[::1]"),
        ("[::1]", "[::1]"),
        ("localhost", "localhost"),
    ],
)
def test_hosts_have_no_port(host: str, plain: str) -> None:
    assert plain_host(host) == plain

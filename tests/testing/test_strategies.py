from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cloudfront.access import check_size
from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.moment import Moment
from edgesim.cloudfront.restrictions import is_disallowed
from edgesim.http.head import parse_request_head
from edgesim.http.message import Request
from edgesim.testing.strategies import lambda_events, moments, viewer_requests, viewers

TRIGGERS = st.sampled_from(list(Trigger))


@given(viewer_requests())
def test_a_request_is_one_that_a_socket_could_have_brought(request: Request) -> None:
    check_size(request)
    lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers)
    head = f"{request.method} {request.target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")
    parsed = parse_request_head(head)
    assert (parsed.method, parsed.target) == (request.method, request.target)
    stripped = [(name, value.strip(" \t")) for name, value in request.headers]
    assert list(parsed.headers) == stripped


@given(TRIGGERS.flatmap(moments))
def test_what_leaves_an_event_alone_is_accepted(moment: Moment) -> None:
    parts = moment.event["Records"][0]["cf"]
    moment.outcome(Function("it"), json.loads(json.dumps(parts.get("response", parts["request"]))))


@given(TRIGGERS.flatmap(lambda_events))
def test_an_event_is_what_lambda_could_have_sent(event: dict[str, Any]) -> None:
    (record,) = json.loads(json.dumps(event))["Records"]
    shown = record["cf"]["request"]
    assert shown["uri"].startswith("/")
    assert not any(map(is_disallowed, shown["headers"]))
    faces_origin = record["cf"]["config"]["eventType"].startswith("origin")
    assert ("origin" in shown) == faces_origin


@pytest.mark.parametrize("trigger", [Trigger.VIEWER_REQUEST, Trigger.ORIGIN_REQUEST])
def test_bodies_are_there_where_they_are_included(trigger: Trigger) -> None:
    seen: list[str] = []

    @settings(max_examples=200, database=None)
    @given(lambda_events(trigger, include_body=True))
    def collect(event: dict[str, Any]) -> None:
        seen.append(event["Records"][0]["cf"]["request"]["body"]["data"])

    collect()
    assert any(seen)


@given(viewers())
def test_viewers_come_from_documentation_networks(viewer: object) -> None:
    assert str(getattr(viewer, "ip", "")).startswith(("192.0.2.", "198.51.100.", "2001:db8:"))

from __future__ import annotations

from typing import Any

import pytest

from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.function import Association, Function, Trigger
from edgesim.cloudfront.function_moment import is_function_event
from edgesim.cloudfront.lambda_result import Asked
from edgesim.cloudfront.moment import moment_at, moment_of
from edgesim.cloudfront.origin import Origin
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

FN = Function("fn", "cloudfront-js-2.0")
GIVEN = {trigger: Association(FN) for trigger in (Trigger.VIEWER_REQUEST, Trigger.VIEWER_RESPONSE)}
DISTRIBUTION = Distribution((Behavior("*", Origin("app", host="app.test"), functions=GIVEN),))

EVENT: dict[str, Any] = {
    "version": "1.0",
    "context": {"eventType": "viewer-request", "requestId": "own"},
    "viewer": {"ip": "198.51.100.1"},
    "request": {
        "method": "GET",
        "uri": "/a",
        "querystring": {"a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}},
        "headers": {"host": {"value": "www.example.test"}},
        "cookies": {"c": {"value": "ü"}, "d": {"value": "2"}},
    },
}


def test_an_event_of_ones_own_is_completed() -> None:
    moment = moment_of(EVENT, DISTRIBUTION)
    cookies = ("Cookie", "c=\xc3\xbc; d=2")
    assert moment.request == Request(
        "GET", "/a?a=1&a=2", Headers([("host", "www.example.test"), cookies])
    )
    assert moment.event["context"]["requestId"] == "own"
    assert moment.event["context"]["distributionId"] == "E1EXAMPLE"
    assert moment.event["viewer"] == {"ip": "198.51.100.1"}
    assert moment.event["helpers"]["rawQueryString"] == "a=1&a=2"
    assert moment.outcome(FN, moment.event["request"]) == Asked(moment.request)


def test_the_least_that_an_event_has() -> None:
    moment = moment_of({"request": {"method": "GET", "uri": "/"}}, DISTRIBUTION)
    assert moment.trigger is Trigger.VIEWER_REQUEST
    assert moment.event["request"]["headers"] == {}


def test_an_event_with_a_response_is_of_viewer_response() -> None:
    shown = {"statusCode": 404, "cookies": {"a": {"value": "1", "attributes": "Path=/"}}}
    moment = moment_of({**EVENT, "context": {}, "response": shown}, DISTRIBUTION)
    assert moment.trigger is Trigger.VIEWER_RESPONSE
    assert moment.response == Response(404, Headers([("Set-Cookie", "a=1; Path=/")]))
    assert moment.outcome(FN, moment.event["response"]) == moment.response


def test_a_query_may_be_a_string() -> None:
    event = {"request": {"method": "GET", "uri": "/", "querystring": "b&a=1"}}
    assert moment_of(event, DISTRIBUTION).request.target == "/?b&a=1"


@pytest.mark.parametrize("trigger", GIVEN)
def test_a_moment_of_an_associated_function_has_its_event(trigger: Trigger) -> None:
    moment = moment_at(DISTRIBUTION, trigger, Request("GET", "/a"))
    assert is_function_event(moment.event)
    assert moment.event["context"]["eventType"] == trigger
    assert ("response" in moment.event) is (trigger is Trigger.VIEWER_RESPONSE)


@pytest.mark.parametrize("event", [{}, [], None, {"Records": []}, "request"])
def test_what_is_no_event_of_a_cloudfront_function(event: Any) -> None:
    assert not is_function_event(event)

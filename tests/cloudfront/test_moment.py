from __future__ import annotations

from dataclasses import replace

import pytest

from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.function import Association, Function, Trigger
from edgesim.cloudfront.lambda_event import ExposedBody
from edgesim.cloudfront.moment import moment_at, moment_of, trigger_named
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.rule_book import Warned
from edgesim.errors import ConfigError, InvalidFunctionResult
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer

FUNCTION = Function("ab")
BEHAVIOR = Behavior(
    "*",
    Origin("app", host="origin.example.test"),
    functions={Trigger.ORIGIN_REQUEST: Association(FUNCTION, include_body=True)},
)
DISTRIBUTION = Distribution((BEHAVIOR,))
REQUEST = Request("GET", "/a?b=1", Headers([("Host", "www.example.test"), ("X-A", "1")]))


def test_an_event_has_what_its_trigger_sees() -> None:
    at_viewer = moment_at(DISTRIBUTION, Trigger.VIEWER_REQUEST, REQUEST, Viewer("192.0.2.7"))
    shown = at_viewer.event["Records"][0]["cf"]["request"]
    assert "x-a" in shown["headers"]
    assert shown["clientIp"] == "192.0.2.7"
    assert "origin" not in shown
    assert "body" not in shown
    upload = replace(REQUEST, method="POST", body=b"up")
    at_origin = moment_at(DISTRIBUTION, Trigger.ORIGIN_REQUEST, upload)
    shown = at_origin.event["Records"][0]["cf"]["request"]
    assert "x-a" not in shown["headers"], "no policy forwards it"
    assert shown["origin"]["custom"]["domainName"] == "origin.example.test"
    assert (shown["body"]["action"], shown["body"]["data"]) == ("read-only", "dXA=")


@pytest.mark.parametrize("trigger", Trigger)
def test_the_way_back_from_an_event(trigger: Trigger) -> None:
    made = moment_at(DISTRIBUTION, trigger, REQUEST)
    read = moment_of(made.event, DISTRIBUTION)
    assert (read.trigger, read.origin) == (made.trigger, made.origin)
    assert (read.request.method, read.request.target) == (made.request.method, made.request.target)
    hidden = {"X-Amz-Cf-Id"}
    seen = [line for line in made.request.headers if line[0] not in hidden]
    assert sorted(read.request.headers) == sorted(seen)
    assert (read.response is None) == trigger.may_answer


@pytest.mark.parametrize("trigger", [Trigger.VIEWER_REQUEST, Trigger.ORIGIN_REQUEST])
def test_what_a_request_function_returns(trigger: Trigger) -> None:
    moment = moment_at(DISTRIBUTION, trigger, REQUEST)
    same = moment.outcome(FUNCTION, moment.event["Records"][0]["cf"]["request"])
    assert not isinstance(same, Response)
    assert same.request.target == moment.request.target
    answer = moment.outcome(FUNCTION, {"status": "204"})
    assert isinstance(answer, Response)
    assert answer.status == 204


@pytest.mark.parametrize("trigger", [Trigger.ORIGIN_RESPONSE, Trigger.VIEWER_RESPONSE])
def test_what_a_response_function_returns(trigger: Trigger) -> None:
    moment = moment_at(DISTRIBUTION, trigger, REQUEST, response=Response(404))
    shown = moment.event["Records"][0]["cf"]["response"]
    assert shown["status"] == "404"
    shown["headers"]["x-b"] = [{"key": "X-B", "value": "2"}]
    changed = moment.outcome(FUNCTION, shown)
    assert isinstance(changed, Response)
    assert changed.headers.get("x-b") == "2"


def test_a_refusal_says_whose_result_it_was() -> None:
    moment = moment_at(DISTRIBUTION, Trigger.VIEWER_REQUEST, REQUEST)
    with pytest.raises(InvalidFunctionResult) as refused:
        moment.outcome(FUNCTION, None)
    assert refused.value.where == "function ab at viewer-request"


def test_a_trigger_by_either_spelling() -> None:
    assert (
        trigger_named("viewer_request") is trigger_named("viewer-request") is Trigger.VIEWER_REQUEST
    )
    with pytest.raises(ConfigError, match="no trigger is named 'viewer'"):
        trigger_named("viewer")


def test_what_the_event_showed_of_the_body_counts() -> None:
    upload = replace(REQUEST, method="POST", body=b"foo")
    moment = moment_at(DISTRIBUTION, Trigger.ORIGIN_REQUEST, upload)
    assert moment.body == ExposedBody(b"foo")
    shown = moment.event["Records"][0]["cf"]["request"]
    shown["body"]["inputTruncated"] = True
    assert moment.body == ExposedBody(b"foo", truncated=True)
    warnings: list[Warned] = []
    result = {**shown, "body": {**shown["body"], "action": "replace"}}
    moment.outcome(FUNCTION, result, warnings=warnings)
    assert [one.rule.id for one in warnings] == ["truncated-body"]
    assert moment_at(DISTRIBUTION, Trigger.VIEWER_REQUEST, upload).body is None

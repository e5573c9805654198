from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import edgesim.runtimes
from edgesim.cli import invoke as command
from edgesim.cli.invocation import accepted, invoked
from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.function import Association, Function, Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.moment import moment_at
from edgesim.cloudfront.origin import Origin
from edgesim.errors import FunctionTimeout
from edgesim.http.headers import Headers
from edgesim.http.message import Request
from edgesim.runtimes.base import LogLine, LogSink

from .conftest import Edgesim

Handler = Callable[[Json], Any]


class Fake:
    """Functions that answer in this process."""

    handler: Handler
    retired = False

    def __init__(self, log: LogSink) -> None:
        self.log = log

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        self.log(LogLine(function.name, f"asked at {trigger}"))
        return type(self).handler(event)

    def compute_utilisation(self, function: Function, event: Json) -> int | None:
        return None

    async def retire(self, successor: Any) -> None:
        type(self).retired = True


def starting(handler: Handler) -> Any:
    class One(Fake):
        pass

    One.handler = staticmethod(handler)

    async def start(functions: Sequence[Function], log: LogSink) -> Fake:
        return One(log)

    return start


FUNCTION = Function("ab")
BEHAVIOR = Behavior(
    "*",
    Origin("app", host="origin.example.test"),
    functions={Trigger.ORIGIN_REQUEST: Association(FUNCTION, include_body=True)},
)
DISTRIBUTION = Distribution((BEHAVIOR,))
REQUEST = Request("GET", "/a?b=1", Headers([("Host", "www.example.test"), ("X-A", "1")]))


def unchanged(event: Json) -> Any:
    parts = event["Records"][0]["cf"]
    return parts.get("response", parts["request"])


VERDICTS = [
    (Trigger.VIEWER_REQUEST, "accepted: the request goes on as GET /a?b=1"),
    (Trigger.ORIGIN_REQUEST, "accepted: the request goes on as GET /a to http://origin.example.te"),
    (Trigger.ORIGIN_RESPONSE, "accepted: the response goes on with status 200"),
    (Trigger.VIEWER_RESPONSE, "accepted: the response goes on with status 200"),
]


@pytest.mark.parametrize(("trigger", "verdict"), VERDICTS)
async def test_what_changes_nothing_is_accepted(trigger: Trigger, verdict: str) -> None:
    moment = moment_at(DISTRIBUTION, trigger, REQUEST)
    invocation = await invoked(FUNCTION, moment, starting(unchanged))
    assert invocation.failure is None
    assert invocation.verdict.startswith(verdict)
    assert invocation.log == (LogLine("ab", f"asked at {trigger}"),)


async def test_a_refusal_has_its_sentence_and_its_result() -> None:
    moment = moment_at(DISTRIBUTION, Trigger.VIEWER_REQUEST, REQUEST)
    invocation = await invoked(FUNCTION, moment, starting(lambda _: None))
    assert invocation.completed
    assert invocation.failure is not None
    assert str(invocation.failure).startswith("function ab at viewer-request: it returned null")


async def test_code_that_fails_is_told_with_its_log() -> None:
    def late(_: Json) -> Any:
        raise FunctionTimeout("it took more than 5 s")

    moment = moment_at(DISTRIBUTION, Trigger.VIEWER_REQUEST, REQUEST)
    invocation = await invoked(FUNCTION, moment, starting(late))
    assert not invocation.completed
    assert isinstance(invocation.failure, FunctionTimeout)
    assert len(invocation.log) == 1


def test_an_answer_is_accepted_with_its_size() -> None:
    moment = moment_at(DISTRIBUTION, Trigger.VIEWER_REQUEST, REQUEST)
    outcome = moment.outcome(FUNCTION, {"status": "200", "body": "hello"})
    said = accepted(outcome, moment)
    assert said == "accepted: it answers with status 200 and 5 bytes"


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch, project: Path) -> Callable[[Handler], None]:
    def fake(handler: Handler) -> None:
        monkeypatch.setattr(command, "_starter", lambda *_: starting(handler))

    return fake


def test_the_result_alone_goes_to_stdout(
    edgesim: Edgesim, faked: Callable[[Handler], None]
) -> None:
    faked(unchanged)
    ran = edgesim("invoke", "ab", "--url", "/a?b=1", "-H", "X-A: ü")
    assert ran.status == 0
    assert json.loads(ran.out)["querystring"] == "b=1"
    assert "log: asked at viewer-request" in ran.err
    assert " ms of 5 s" in ran.err
    assert "accepted: the request goes on as GET /a?b=1" in ran.err


def test_a_refused_result_is_printed_and_refused(
    edgesim: Edgesim, faked: Callable[[Handler], None]
) -> None:
    faked(lambda _: {"status": "200", "headers": {"via": [{"key": "Via", "value": "me"}]}})
    ran = edgesim("invoke", "ab")
    assert ran.status == 2
    assert json.loads(ran.out)["status"] == "200"
    assert "it added the header via, which is read-only at viewer-request" in ran.err


def test_an_event_from_a_file(
    edgesim: Edgesim, faked: Callable[[Handler], None], project: Path
) -> None:
    faked(unchanged)
    for trigger in Trigger:
        moment = moment_at(DISTRIBUTION, trigger, REQUEST)
        (project / "event.json").write_text(json.dumps(moment.event))
        ran = edgesim("invoke", "ab", "--event", "event.json")
        assert ran.status == 0, ran.err
        assert f"ab at {trigger}: " in ran.err


BROKEN = [
    ("{", "it is no JSON"),
    ("[]", "it is malformed"),
    ('{"Records": []}', "it is malformed"),
    ('{"Records": [{"cf": {"config": {}}}]}', "it lacks 'eventType'"),
    (
        (
            '{"Records": [{"cf": {"config": {"eventType": "viewer-response"}, "request": '
            '{"uri": "/", "method": "GET", "headers": {}}}}]}'
        ),
        "an event of viewer-response has a response",
    ),
]


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_an_event_that_is_none(text: str, said: str, edgesim: Edgesim, project: Path) -> None:
    (project / "event.json").write_text(text)
    ran = edgesim("invoke", "ab", "--event", "event.json")
    assert ran.status == 2
    assert said in ran.err


@pytest.mark.skipif(
    not hasattr(edgesim.runtimes, "FunctionSet"), reason="there is no runtime to run it"
)
def test_a_real_function_runs(edgesim: Edgesim, project: Path) -> None:
    ran = edgesim("invoke", "ab", "--url", "/a")
    assert ran.status == 0, ran.err
    assert json.loads(ran.out)["uri"] == "/a"
    assert "hello from ab" in ran.err


def test_a_verdict_names_the_rule_and_what_to_do(
    edgesim: Edgesim, faked: Callable[[Handler], None]
) -> None:
    faked(lambda _: {"status": 600})
    ran = edgesim("invoke", "ab")
    assert ran.status == 2
    assert "refused by the rule status" in ran.err
    assert "its status is 600 [LambdaValidationError: status]" in ran.err
    assert "hint: a status is a string, '200' to '599'" in ran.err


def test_silence_is_warned_of_or_refused(
    edgesim: Edgesim, faked: Callable[[Handler], None]
) -> None:
    faked(lambda _: {"status": 200})
    for options in ((), ("--lenient",)):
        ran = edgesim("invoke", "ab", *options)
        assert ran.status == 0
        assert "warning: function ab at viewer-request: its status is the number 200" in ran.err
        assert "accepted: it answers with status 200" in ran.err
    ran = edgesim("invoke", "ab", "--strict")
    assert ran.status == 2
    assert "refused by the rule status-number" in ran.err


def test_both_ways_to_read_silence_are_one_too_many(edgesim: Edgesim, project: Path) -> None:
    for words in (("invoke", "ab"), ("check",), ("explain", "/"), ("dev",)):
        ran = edgesim(*words, "--strict", "--lenient")
        assert ran.status == 2
        assert "--strict and --lenient were both given" in ran.err

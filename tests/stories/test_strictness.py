"""Rules on which AWS is silent, through the whole life of a request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.strictness import Strictness
from edgesim.errors import InvalidFunctionResult
from tests.conftest import World

SAFE, STRICT, LENIENT = Strictness


def other_method(event: Json) -> Json:
    request: Json = event["Records"][0]["cf"]["request"]
    return {**request, "method": "POST"}


def numbered(event: Json) -> Json:
    return {"status": 200, "body": "made"}


def other_status(event: Json) -> Json:
    response: Json = event["Records"][0]["cf"]["response"]
    return {**response, "status": "404"}


def with_body(event: Json) -> Json:
    request: Json = event["Records"][0]["cf"]["request"]
    return {**request, "body": {"action": "replace", "encoding": "text", "data": "mine"}}


VREQ, OREQ, _, VRES = Trigger
CASES = [
    # trigger, function, strictness, status, rule
    (VREQ, other_method, SAFE, 502, "method"),
    (VREQ, other_method, STRICT, 502, "method"),
    (VREQ, other_method, LENIENT, 200, "method"),
    (OREQ, numbered, SAFE, 200, "status-number"),
    (OREQ, numbered, STRICT, 502, "status-number"),
    (OREQ, numbered, LENIENT, 200, "status-number"),
    (VRES, other_status, SAFE, 200, "viewer-response-status"),
    (VRES, other_status, STRICT, 502, "viewer-response-status"),
    (OREQ, with_body, SAFE, 200, "body-not-included"),
    (OREQ, with_body, STRICT, 502, "body-not-included"),
]


@pytest.mark.parametrize(("trigger", "function", "strictness", "status", "rule"), CASES)
def test_silence_is_read_as_the_distribution_says(
    trigger: Trigger, function: object, strictness: Strictness, status: int, rule: str
) -> None:
    world = World({trigger: function})  # type: ignore[dict-item]
    distribution = replace(world.edge.distribution, strictness=strictness)
    world.edge = replace(world.edge, distribution=distribution)
    served = world.get("/")
    assert served.response.status == status
    where = f"function {trigger} at {trigger}"
    if status == 502:
        assert isinstance(served.failure, InvalidFunctionResult)
        assert (served.failure.rule, served.failure.where) == (rule, where)
        assert served.response.headers.get("x-cache") == "LambdaValidationError from cloudfront"
        assert served.warnings == ()
    else:
        assert [(one.rule.id, one.where) for one in served.warnings] == [(rule, where)]
        assert served.failure is None


def test_with_the_body_included_it_may_be_replaced() -> None:
    world = World({OREQ: with_body}, include_body=True)
    served = world.sim.finish(world.steps("/", "POST", b"yours"))
    assert world.origin.last().body == b"mine"
    assert served.warnings == ()


def test_what_was_warned_of_is_a_cached_page_afterwards() -> None:
    world = World({OREQ: lambda _: {"status": 200, "headers": {
        "cache-control": [{"value": "max-age=60"}]}}})  # fmt: skip
    assert len(world.get("/").warnings) == 1
    assert world.get("/").warnings == (), "nothing ran"

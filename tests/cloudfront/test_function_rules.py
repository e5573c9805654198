"""Every rule for results of CloudFront Functions, broken once; `RULES.md` is made of this."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edgesim.cloudfront import function_rules as rules
from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.function_event import viewer_event
from edgesim.cloudfront.function_outcome import amended_outcome, asked_outcome
from edgesim.cloudfront.function_result import FunctionOutput
from edgesim.cloudfront.function_rules import FUNCTION_RULES
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.rule_book import Rule, Warned
from edgesim.cloudfront.strictness import Strictness
from edgesim.errors import InvalidFunctionResult
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from tests.cloudfront import test_function_fields as fields
from tests.cloudfront import test_function_result as result

VREQ, VRES = Trigger.VIEWER_REQUEST, Trigger.VIEWER_RESPONSE
FN = Function("fn", "cloudfront-js-2.0")
BEHAVIOR = Behavior("*", Origin("app", host="app.test"))
REQUEST = Request("GET", "/a?b=1", Headers([("Host", "www.example.test")]))
RESPONSE = Response(200, Headers([("Content-Type", "text/html")]), b"old")
SELECT = {"method": "selectRequestOriginById", "id": "nobody"}


def event(trigger: Trigger) -> Json:
    response = RESPONSE if trigger is VRES else None
    return viewer_event(Distribution(()), trigger, REQUEST, "192.0.2.7", "id", response=response)


def request(**changes: Any) -> Json:
    return {**event(VREQ)["request"], **changes}


def response(**changes: Any) -> Json:
    return {**event(VRES)["response"], **changes}


def headers(name: str, entry: object) -> Json:
    return request(headers={**event(VREQ)["request"]["headers"], name: entry})


BREACHES: list[tuple[Rule, Trigger, object]] = [
    (rules.RETURNS, VREQ, None),
    (rules.METHOD, VREQ, request(method="POST")),
    (rules.URI, VREQ, request(uri="a")),
    (rules.QUERY, VREQ, request(querystring="a b")),
    (rules.URL_LENGTH, VREQ, request(querystring="a" * 8192)),
    (rules.ENTRY, VREQ, headers("x-a", "1")),
    (rules.LOWER_CASE, VREQ, headers("X-A", {"value": "1"})),
    (rules.FIELD_NAME, VREQ, headers("x a", {"value": "1"})),
    (rules.VALUE_CHARACTER, VREQ, headers("x-a", {"value": "a\r\nb"})),
    (rules.DISALLOWED, VREQ, headers("connection", {"value": "close"})),
    (rules.READ_ONLY, VREQ, request(headers={})),
    (rules.STATUS, VREQ, {"statusCode": "302"}),
    (rules.DESCRIPTION, VREQ, {"statusCode": 302, "statusDescription": "a\nb"}),
    (rules.BODY, VRES, response(body=1)),
    (rules.BODY_ENCODING, VRES, response(body={"encoding": "gzip", "data": "x"})),
    (rules.BODY_SIZE, VREQ, {"statusCode": 200, "body": "x" * 40_961}),
    (rules.ORIGIN, VREQ, FunctionOutput(request(), SELECT)),
    (rules.ORIGIN_TRIGGER, VRES, FunctionOutput(response(), SELECT)),
]
"""One for each rule."""


def judged(trigger: Trigger, reply: object, strictness: Strictness) -> tuple[str, list[str]]:
    """The rule by which it was refused, and those it was warned of."""
    distribution = Distribution((BEHAVIOR,), strictness=strictness)
    warnings: list[Warned] = []
    given = event(trigger)
    try:
        if trigger is VREQ:
            asked_outcome(FN, reply, REQUEST, given, distribution, BEHAVIOR, warnings)
        else:
            amended_outcome(FN, reply, RESPONSE, given, distribution, warnings)
    except InvalidFunctionResult as error:
        return error.rule, [one.rule.id for one in warnings]
    return "", [one.rule.id for one in warnings]


@pytest.mark.parametrize(
    ("rule", "trigger", "reply"), BREACHES, ids=[rule.id for rule, _, _ in BREACHES]
)
def test_breach(rule: Rule, trigger: Trigger, reply: object) -> None:
    """It is this rule that is broken, and no other."""
    assert trigger in rule.triggers
    for strictness in Strictness:
        expected = (rule.id, []) if rule.refuses(strictness) else ("", [rule.id])
        assert judged(trigger, reply, strictness) == expected, strictness


def test_what_is_let_pass_is_applied_and_said_of_whom() -> None:
    distribution = replace(Distribution((BEHAVIOR,)), strictness=Strictness.LENIENT)
    warnings: list[Warned] = []
    big = {"statusCode": 200, "body": "x" * 50_000}
    made = asked_outcome(FN, big, REQUEST, event(VREQ), distribution, BEHAVIOR, warnings)
    assert isinstance(made, Response)
    assert made.body == b"x" * 50_000
    assert str(warnings[0]).startswith("function fn at viewer-request: headers and body are 50,000")


def test_rules_have_ids_of_their_own_and_say_what_helps() -> None:
    for rule in FUNCTION_RULES:
        assert rule.id.startswith("cff-")
        assert rule.condition.endswith(".")
        assert rule.fix
        assert rule.source
        assert rule.status == 502


def test_every_row_is_listed_and_held_by_a_test() -> None:
    rows = {one for one in vars(rules).values() if isinstance(one, Rule)}
    assert rows == set(FUNCTION_RULES)
    held = {row[2] for row in fields.REFUSED} | {row[1] for row in result.REFUSED}
    elsewhere = {rules.ORIGIN, rules.ORIGIN_TRIGGER}  # test_function_origin and stories
    assert held | elsewhere == rows

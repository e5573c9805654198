"""Every rule for Lambda@Edge, broken once and alone; `edge_functions/RULES.md` is made of this."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from edgesim.cloudfront import lambda_header_rules as fields
from edgesim.cloudfront import lambda_origin_rules as origins
from edgesim.cloudfront import lambda_rules as rules
from edgesim.cloudfront.distribution import Distribution
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import (
    ExposedBody,
    Json,
    request_event,
    response_event,
    shown_origin,
)
from edgesim.cloudfront.lambda_result import request_result, response_result
from edgesim.cloudfront.lambda_rules import LAMBDA_RULES
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.restrictions import READ_ONLY_HEADERS
from edgesim.cloudfront.rule_book import Judge, Rule, RuleKind
from edgesim.cloudfront.strictness import Strictness
from edgesim.errors import InvalidFunctionResult
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.runtimes.failures import unparsable

VREQ, OREQ, ORES, VRES = Trigger
KB_40, MB_1 = 40 * 1024, 1024 * 1024
IP = "192.0.2.7"
ORIGIN = Origin("app", host="origin.test")
DISTRIBUTION = Distribution(())
REQUEST = Request("POST", "/a?b=1", Headers([("Host", "origin.test")]), b"form")
RESPONSE = Response(200, Headers([("X-A", "1"), ("Content-Length", "3")]), b"old")
SEEN = ExposedBody(b"form")
CUT = ExposedBody(b"f", truncated=True)
LINE = [{"value": "1"}]


def request(trigger: Trigger = VREQ, **changes: Any) -> Json:
    origin = ORIGIN if trigger is OREQ else None
    event = request_event(DISTRIBUTION, trigger, REQUEST, IP, "", origin, SEEN)
    return {**event["Records"][0]["cf"]["request"], **changes}


def response(trigger: Trigger = ORES, **changes: Any) -> Json:
    event = response_event(DISTRIBUTION, trigger, REQUEST, RESPONSE, IP, "")
    return {**event["Records"][0]["cf"]["response"], **changes}


def custom(**changes: Any) -> Json:
    shown = deepcopy(shown_origin(ORIGIN))
    shown["custom"].update(changes)
    return request(OREQ, origin=shown)


def moved(kind: str, host: str = "", **fields: Any) -> Json:
    """The request sent to another origin, and its Host with it."""
    lines = [{"key": "Host", "value": host or fields["domainName"]}]
    return request(OREQ, origin={kind: fields}, headers={"host": lines})


def bucket(**changes: Any) -> Json:
    name = "b.s3.amazonaws.com"
    fields = {"domainName": name, "path": "", "authMethod": "none", "customHeaders": {}}
    return moved("s3", **{**fields, "region": "us-east-1", **changes})


def headers(name: str, entries: object, trigger: Trigger = VREQ) -> Json:
    shown = request(trigger)["headers"]
    return request(trigger, headers={**shown, name: entries})


def replaced(data: object, **changes: Any) -> Json:
    return {"action": "replace", "encoding": "text", "data": data, **changes}


def without(name: str) -> Json:
    shown = deepcopy(shown_origin(ORIGIN))
    del shown["custom"][name]
    return request(OREQ, origin=shown)


BREACHES: list[tuple[Rule, Trigger, object]] = [
    (rules.NOT_AN_OBJECT, VREQ, None),
    (rules.UNPARSABLE, VREQ, b"{}"),
    (rules.NEITHER_REQUEST_NOR_RESPONSE, VREQ, {"uri": "/"}),
    (rules.NOT_A_RESPONSE, ORES, {"request": {}}),
    (rules.METHOD, VREQ, request(method="GET")),
    (rules.CLIENT_IP, VREQ, request(clientIp="192.0.2.8")),
    (rules.URI, VREQ, request(uri="a")),
    (rules.QUERY_STRING, VREQ, request(querystring="a b")),
    (rules.URL_LENGTH, VREQ, request(querystring="a" * 8192)),
    (rules.REQUEST_BODY, VREQ, request(body="x")),
    (rules.BODY_ACTION, VREQ, request(body={"action": "append"})),
    (rules.BODY_ENCODING, VREQ, request(body=replaced("x", encoding="gzip"))),
    (rules.BODY_BASE64, VREQ, request(body=replaced("?", encoding="base64"))),
    (rules.BODY_SIZE, VREQ, request(body=replaced("x" * (KB_40 + 1)))),
    (rules.BODY_BASE64_SIZE, VREQ, request(body=replaced("A" * 54_480, encoding="base64"))),
    (rules.BODY_NOT_INCLUDED, VREQ, request(body=replaced("x"))),
    (rules.TRUNCATED_BODY, VREQ, request(body=replaced("x"))),
    (rules.STATUS, VREQ, {"status": "600"}),
    (rules.NO_STATUS, ORES, {"headers": response()["headers"]}),
    (rules.STATUS_NUMBER, VREQ, {"status": 200}),
    (rules.STATUS_DESCRIPTION, VREQ, {"status": "200", "statusDescription": "a\nb"}),
    (rules.NO_CONTENT_BODY, VREQ, {"status": "204", "body": "x"}),
    (rules.RESPONSE_BODY, VREQ, {"status": "200", "body": {}}),
    (rules.RESPONSE_SIZE, VREQ, {"status": "200", "body": "x" * (KB_40 + 1)}),
    (rules.VIEWER_RESPONSE_STATUS, VRES, response(VRES, status="404")),
    (rules.VIEWER_RESPONSE_BODY, VRES, response(VRES, body="new")),
    (fields.HEADERS_MAP, VREQ, request(headers=[])),
    (fields.HEADER_LIST, VREQ, headers("x-a", "1")),
    (fields.HEADER_VALUE, VREQ, headers("x-a", [{"value": 1}])),
    (fields.HEADER_NAME, VREQ, headers("x a", LINE)),
    (fields.HEADER_CHARACTER, VREQ, headers("x-a", [{"value": "a\r\nb"}])),
    (fields.HEADER_KEY, VREQ, headers("x-a", [{"key": "X-B", "value": "1"}])),
    (fields.HEADER_CASE, VREQ, headers("X-A", LINE)),
    (fields.DISALLOWED_HEADER, VREQ, headers("keep-alive", LINE)),
    (fields.READ_ONLY_HEADER, VREQ, request(headers={})),
    (fields.CLOUDFRONT_HEADER, VREQ, headers("cloudfront-viewer-country", LINE)),
    (fields.HEADERS_SIZE, VREQ, headers("x-a", [{"value": "x" * 32_768}])),
    (
        fields.JOINED_COOKIES,
        ORES,
        response(headers={"set-cookie": [{"value": "a=1; Path=/, b=2; Path=/"}]}),
    ),
    (origins.ORIGIN_AT_VIEWER_REQUEST, VREQ, request(origin=shown_origin(ORIGIN))),
    (origins.ORIGIN_KIND, OREQ, request(OREQ, origin={})),
    (origins.ORIGIN_FIELDS, OREQ, without("readTimeout")),
    (origins.ORIGIN_DOMAIN, OREQ, custom(domainName="10.0.0.1")),
    (origins.ORIGIN_DOMAIN_LENGTH, OREQ, custom(domainName="a" * 254)),
    (origins.BUCKET_CASE, OREQ, bucket(domainName="B.s3.amazonaws.com")),
    (origins.ORIGIN_PATH, OREQ, custom(path="v2/")),
    (origins.ORIGIN_PATH_LENGTH, OREQ, custom(path="/" + "a" * 255)),
    (origins.ORIGIN_PROTOCOL, OREQ, custom(protocol="ftp")),
    (origins.ORIGIN_PORT, OREQ, custom(port=81)),
    (origins.ORIGIN_SSL_PROTOCOLS, OREQ, custom(sslProtocols=["TLSv1.3"])),
    (origins.ORIGIN_READ_TIMEOUT, OREQ, custom(readTimeout=121)),
    (origins.ORIGIN_KEEPALIVE_TIMEOUT, OREQ, custom(keepaliveTimeout=0)),
    (origins.ORIGIN_COMPLETION_TIMEOUT, OREQ, custom(responseCompletionTimeout=5)),
    (origins.BUCKET_AUTH_METHOD, OREQ, bucket(authMethod="oac")),
    (origins.BUCKET_REGION, OREQ, bucket(region=None)),
    (origins.IDENTITY_REGION, OREQ, bucket(authMethod="origin-access-identity", region="")),
    (origins.IDENTITY_MOVED, OREQ, bucket(authMethod="origin-access-identity")),
    (origins.CUSTOM_HEADERS_MAP, OREQ, custom(customHeaders=[])),
    (origins.CUSTOM_HEADER_DENIED, OREQ, custom(customHeaders={"cookie": LINE})),
    (
        origins.CUSTOM_HEADER_TWICE,
        OREQ,
        {**headers("x-a", LINE, OREQ), "origin": custom(customHeaders={"x-a": LINE})["origin"]},
    ),
    (origins.CUSTOM_HEADERS_QUOTA, OREQ, custom(customHeaders={"x-a": [{"value": "x" * 1784}]})),
    (origins.HOST_OF_ORIGIN, OREQ, custom(domainName="other.test")),
]
"""One for each rule."""

EXPOSED = {"body-not-included": None, "truncated-body": CUT}
"""What the event showed of the body; else all of it."""
BUCKETS = {"identity-region": Origin("site", folder="./site")}
"""The origin the event showed; else a custom one."""


@dataclass
class Outcome:
    refused: str
    warned: list[str]


def judged(rule: Rule, trigger: Trigger, result: object, strictness: Strictness) -> Outcome:
    judge = Judge(strictness)
    try:
        if isinstance(result, bytes):  # as the runtimes do, who see it before the edge does
            raise unparsable("bytes", "", ())
        if trigger.may_answer:
            origin = BUCKETS.get(rule.id, ORIGIN) if trigger is OREQ else None
            body = EXPOSED.get(rule.id, SEEN)
            request_result(trigger, result, REQUEST, origin, body, IP, judge)
        else:
            response_result(trigger, result, RESPONSE, judge)
    except InvalidFunctionResult as error:
        refused = error.rule
    else:
        refused = ""
    return Outcome(refused, [one.rule.id for one in judge.warnings])


@pytest.mark.parametrize(
    ("rule", "trigger", "result"), BREACHES, ids=[rule.id for rule, _, _ in BREACHES]
)
def test_breach(rule: Rule, trigger: Trigger, result: object) -> None:
    """It is this rule that is broken, and no other."""
    assert trigger in rule.triggers
    for strictness in Strictness:
        refused, warned = (rule.id, []) if rule.refuses(strictness) else ("", [rule.id])
        assert judged(rule, trigger, result, strictness) == Outcome(refused, warned), strictness


def test_every_rule_has_its_breach() -> None:
    assert [rule.id for rule, _, _ in BREACHES] == [rule.id for rule in LAMBDA_RULES]


@pytest.mark.parametrize("trigger", Trigger)
def test_what_changes_nothing_breaks_no_rule(trigger: Trigger) -> None:
    judge = Judge(Strictness.STRICT)
    if trigger.may_answer:
        origin = ORIGIN if trigger is OREQ else None
        request_result(trigger, request(trigger), REQUEST, origin, SEEN, IP, judge)
    else:
        response_result(trigger, response(trigger), RESPONSE, judge)
    assert judge.warnings == []


READ_ONLY = [(trigger, name) for trigger in Trigger for name in sorted(READ_ONLY_HEADERS[trigger])]


@pytest.mark.parametrize(("trigger", "name"), READ_ONLY)
def test_a_response_of_ones_own_making_is_held_to_the_read_only_headers(
    trigger: Trigger, name: str
) -> None:
    if trigger.may_answer:
        made = {"status": "200", "headers": {name: LINE}}
        outcome = judged(fields.READ_ONLY_HEADER, trigger, made, Strictness.LENIENT)
        assert outcome == Outcome("read-only-header", [])


BOUNDARIES: list[tuple[str, Trigger, object]] = [
    ("40 KB", VREQ, request(body=replaced("x" * KB_40))),
    ("1 MB", OREQ, request(OREQ, body=replaced("x" * MB_1))),
    ("53.2 KB of base64", VREQ, request(body=replaced("A" * 54_476, encoding="base64"))),
    ("40 KB with headers", VREQ, {"status": "200", "body": "x" * KB_40}),
    ("1 MB with headers", OREQ, {"status": "200", "body": "x" * MB_1}),
    ("200", VREQ, {"status": "200"}),
    ("599", VREQ, {"status": "599"}),
    ("204 at origin-request", OREQ, {"status": "204", "body": "x"}),
    ("no limit", OREQ, custom(responseCompletionTimeout=0)),
    ("deleted", OREQ, without("responseCompletionTimeout")),
    ("as long as readTimeout", OREQ, custom(readTimeout=60, responseCompletionTimeout=60)),
    ("left alone", OREQ, custom(readTimeout=60)),
    ("253", OREQ, moved("custom", **{**custom()["origin"]["custom"], "domainName": "a" * 253})),
    ("255", OREQ, custom(path="/" + "a" * 254)),
    ("1,783", OREQ, custom(customHeaders={"x-a": [{"value": "x" * 1783}]})),
    ("1024", OREQ, custom(port=1024)),
    ("a date is no second cookie", ORES, response(headers={"set-cookie": [
        {"value": "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/"}, {"value": "b=2"}]})),
    ("as it was", VRES, response(VRES)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "trigger", "result"), BOUNDARIES, ids=[row[0] for row in BOUNDARIES]
)
def test_up_to_the_limit_no_rule_is_broken(why: str, trigger: Trigger, result: object) -> None:
    outcome = judged(rules.STATUS, trigger, result, Strictness.STRICT)
    assert outcome == Outcome("", []), why


def test_rows_are_fit_for_print() -> None:
    for rule in LAMBDA_RULES:
        assert rule.kind in (RuleKind.RESULT, RuleKind.ADVICE)
        assert rule.condition.endswith("."), rule.id
        assert all((rule.fix, rule.source, rule.triggers)), rule.id
        assert rule.silent or not rule.passes, rule.id

from __future__ import annotations

from typing import Any

import pytest

from edgesim.cloudfront import function_rules as rules
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.function_event import shown_query, shown_request, shown_response
from edgesim.cloudfront.function_fields import returned_headers, returned_query
from edgesim.cloudfront.rule_book import Rule
from edgesim.errors import InvalidFunctionResult
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

REQUEST = [
    ("Host", "www.example.test:8080"),
    ("ACCEPT", "a"),
    ("accept", "b"),
    ("X-Name", "Gr\xc3\xbc\xc3\x9fe"),
    ("Cookie", "a=1; b=2"),
    ("Connection", "keep-alive"),
]
RESPONSE = [
    ("Content-Type", "text/html"),
    ("Via", "1.1 origin"),
    ("Set-Cookie", "a=1;Path=/"),
    ("Set-Cookie", "b=2"),
]
Lines = list[tuple[str, str]]


def made(trigger: Trigger, change: Any) -> Lines:
    """The fields after `change` has been at what a function is shown."""
    if trigger is Trigger.VIEWER_REQUEST:
        before = Headers(REQUEST)
        given, shape = (shown_request(Request("GET", "/", before)) for _ in range(2))
    else:
        before = Headers(RESPONSE)
        given, shape = (shown_response(Response(200, before)) for _ in range(2))
    change(shape)
    return list(returned_headers(trigger, shape, given, before))


def setting(part: str, name: str, entry: Any) -> Any:
    return lambda shape: shape[part].__setitem__(name, entry)


def without(part: str, name: str) -> Any:
    return lambda shape: shape[part].pop(name)


def value(text: Any) -> dict[str, Any]:
    return {"value": text}


KEPT = [line for line in REQUEST if line[0] not in ("Cookie", "Connection")]
END: Lines = [("Connection", "keep-alive")]
COOKIE: Lines = [("Cookie", "a=1; b=2")]

AT_REQUEST: list[tuple[Any, Lines, str]] = [
    (lambda shape: None, REQUEST, "untouched: the very lines"),
    (
        setting("headers", "x-new-one", value("1")),
        [*KEPT, ("X-New-One", "1"), *END, *COOKIE],
        "new names are capitalised, hidden fields stay",
    ),
    (without("headers", "x-name"), [*KEPT[:3], *END, *COOKIE], "deleted"),
    (
        setting("headers", "x-name", value("ö")),
        [*KEPT[:3], ("X-Name", "\xc3\xb6"), *END, *COOKIE],
        "new text is UTF-8",
    ),
    (
        lambda shape: shape["headers"]["accept"].update(value="c"),
        [KEPT[0], ("Accept", "c"), ("accept", "b"), KEPT[3], *END, *COOKIE],
        "a changed value beside an unchanged multiValue replaces the first",
    ),
    (
        lambda shape: shape["headers"]["accept"].update(
            value="x", multiValue=[value("c"), value("b")]
        ),
        [KEPT[0], ("Accept", "c"), ("accept", "b"), KEPT[3], *END, *COOKIE],
        "a changed multiValue wins",
    ),
    (
        lambda shape: shape["headers"]["accept"].pop("multiValue"),
        [KEPT[0], ("ACCEPT", "a"), KEPT[3], *END, *COOKIE],
        "without multiValue one is left",
    ),
    (
        setting("cookies", "c", value("3")),
        [*REQUEST[:4], *END, ("Cookie", "a=1; b=2; c=3")],
        "a cookie more",
    ),
    (
        lambda shape: shape["cookies"].clear(),
        [*REQUEST[:4], *END],
        "no cookie, no field",
    ),
    (
        setting("cookies", "a", {"value": "1", "multiValue": [value("1"), value("9")]}),
        [*REQUEST[:4], *END, ("Cookie", "a=1; a=9; b=2")],
        "a cookie twice",
    ),
]


@pytest.mark.parametrize(("change", "lines", "why"), AT_REQUEST)
def test_a_request_keeps_the_octets_of_what_was_left_alone(
    change: Any, lines: Lines, why: str
) -> None:
    assert made(Trigger.VIEWER_REQUEST, change) == lines, why


AT_RESPONSE: list[tuple[Any, Lines, str]] = [
    (lambda shape: None, RESPONSE, "untouched"),
    (
        setting("cookies", "c", {"value": "3", "attributes": "Secure"}),
        [*RESPONSE, ("Set-Cookie", "c=3; Secure")],
        "a line for each cookie, those left alone as they were",
    ),
    (
        setting("cookies", "a", {"value": "9", "attributes": "Path=/"}),
        [*RESPONSE[:2], ("Set-Cookie", "a=9; Path=/"), RESPONSE[3]],
        "one changed",
    ),
    (without("cookies", "a"), [*RESPONSE[:2], RESPONSE[3]], "one deleted"),
    (
        setting("headers", "content-length", value("1")),
        [RESPONSE[0], RESPONSE[1], ("Content-Length", "1"), *RESPONSE[2:]],
        "not read-only for CloudFront Functions at viewer-response",
    ),
]


@pytest.mark.parametrize(("change", "lines", "why"), AT_RESPONSE)
def test_a_response_keeps_the_octets_of_what_was_left_alone(
    change: Any, lines: Lines, why: str
) -> None:
    assert made(Trigger.VIEWER_RESPONSE, change) == lines, why


VREQ, VRES = Trigger.VIEWER_REQUEST, Trigger.VIEWER_RESPONSE

REFUSED: list[tuple[Trigger, Any, Rule, str]] = [
    (VREQ, setting("headers", "X-A", value("1")), rules.LOWER_CASE, "X-A"),
    (VREQ, setting("headers", "x a", value("1")), rules.FIELD_NAME, "x a"),
    (VREQ, setting("headers", "x-ü", value("1")), rules.FIELD_NAME, "x-ü"),
    (VREQ, setting("headers", "x-a", "1"), rules.ENTRY, "x-a"),
    (VREQ, setting("headers", "x-a", value(1)), rules.ENTRY, "x-a"),
    (VREQ, setting("headers", "x-a", {}), rules.ENTRY, "x-a"),
    (VREQ, setting("headers", "x-a", {"multiValue": []}), rules.ENTRY, "multiValue"),
    (VREQ, setting("headers", "x-a", {"multiValue": [1]}), rules.ENTRY, "x-a"),
    (VREQ, lambda shape: shape.update(headers=[]), rules.ENTRY, "headers"),
    (VREQ, lambda shape: shape.update(cookies="a=1"), rules.ENTRY, "cookies"),
    (VREQ, setting("headers", "x-a", value("a\r\nb")), rules.VALUE_CHARACTER, "%0D"),
    (VREQ, setting("cookies", "a", value("a\nb")), rules.VALUE_CHARACTER, "%0A"),
    (VREQ, setting("cookies", "a b", value("1")), rules.FIELD_NAME, "a b"),
    (VREQ, setting("headers", "connection", value("close")), rules.DISALLOWED, "connection"),
    (VREQ, setting("headers", "x-edge-a", value("1")), rules.DISALLOWED, "x-edge-a"),
    (VREQ, setting("headers", "x-amz-cf-id", value("1")), rules.DISALLOWED, "x-amz-cf-id"),
    *(
        (VREQ, setting("headers", name, value("1")), rules.READ_ONLY, f"added the header {name}")
        for name in ("cdn-loop", "content-length", "transfer-encoding", "via")
    ),
    (VREQ, setting("headers", "host", value("other.test")), rules.READ_ONLY, "changed"),
    (VREQ, without("headers", "host"), rules.READ_ONLY, "deleted the header host"),
    (VRES, setting("headers", "warning", value("199 -")), rules.READ_ONLY, "added"),
    (VRES, setting("headers", "via", value("1.1 me")), rules.READ_ONLY, "changed"),
    (VRES, without("headers", "via"), rules.READ_ONLY, "deleted"),
    (VRES, setting("cookies", "a", {"value": "1", "attributes": 1}), rules.ENTRY, "attributes"),
]


@pytest.mark.parametrize(("trigger", "change", "rule", "said"), REFUSED)
def test_what_cloudfront_refuses(trigger: Trigger, change: Any, rule: Rule, said: str) -> None:
    with pytest.raises(InvalidFunctionResult) as refused:
        made(trigger, change)
    assert refused.value.rule == rule.id
    assert said in refused.value.what
    assert refused.value.status == 502


QUERIES: list[tuple[str, Any, str, str]] = [
    ("b=%20&a&a=1", None, "b=%20&a&a=1", "untouched"),
    ("a=1", "z=1&y=2", "z=1&y=2", "a string keeps its order"),
    ("a=1", "", "", "an empty string"),
    ("a=1", {}, "", "an empty map"),
    ("a=1&b", {"a": value("2"), "b": value("")}, "a=2&b", "what was bare stays bare"),
    ("a=1", {"a": value("1"), "b": value("")}, "a=1&b=", "what is new has an ="),
    (
        "a=1",
        {"a": {"value": "x", "multiValue": [value("1"), value("2")]}},
        "a=1&a=2",
        "several of one name",
    ),
    ("a=1", {"a": value("ü")}, "a=\xc3\xbc", "new text is UTF-8"),
]


@pytest.mark.parametrize(("before", "returned", "query", "why"), QUERIES)
def test_the_query_a_function_wants(before: str, returned: Any, query: str, why: str) -> None:
    given = shown_query(before)
    assert returned_query(given if returned is None else returned, given, before) == query, why


@pytest.mark.parametrize("returned", [{"a": value("b c")}, "a=#", "a=\n", 7, {"a\x00": value("")}])
def test_a_query_that_is_none(returned: Any) -> None:
    with pytest.raises(InvalidFunctionResult) as refused:
        returned_query(returned, {}, "")
    assert refused.value.rule == rules.QUERY.id

"""CloudFront: "Restrictions on all edge functions"."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import Json, shown_headers
from edgesim.cloudfront.lambda_fields import returned_headers, shown
from edgesim.cloudfront.restrictions import (
    DISALLOWED_HEADERS,
    DISALLOWED_PREFIXES,
    READ_ONLY_HEADERS,
)
from edgesim.errors import InvalidFunctionResult
from edgesim.http.headers import Headers

VREQ, OREQ, ORES, VRES = Trigger
BEFORE = Headers([("X-A", "1"), ("X-A", "2"), ("X-B", "\xfc"), ("X-Amz-Cf-Id", "i")])


def returned(changes: Json, trigger: Trigger = ORES, before: Headers = BEFORE) -> Headers:
    return returned_headers(trigger, {**shown_headers(before), **changes}, before)


def entry(value: str, **key: str) -> list[Json]:
    return [{**key, "value": value}]


HIDDEN = [("X-Amz-Cf-Id", "i")]
REST = [("X-A", "1"), ("X-A", "2")]

ACCEPTED = [
    # changes                                     lines                                      why
    ({}, list(BEFORE), "nothing changed, not even the order"),
    ({"x-b": entry("2", key="x-B")}, [*REST, ("x-B", "2"), *HIDDEN], "the key as it is written"),
    ({"x-b": entry("2")}, [*REST, ("X-B", "2"), *HIDDEN], "without a key, capitalised"),
    ({"X-B": entry("2"), "x-b": []}, [*REST, ("X-B", "2"), *HIDDEN], "an empty list is no line"),
    ({"x-a": []}, [("X-B", "\xfc"), *HIDDEN], "deleted; the others keep their octets"),
    ({"x-b": entry("ü€")}, [*REST, ("X-B", "Ã¼â\x82¬"), *HIDDEN], "changed ones go out in UTF-8"),
    ({"x-c": entry("a\tb")}, [*list(BEFORE)[:3], ("X-C", "a\tb"), *HIDDEN], "a tab is a character"),
]


@pytest.mark.parametrize(("changes", "lines", "why"), ACCEPTED)
def test_accepted(changes: Json, lines: list[tuple[str, str]], why: str) -> None:
    assert list(returned(changes)) == lines, why


ARRAY = "Each header entry in the headers object must be an array."
BAD_CHARACTER = "invalid character : '%0D' in header value, headerName : X-A"
BLACKLISTED = "The function tried to add a blacklisted header."

REFUSED: list[tuple[Json, str, str]] = [
    ({"x-a": "1"}, ARRAY, "lists of objects"),
    ({"x-a": {"value": "1"}}, ARRAY, "lists of objects"),
    ({"x-a": None}, ARRAY, "lists of objects"),
    ({"x-a": ["1"]}, "must be of string type", "lists of objects"),
    ({"x-a": [{}]}, "must be of string type", "with a value"),
    ({"x-a": [{"value": None}]}, "must be of string type", "a string"),
    ({"x-a": [{"value": 1}]}, "must be of string type", "a string"),
    ({"x-a": [{"value": "1", "key": "a b"}]}, "", "a token"),
    ({"x-a": [{"value": "1", "key": 1}]}, "", "a token"),
    ({"a b": entry("1")}, "", "a token"),
    ({"": entry("1")}, "", "a token"),
    ({"x-ü": entry("1")}, "", "a token"),
    ({"x-a": entry("a\rb")}, BAD_CHARACTER, "no line breaks"),
    ({"x-a": entry("a\x00b")}, "'%00'", "no control characters"),
    ({"X-Cache": entry("1")}, BLACKLISTED, "as the guide has it, whatever its case"),
    ({"x-amz-cf-id": entry("i")}, BLACKLISTED, "even with the value that is hidden"),
    ({"x-a": entry("1", key="Connection")}, BLACKLISTED, "a key does not smuggle it in"),
    ({"x-a": entry("1", key="Via")}, "read-only", "nor past the read-only ones"),
]


@pytest.mark.parametrize(("changes", "page", "why"), REFUSED)
def test_refused(changes: Json, page: str, why: str) -> None:
    with pytest.raises(InvalidFunctionResult) as caught:
        returned(changes)
    assert page in caught.value.page, why


@pytest.mark.parametrize(
    "name", sorted(DISALLOWED_HEADERS) + [f"{p}x" for p in DISALLOWED_PREFIXES]
)
@pytest.mark.parametrize("trigger", Trigger)
def test_disallowed_headers(name: str, trigger: Trigger) -> None:
    with pytest.raises(InvalidFunctionResult, match="may not set"):
        returned({name: entry("x")}, trigger)


@pytest.mark.parametrize("trigger", Trigger)
def test_read_only_headers(trigger: Trigger) -> None:
    for name in READ_ONLY_HEADERS[trigger]:
        before = Headers([(name, "1"), ("X-A", "1")])
        assert returned({name: entry("1", key=name.upper())}, trigger, before).get(name) == "1"
        attempts: list[tuple[str, Json, Headers]] = [
            ("added", {name: entry("1")}, Headers()),
            ("changed", {name: entry("2")}, before),
            ("changed", {name: [*entry("1"), *entry("1")]}, before),
            ("deleted", {name: []}, before),
        ]
        for did, changes, had in attempts:
            with pytest.raises(InvalidFunctionResult, match=f"{did} the header {name}"):
                returned(changes, trigger, had)


def test_what_one_trigger_may_not_touch_another_may() -> None:
    host = Headers([("Host", "a")])
    assert returned({"host": entry("b")}, OREQ, host).get("host") == "b", "as the guide has it"
    with pytest.raises(InvalidFunctionResult):
        returned({"host": entry("b")}, VREQ, host)


def test_no_object_is_no_headers() -> None:
    odds: list[object] = [None, [], "x", 1]
    for odd in odds:
        with pytest.raises(InvalidFunctionResult):
            returned_headers(VRES, odd, Headers())


def test_messages_quote_no_more_than_a_line() -> None:
    assert len(shown({"a" * 1000: ["b" * 1000] * 1000})) < 1000

from __future__ import annotations

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.validation import (
    answered_condition,
    conditional,
    entity_tags,
    freshened,
    range_still_applies,
    unconditional,
    vouched_for,
    weakly_equal,
)
from edgesim.http.dates import format_date
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

MODIFIED, EARLIER, LATER = (format_date(1_000_000 + shift) for shift in (0, -1, 1))


def headers(**fields: str) -> Headers:
    return Headers((name.replace("_", "-"), value) for name, value in fields.items())


def stored(**fields: str) -> StoredResponse:
    return StoredResponse(Response(200, headers(**fields), b"old"), 0, 0, 0, 0, 60)


ASKED = [
    # stored                               if-none-match  if-modified-since  why
    (stored(ETag='"1"'), '"1"', None, "RFC 9111 §4.3.1"),
    (stored(ETag='W/"1"'), 'W/"1"', None, "weak ones too"),
    (stored(Last_Modified=MODIFIED), None, MODIFIED, "§4.3.1"),
    (stored(ETag='"1"', Last_Modified=MODIFIED), '"1"', MODIFIED, "both, §4.3.1"),
    (stored(), None, None, "without a validator there is nothing to ask"),
    (None, None, None, "nothing is stored"),
]


@pytest.mark.parametrize(("stale", "etag", "since", "why"), ASKED)
def test_conditional(
    stale: StoredResponse | None, etag: str | None, since: str | None, why: str
) -> None:
    sent = conditional(Request("GET", "/", headers(Accept="a")), stale)
    assert sent.headers.get("if-none-match") == etag, why
    assert sent.headers.get("if-modified-since") == since, why
    assert sent.headers.get("accept") == "a"


def test_validation_asks_for_the_whole() -> None:
    part = Request("GET", "/", headers(Range="bytes=0-1", If_Range='"1"'))
    assert not {"range", "if-range"} & conditional(part, stored(ETag='"1"')).headers.names()
    assert conditional(part, None) is part


def test_validation_of_a_part_asks_for_that_range() -> None:
    part = Request("GET", "/", headers(Range="bytes=0-1"))
    kept = StoredResponse(Response(206, headers(ETag='"1"'), b"ol"), 0, 0, 0, 0, 60)
    sent = conditional(part, kept).headers
    assert (sent.get("range"), sent.get("if-none-match")) == ("bytes=0-1", '"1"'), (
        "news of it, or what stands there now, RFC 9110 §13.2.2"
    )


def test_the_viewers_own_conditions_do_not_reach_what_is_to_be_stored() -> None:
    request = Request("GET", "/", headers(If_Match="*", If_None_Match="*", Accept="a"))
    assert unconditional(request).headers.names() == {"accept"}
    plain = Request("GET", "/", headers(Accept="a"))
    assert unconditional(plain) is plain


def test_freshened() -> None:
    stale = stored(ETag='"1"', X_Old="o", Cache_Control="max-age=1", Content_Type="text/css")
    said = headers(Cache_Control="max-age=9", Content_Length="0", Content_Type="no", X_New="n")
    renewed = freshened(stale, Response(304, said))
    assert (renewed.status, renewed.body) == (200, b"old"), "RFC 9111 §4.3.4"
    assert renewed.headers.get("cache-control") == "max-age=9", "§3.2: replaced"
    assert renewed.headers.get("x-new") == "n", "§3.2: added"
    assert renewed.headers.get("x-old") == "o", "§3.2: what the 304 leaves out stays"
    assert renewed.headers.get("content-type") == "text/css", "§3.2: it describes the body"
    assert "content-length" not in renewed.headers


TAGS = [
    ('"a"', ['"a"'], "RFC 9110 §8.8.3"),
    ('"a", W/"b" ,"c"', ['"a"', 'W/"b"', '"c"'], "a list"),
    ('"a,b", "c"', ['"a,b"', '"c"'], "a comma may stand in a tag"),
    ("*", ["*"], "any"),
    ("a, b", ["a", "b"], "without quotes they are no tags, but some origins send them"),
    ("", [], "none"),
    ('"a", "b', ['"a"', '"b'], "the quote left open"),
]


@pytest.mark.parametrize(("value", "tags", "why"), TAGS)
def test_entity_tags(value: str, tags: list[str], why: str) -> None:
    assert entity_tags(value) == tags, why


WEAK = [
    ('"1"', '"1"', True),
    ('W/"1"', 'W/"1"', True),
    ('W/"1"', '"1"', True),
    ('"1"', '"2"', False),
]


@pytest.mark.parametrize(("one", "other", "equal"), WEAK)
def test_weakly_equal(one: str, other: str, equal: bool) -> None:
    assert weakly_equal(one, other) is equal, "the table of RFC 9110 §8.8.3.2"


GOT = {"ETag": '"1"', "Last_Modified": MODIFIED}
WEAKLY = {"ETag": 'W/"1"', "Last_Modified": MODIFIED}

CONDITIONS = [
    # viewer's fields                    response  status  why
    ({}, GOT, 200, "no condition"),
    ({"If_None_Match": '"1"'}, GOT, 304, "it has it, RFC 9110 §13.1.2"),
    ({"If_None_Match": '"2"'}, GOT, 200, "it has another"),
    ({"If_None_Match": '"0", "1"'}, GOT, 304, "one of several"),
    ({"If_None_Match": 'W/"1"'}, GOT, 304, "weak comparison, §13.1.2"),
    ({"If_None_Match": '"1"'}, WEAKLY, 304, "weak comparison, §13.1.2"),
    ({"If_None_Match": "*"}, GOT, 304, "whatever there is, §13.1.2"),
    ({"If_None_Match": '"1"'}, {}, 200, "a response without a tag matches none"),
    ({"If_None_Match": '"2"', "If_Modified_Since": MODIFIED}, GOT, 200, "the date is ignored then"),
    ({"If_Modified_Since": MODIFIED}, GOT, 304, "not since, §13.1.3"),
    ({"If_Modified_Since": LATER}, GOT, 304, "not since"),
    ({"If_Modified_Since": EARLIER}, GOT, 200, "since"),
    ({"If_Modified_Since": "noon"}, GOT, 200, "no date, no condition, §13.1.3"),
    ({"If_Modified_Since": MODIFIED}, {}, 200, "nobody knows"),
    ({"If_Match": '"1"'}, GOT, 200, "it is this one, §13.1.1"),
    ({"If_Match": '"2"'}, GOT, 412, "it is not, §13.1.1"),
    ({"If_Match": "*"}, GOT, 200, "there is one"),
    ({"If_Match": 'W/"1"'}, WEAKLY, 412, "strong comparison: weak tags never match, §13.1.1"),
    ({"If_Match": '"1"'}, {}, 412, "a response without a tag matches none"),
    ({"If_Unmodified_Since": MODIFIED}, GOT, 200, "§13.1.4"),
    ({"If_Unmodified_Since": EARLIER}, GOT, 412, "§13.1.4"),
    ({"If_Unmodified_Since": "noon"}, GOT, 200, "no date, no condition"),
    ({"If_Match": '"1"', "If_Unmodified_Since": EARLIER}, GOT, 200, "the date is ignored then"),
    ({"If_Match": '"1"', "If_None_Match": '"1"'}, GOT, 304, "in this order, §13.2.2"),
    ({"If_Match": '"2"', "If_None_Match": '"1"'}, GOT, 412, "in this order, §13.2.2"),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("asked", "given", "status", "why"), CONDITIONS)
def test_answered_condition(
    method: str, asked: dict[str, str], given: dict[str, str], status: int, why: str
) -> None:
    response = Response(200, headers(**given), b"body")
    answer = answered_condition(Request(method, "/", headers(**asked)), response)
    assert answer.status == status, why
    assert answer.body == (b"body" if status == 200 else b"")


def test_conditions_are_for_successes_and_reads() -> None:
    asked = headers(If_None_Match='"1"')
    missing = Response(404, headers(ETag='"1"'))
    assert answered_condition(Request("GET", "/", asked), missing) is missing, "§13.2.1"
    found = Response(200, headers(ETag='"1"'))
    assert answered_condition(Request("OPTIONS", "/", asked), found) is found, "§13.1.2"


BY_DATE = [
    # Last-Modified  Date      If-Modified-Since  status  why
    (None, MODIFIED, MODIFIED, 304, "Date stands in, RFC 9111 §4.3.2"),
    (None, MODIFIED, EARLIER, 200, "it was made after that, §4.3.2"),
    (LATER, MODIFIED, MODIFIED, 200, "only where Last-Modified is missing"),
]


@pytest.mark.parametrize(("modified", "date", "since", "status", "why"), BY_DATE)
def test_if_modified_since_without_last_modified(
    modified: str | None, date: str, since: str, status: int, why: str
) -> None:
    given = headers(Date=date) if modified is None else headers(Date=date, Last_Modified=modified)
    request = Request("GET", "/", headers(If_Modified_Since=since))
    assert answered_condition(request, Response(200, given)).status == status, why


VOUCHED = [
    # stored            method  status  answer                  vouched  why; RFC 9111 §4.3.5
    ({}, "HEAD", 200, {}, True, "it says nothing to the contrary"),
    ({"ETag": '"1"'}, "HEAD", 200, {"ETag": '"1"'}, True, "the same validator"),
    ({"ETag": '"1"'}, "HEAD", 200, {"ETag": '"2"'}, False, "another"),
    ({}, "HEAD", 200, {"ETag": '"1"'}, False, "a validator that is new"),
    ({"Content-Length": "3"}, "HEAD", 200, {"Content-Length": "4"}, False, "of another length"),
    ({}, "HEAD", 410, {}, False, "only a 200"),
    ({}, "GET", 200, {}, False, "a GET brings its own body"),
]


@pytest.mark.parametrize(("given", "method", "status", "answer", "vouched", "why"), VOUCHED)
def test_vouched_for(
    given: dict[str, str],
    method: str,
    status: int,
    answer: dict[str, str],
    vouched: bool,
    why: str,
) -> None:
    told = Response(status, Headers(answer.items()))
    assert vouched_for(Request(method, "/"), stored(**given), told) is vouched, why


def test_a_304_repeats_what_the_viewer_needs_and_no_more() -> None:
    response = Response(200, headers(ETag='"1"', Age="3", Vary="A", Content_Type="x", X="y"), b"b")
    answer = answered_condition(Request("GET", "/", headers(If_None_Match="*")), response)
    assert answer.headers.names() == {"etag", "age", "vary"}, "RFC 9110 §15.4.5"


IF_RANGE = [
    (None, GOT, True, "no condition"),
    ('"1"', GOT, True, "RFC 9110 §13.1.5"),
    ('"2"', GOT, False, "another one by now"),
    ('W/"1"', WEAKLY, False, "weak tags never, §13.1.5"),
    ('"1"', WEAKLY, False, "strong comparison"),
    (MODIFIED, GOT, True, "the very date"),
    (LATER, GOT, False, "no other date, not even a later one"),
    (MODIFIED, {}, False, "nothing to compare it with"),
]


@pytest.mark.parametrize(("condition", "given", "applies", "why"), IF_RANGE)
def test_range_still_applies(
    condition: str | None, given: dict[str, str], applies: bool, why: str
) -> None:
    asked = headers() if condition is None else headers(If_Range=condition)
    assert range_still_applies(asked, Response(200, headers(**given))) is applies, why

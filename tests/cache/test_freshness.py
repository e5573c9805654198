from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cache.freshness import (
    StoredResponse,
    age_value,
    date_value,
    explicit_lifetime,
    heuristic_lifetime,
)
from edgesim.http.dates import format_date
from edgesim.http.headers import Headers
from edgesim.http.message import Response

NOW = 1_000_000_000.0


def at(seconds: float) -> str:
    return format_date(NOW + seconds)


AGES = [
    # request, response, date, age  read at   age    why; all of RFC 9111 §4.2.3
    (0, 0, 0, 0, 0, 0, "just made"),
    (0, 0, 0, 0, 10, 10, "resident_time"),
    (0, 0, -5, 0, 10, 15, "apparent_age: it was made five seconds before it came"),
    (0, 0, 5, 0, 10, 10, "a Date in the future is no negative age"),
    (0, 0, 0, 7, 10, 17, "age_value: another cache had it"),
    (0, 2, 0, 7, 12, 19, "response_delay counts as age of what another cache had"),
    (0, 2, 0, 0, 12, 12, "and as apparent_age without one: the greater of both, not the sum"),
    (0, 0, -5, 3, 10, 15, "apparent_age wins if it is greater"),
    (0, 0, -3, 5, 10, 15, "and the other way round"),
    (0.5, 0.5, 0, 0, 10.5, 10, "Date tells whole seconds: half of one is no age"),
]


@pytest.mark.parametrize(("sent", "came", "made", "age", "read", "expected", "why"), AGES)
def test_current_age(
    sent: float, came: float, made: float, age: int, read: float, expected: float, why: str
) -> None:
    stored = StoredResponse(
        Response(200),
        request_time=NOW + sent,
        response_time=NOW + came,
        date_value=NOW + made,
        age_value=age,
        lifetime=60,
    )
    assert stored.current_age(NOW + read) == expected, why
    assert stored.staleness(NOW + read) == expected - 60
    assert stored.aged(NOW + read).headers.get("age") == str(int(expected)), "RFC 9111 §5.1"


def test_a_clock_that_was_set_back_makes_no_negative_age() -> None:
    stored = StoredResponse(Response(200), NOW, NOW, NOW, 0, 60)
    assert stored.aged(NOW - 3600).headers.get("age") == "0"


EXPLICIT = [
    # fields                                        lifetime   why
    ({}, None, "the origin is silent"),
    ({"Cache-Control": "max-age=100"}, 100, "RFC 9111 §5.2.2.1"),
    ({"Cache-Control": "max-age=100, s-maxage=7"}, 7, "a shared cache prefers s-maxage, §5.2.2.10"),
    ({"Cache-Control": "S-MaxAge=7, max-age=100"}, 7, "names have no case, order no meaning"),
    ({"Cache-Control": "max-age=soon"}, 0, "unreadable is stale, §4.2.1"),
    ({"Cache-Control": "s-maxage, max-age=9"}, 0, "without an argument too"),
    ({"Cache-Control": "max-age=5", "Expires": at(100)}, 5, "max-age before Expires, §5.3"),
    ({"Expires": at(100), "Date": at(0)}, 100, "Expires minus Date, §4.2.1"),
    ({"Expires": at(100), "Date": at(40)}, 60, "by the origin's own clock"),
    ({"Expires": at(100)}, 100, "by ours if it has none"),
    ({"Expires": at(-100), "Date": at(0)}, 0, "past"),
    ({"Expires": "0"}, 0, "an invalid date is past, §5.3"),
    ({"Expires": "Thu, 01 Jan 99999 00:00:00 GMT"}, 0, "beyond all calendars: invalid as well"),
    ({"Cache-Control": "public"}, None, "public says nothing of time"),
]


@pytest.mark.parametrize(("fields", "lifetime", "why"), EXPLICIT, ids=[row[2] for row in EXPLICIT])
def test_explicit_lifetime(fields: dict[str, str], lifetime: int | None, why: str) -> None:
    assert explicit_lifetime(Headers(fields.items()), NOW) == lifetime, why


HEURISTIC = [
    # status, fields                                lifetime  why
    (200, {"Last-Modified": at(-1000)}, 100, "a tenth of the time since, RFC 9111 §4.2.2"),
    (404, {"Last-Modified": at(-1000)}, 100, "a status that may be, RFC 9110 §15.1"),
    (302, {"Last-Modified": at(-1000)}, None, "a status that may not"),
    (302, {"Last-Modified": at(-1000), "Cache-Control": "public"}, 100, "unless public, §3"),
    (200, {}, None, "nothing to go by"),
    (200, {"Last-Modified": "yesterday"}, None, "nothing readable to go by"),
    (200, {"Last-Modified": at(50)}, 0, "modified in the future"),
    (200, {"Last-Modified": at(-1000), "Date": at(-500)}, 50, "by the origin's own clock"),
]


@pytest.mark.parametrize(("status", "fields", "lifetime", "why"), HEURISTIC)
def test_heuristic_lifetime(
    status: int, fields: dict[str, str], lifetime: int | None, why: str
) -> None:
    assert heuristic_lifetime(Response(status, Headers(fields.items())), NOW) == lifetime, why


VALUES = [
    ({}, 0, "no Age"),
    ({"Age": "7"}, 7, "RFC 9111 §5.1"),
    ({"Age": "7, 9"}, 7, "the first of several, §5.1"),
    ({"Age": "-7"}, 0, "unreadable, §5.1"),
    ({"Age": "9" * 5000}, 2**31, "absurd, §1.2.2"),
]


@pytest.mark.parametrize(("fields", "seconds", "why"), VALUES, ids=[row[2] for row in VALUES])
def test_age_value(fields: dict[str, str], seconds: int, why: str) -> None:
    assert age_value(Headers(fields.items())) == seconds, why


def test_date_value_is_the_arrival_where_the_origin_has_no_clock() -> None:
    assert date_value(Headers([("Date", at(-9))]), NOW) == NOW - 9, "RFC 9110 §6.6.1"
    assert date_value(Headers(), NOW) == NOW
    assert date_value(Headers([("Date", "noon")]), NOW) == NOW


moments = st.floats(0, 1e10)


@given(moments, moments, moments, st.integers(0, 2**31), moments, moments)
@settings(max_examples=200, deadline=None)
def test_age_only_grows(
    sent: float, delay: float, made: float, age: int, wait: float, longer: float
) -> None:
    came = sent + delay
    stored = StoredResponse(Response(200), sent, came, made, age, 60)
    first, second = stored.current_age(came + wait), stored.current_age(came + wait + longer)
    assert 0 <= first <= second
    assert first >= age or first >= wait

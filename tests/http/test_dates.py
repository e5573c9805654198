from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.http.dates import format_date, parse_date

DATES = [
    # field value                        seconds       why
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777, "IMF-fixdate, RFC 9110 §5.6.7"),
    ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777, "RFC 850, obsolete but read"),
    ("Sun Nov  6 08:49:37 1994", 784111777, "asctime, obsolete but read"),
    (" Sun, 06 Nov 1994 08:49:37 GMT ", 784111777, "white space around a field value"),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0, "zero is a date, not an absence"),
    ("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799, "the last one there is"),
    ("Mon, 01 Jan 0001 00:00:00 GMT", -62135596800, "and the first"),
    ("Sun, 31 Feb 2027 00:00:00 GMT", None, "no such day"),
    ("Sun, 06 Nov 99999 08:49:37 GMT", None, "no such year"),
    ("Sun, 06 Nov 1994 08:49:37 +0200", None, "GMT and nothing else"),
    ("0", None, "the usual way of saying: expired"),
    ("", None, "nothing"),
    ("tomorrow", None, "words"),
    ("Sun, 06 Nov 1994 8:49:37 GMT", None, "an hour has two digits, RFC 9110 §5.6.7"),
    ("Sun, 6 Nov 1994 08:49:37 GMT", None, "so has a day, but in the asctime form"),
    ("Sun, 06  Nov  1994 08:49:37 GMT", None, "one space, no more"),
    ("sun, 06 nov 1994 08:49:37 gmt", 784111777, "letters of the wrong case do no harm"),
    ("Sün, 06 Nov 1994 08:49:37 GMT", None, "no ASCII"),
    ("Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", None, "two lines"),
]


@pytest.mark.parametrize(("value", "seconds", "why"), DATES)
def test_parse_date(value: str, seconds: float | None, why: str) -> None:
    assert parse_date(value) == seconds, why


def test_format_date_gives_imf_fixdate() -> None:
    assert format_date(784111777.9) == "Sun, 06 Nov 1994 08:49:37 GMT"


@given(st.integers(0, 253402300799))
@settings(max_examples=100, deadline=None)
def test_there_and_back(second: int) -> None:
    assert parse_date(format_date(second)) == second


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_is_a_date_or_none(value: str) -> None:
    parse_date(value)

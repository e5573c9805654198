from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cache.directives import MAX_DELTA_S, delta_seconds, fields_named, parse_cache_control

VALUES = [
    # Cache-Control                 directives                            why
    (None, {}, "no field, no directives"),
    ("", {}, "an empty one says as much"),
    ("no-store", {"no-store": ""}, "RFC 9111 §5.2"),
    ("No-Store", {"no-store": ""}, "names have no case, §5.2"),
    ("max-age=60", {"max-age": "60"}, "the token form"),
    ('max-age="60"', {"max-age": "60"}, "the quoted form means the same, §5.2"),
    ("max-age = 60 ", {"max-age": "60"}, "white space is bad style and no more"),
    ("max-age=1, max-age=2", {"max-age": "1"}, "the first counts, §4.2.1"),
    ("a,b ,, c", {"a": "", "b": "", "c": ""}, "empty members are skipped, RFC 9110 §5.6.1"),
    ('private="a, b", max-age=1', {"private": "a, b", "max-age": "1"}, "a comma inside quotes"),
    ('no-cache="set-cookie', {"no-cache": "set-cookie"}, "quotes left open end with the value"),
    ("=1, max-age=2", {"1": "", "max-age": "2"}, "nonsense costs no more than itself"),
    ('ext="a\\"b", max-age=2', {"ext": 'a\\"b', "max-age": "2"}, "a quoted pair, RFC 9110 §5.6.4"),
    ("max-age=1; s-maxage=2", {"max-age": "1; s-maxage=2"}, "a semicolon divides nothing"),
]


@pytest.mark.parametrize(("value", "directives", "why"), VALUES)
def test_parse_cache_control(value: str | None, directives: dict[str, str], why: str) -> None:
    assert parse_cache_control(value) == directives, why


SECONDS = [
    ("0", 0, "none"),
    ("60", 60, "digits, RFC 9111 §1.2.2"),
    ("0060", 60, "leading zeros"),
    (str(2**31), 2**31, "the greatest there is"),
    ("99999999999", MAX_DELTA_S, "greater ones are read as that, §1.2.2"),
    ("9" * 5000, MAX_DELTA_S, "so are those that Python will not convert"),
    ("0" * 5000 + "7", 7, "unless they are small after all"),
    ("", 0, "unreadable is stale, §4.2.1"),
    ("-1", 0, "a sign is unreadable"),
    ("1.5", 0, "so is a fraction"),
    ("soon", 0, "so is a word"),
    ("²", 0, "so is a digit of another kind"),
    ("٣", 0, "or of another script"),
]


@pytest.mark.parametrize(("argument", "seconds", "why"), SECONDS, ids=[row[2] for row in SECONDS])
def test_delta_seconds(argument: str, seconds: int, why: str) -> None:
    assert delta_seconds(argument) == seconds, why


NAMED = [
    (None, set(), "no directive"),
    ("", set(), "an unqualified one"),
    ("Set-Cookie", {"set-cookie"}, "RFC 9111 §5.2.2.4"),
    ("a, B ,,", {"a", "b"}, "a list"),
]


@pytest.mark.parametrize(("argument", "names", "why"), NAMED)
def test_fields_named(argument: str | None, names: set[str], why: str) -> None:
    assert fields_named(argument) == names, why


@given(st.text(alphabet='abc=", \\\t;1é', max_size=200) | st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_value_can_be_read(value: str) -> None:
    for name, argument in parse_cache_control(value).items():
        assert name == name.lower()
        assert 0 <= delta_seconds(argument) <= MAX_DELTA_S


@pytest.mark.parametrize("value", ['"' + " " * 30_000, "a" + " " * 30_000 + '"', 'a="\\' * 8_000])
def test_long_nonsense_is_read_in_linear_time(value: str) -> None:
    parse_cache_control(value)  # a pattern that goes back and forth would take minutes here

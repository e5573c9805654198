from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.http import headers as headers_module
from edgesim.http.headers import HOP_BY_HOP, MAX_SHARED_LINES, Headers, end_to_end

SAMPLE = Headers([("Accept", "a"), ("X-One", "1"), ("accept", "b"), ("Set-Cookie", "c=1")])

names = st.sampled_from(["Accept", "accept", "ACCEPT", "X-One", "x-one", "Via", "Host", "TE"])
lines = st.lists(st.tuples(names, st.text(max_size=5)), max_size=8)

LOOKED_UP = [
    # name            value           why
    ("accept", "a, b", "several lines are one list, RFC 9110 §5.3"),
    ("x-one", "1", "names have no case, RFC 9110 §5.1"),
    ("x-two", None, "absent is not empty"),
]


@pytest.mark.parametrize(("name", "value", "why"), LOOKED_UP)
def test_get(name: str, value: str | None, why: str) -> None:
    assert SAMPLE.get(name) == value, why
    assert (name in SAMPLE) == (value is not None), why


CHANGED = [
    # copy                                what it holds           why
    (SAMPLE.all("accept"), ["a", "b"], "lines stay apart where they must, as for Set-Cookie"),
    (SAMPLE.all("x-two"), [], "none is none"),
    (SAMPLE.names(), {"accept", "x-one", "set-cookie"}, "each name once, lower case"),
    (
        list(SAMPLE.with_("Accept", "c")),
        [("Accept", "c"), ("X-One", "1"), ("Set-Cookie", "c=1")],
        "the new value stands in the place of the first",
    ),
    (list(SAMPLE.with_("Via", "v"))[-1], ("Via", "v"), "a new name comes last"),
    (list(SAMPLE.plus(("accept", "d")))[-1], ("accept", "d"), "added, nothing replaced"),
    (list(SAMPLE.without("accept", "set-cookie")), [("X-One", "1")], "every line of a name goes"),
    (SAMPLE.without("via") is SAMPLE, True, "nothing to take away, nothing to copy"),
    (list(SAMPLE.only({"x-one"})), [("X-One", "1")], "nothing else is left"),
    (len(SAMPLE), 4, "lines are counted, not names"),
    (repr(Headers([("A", "1")])), "Headers([('A', '1')])", "a failed test shows the lines"),
    (Headers() == object(), False, "nothing but headers equals headers"),
    (len({Headers([("A", "1")]), Headers([("A", "1")])}), 1, "values hash as they compare"),
]


@pytest.mark.parametrize(("found", "expected", "why"), CHANGED, ids=[row[2] for row in CHANGED])
def test_copies(found: object, expected: object, why: str) -> None:
    assert found == expected, why


END_TO_END = [
    # fields of the message                    what goes on     why
    ([("Connection", "close"), ("A", "1")], {"a"}, "RFC 9110 §7.6.1"),
    (
        [("Connection", "close, X-Mine"), ("X-Mine", "1"), ("A", "1")],
        {"a"},
        "a field that Connection names is for this connection, RFC 9110 §7.6.1",
    ),
    ([("Connection", "a"), ("connection", "B"), ("A", "1"), ("B", "2")], set(), "all its lines"),
    ([(name, "x") for name in sorted(HOP_BY_HOP)], set(), "RFC 9110 §7.6.1 and Proxy-*"),
    ([("A", "1"), ("B", "2")], {"a", "b"}, "everything else is end to end"),
]


@pytest.mark.parametrize(("fields", "left", "why"), END_TO_END, ids=[row[2] for row in END_TO_END])
def test_end_to_end(fields: list[tuple[str, str]], left: set[str], why: str) -> None:
    assert end_to_end(Headers(fields)).names() == left, why


@given(lines, names, st.text(max_size=5))
@settings(max_examples=100, deadline=None)
def test_laws(fields: list[tuple[str, str]], name: str, value: str) -> None:
    headers, lower = Headers(fields), name.lower()
    assert list(headers) == fields, "nothing is lost, nothing reordered"
    assert headers.with_(name, value).all(lower) == [value]
    assert headers.with_(name, value).with_(name, value) == headers.with_(name, value)
    assert lower not in headers.without(lower)
    assert headers.without(lower).without(lower) == headers.without(lower)
    assert headers.only({lower}).names() <= {lower}
    assert len(headers.only({lower})) + len(headers.without(lower)) == len(headers)
    assert headers.plus((name, value)).all(lower) == [*headers.all(lower), value]
    looked_up, anew = headers.with_(name, value), Headers(list(headers.with_(name, value)))
    assert {one: looked_up.all(one) for one in anew.names()} == {
        one: anew.all(one) for one in looked_up.names()
    }
    assert list(headers) == fields, "and the original never changes"


def test_shared_headers_are_equal_and_have_equal_lines_in_common() -> None:
    lines = [("Server", "nginx"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("ETag", '"1"')]
    one, other = (Headers([(str(name), str(value)) for name, value in lines]) for _ in "12")
    assert one.shared() == one
    assert one.shared().all("set-cookie") == ["a=1", "b=2"]
    pairs = zip(one.shared(), other.shared(), strict=True)
    assert all(mine is theirs for mine, theirs in pairs)
    for number in range(MAX_SHARED_LINES + 1):
        Headers([("X", str(number))]).shared()
    assert len(headers_module._LINES) <= MAX_SHARED_LINES + 1, "and they are not collected for ever"

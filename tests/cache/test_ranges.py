from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cache.ranges import Held, cut, held, requested_spans
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

HUGE = "9" * 5000

SPANS = [
    # Range, of ten bytes    spans                 why
    ("bytes=0-4", [(0, 5)], "the last position is included, RFC 9110 §14.1.2"),
    ("bytes=9-9", [(9, 10)], "one byte"),
    ("bytes=5-", [(5, 10)], "to the end"),
    ("bytes=-3", [(7, 10)], "the last three"),
    ("bytes=-30", [(0, 10)], "no more than there are"),
    ("bytes=-0", [], "the last none: out of reach"),
    ("bytes=5-99", [(5, 10)], "no more than there are"),
    ("bytes=10-", [], "out of reach"),
    ("bytes=10-20", [], "out of reach"),
    ("bytes=0-1,5-6", [(0, 2), (5, 7)], "several"),
    ("bytes=0-1, 50-60", [(0, 2)], "those in reach"),
    (" Bytes = 0-4", [(0, 5)], "units have no case, §14.1"),
    ("bytes=4-0", None, "backwards is unreadable, §14.1.1"),
    ("bytes=-", None, "nothing at all"),
    ("bytes=", None, "nothing at all"),
    ("bytes=a-b", None, "no numbers"),
    ("bytes=0-4-5", None, "too many"),
    ("bytes=+1-2", None, "no signs"),
    ("bytes=٣-٤", None, "digits of other scripts are no digits"),
    ("seconds=0-4", None, "another unit is ignored, §14.2"),
    ("", None, "nothing"),
    (f"bytes={HUGE}-", [], "more digits than Python will convert: out of reach"),
    (f"bytes=0-{HUGE}", [(0, 10)], "as the end it is the end"),
    (f"bytes=-{HUGE}", [(0, 10)], "as a suffix it is the whole"),
    (f"bytes={'0' * 5000}-4", [(0, 5)], "leading zeros count for nothing"),
]


@pytest.mark.parametrize(("value", "spans", "why"), SPANS, ids=[row[0][:20] for row in SPANS])
def test_requested_spans(value: str, spans: list[tuple[int, int]] | None, why: str) -> None:
    assert requested_spans(value, 10) == spans, why


class Stored:
    """A body that is not bytes."""

    def __init__(self, length: int | None) -> None:
        self.length = length

    def part(self, first: int, stop: int) -> bytes:
        return b"0123456789"[first:stop]


TEN = Response(200, Headers([("ETag", '"1"'), ("Content-Length", "10")]), b"0123456789")
STREAM = Response(200, TEN.headers, Stored(10))  # type: ignore[arg-type]
ENDLESS = Response(200, body=Stored(None))  # type: ignore[arg-type]

SEVERAL = (
    b"\r\n--edgesim-0\r\nContent-Range: bytes 0-1/10\r\n\r\n01"
    b"\r\n--edgesim-0\r\nContent-Range: bytes 5-6/10\r\n\r\n56"
    b"\r\n--edgesim-0--\r\n"
)

CUTS = [
    # method, Range, If-Range     response  status  body            content-range   why
    ("GET", "bytes=0-4", None, TEN, 206, b"01234", "bytes 0-4/10", "RFC 9110 §15.3.7"),
    ("GET", "bytes=-1", None, TEN, 206, b"9", "bytes 9-9/10", "§14.4"),
    ("GET", "bytes=0-4", None, STREAM, 206, b"01234", "bytes 0-4/10", "of a large one as well"),
    ("GET", "bytes=10-", None, TEN, 416, b"", "bytes */10", "§15.5.17"),
    ("GET", "bytes=0-0", None, Response(200), 416, b"", "bytes */0", "nothing is in reach"),
    ("GET", None, None, TEN, 200, TEN.body, None, "nobody asked"),
    ("GET", "bytes=oops", None, TEN, 200, TEN.body, None, "unreadable is ignored, §14.2"),
    ("GET", "bytes=0-1,5-6", None, TEN, 206, SEVERAL, None, "several in one answer, §14.6"),
    (
        "GET",
        "bytes=5-6,0-1",
        None,
        TEN,
        200,
        TEN.body,
        None,
        "not in order: §14.2 allows the whole",
    ),
    ("GET", "bytes=0-1,5-6", None, STREAM, 200, STREAM.body, None, "of a large one: §14.2 allows"),
    ("GET", "bytes=0-1,5-6", '"0"', TEN, 200, TEN.body, None, "it has changed, §13.1.5"),
    ("GET", "bytes=0-1,50-", None, TEN, 200, TEN.body, None, "CloudFront: all valid, or the whole"),
    ("HEAD", "bytes=0-4", None, TEN, 200, TEN.body, None, "only for GET, §14.2"),
    (
        "GET",
        "bytes=0-4",
        '"1"',
        TEN,
        206,
        b"01234",
        "bytes 0-4/10",
        "it is still the same, §13.1.5",
    ),
    ("GET", "bytes=0-4", '"0"', TEN, 200, TEN.body, None, "it is not, §13.1.5"),
    ("GET", "bytes=0-4", None, Response(404, body=b"no"), 404, b"no", None, "only of a 200"),
    ("GET", "bytes=0-4", None, ENDLESS, 200, ENDLESS.body, None, "its length is unknown"),
]


@pytest.mark.parametrize(
    ("method", "value", "if_range", "response", "status", "body", "told", "why"), CUTS
)
def test_cut(
    method: str,
    value: str | None,
    if_range: str | None,
    response: Response,
    status: int,
    body: bytes,
    told: str | None,
    why: str,
) -> None:
    fields = [(n, v) for n, v in (("Range", value), ("If-Range", if_range)) if v is not None]
    answer = cut(Request(method, "/", Headers(fields)), response)
    assert (answer.status, answer.body) == (status, body), why
    assert answer.headers.get("content-range") == told, why
    if status != 200:
        assert "content-length" not in answer.headers, "it was that of the whole"


PART = Response(206, Headers([("Content-Range", "bytes 4-9/10"), ("ETag", '"1"')]), b"456789")
SHORT = Response(206, PART.headers, b"45678")

CUTS_OF_A_PART = [
    # Range       response  body       content-range   why
    ("bytes=4-9", PART, b"456789", "bytes 4-9/10", "all of it, RFC 9110 §14.2"),
    ("bytes=6-8", PART, b"678", "bytes 6-8/10", "within, RFC 9111 §3.3"),
    ("bytes=6-", PART, b"6789", "bytes 6-9/10", "to the end, which it has"),
    ("bytes=6-99", PART, b"6789", "bytes 6-9/10", "beyond the end is the end"),
    ("bytes=-2", PART, b"89", "bytes 8-9/10", "a suffix"),
    ("bytes=3-5", PART, None, None, "one byte is missing: wholly within or not at all, §3.3"),
    ("bytes=-7", PART, None, None, "a suffix that reaches further back"),
    ("bytes=4-5,8-9", PART, None, None, "several"),
    ("bytes=10-", PART, b"", "bytes */10", "out of anybody's reach: 416"),
    ("bytes=6-", SHORT, b"678", "bytes 6-8/10", "what came of it, and no more is claimed, §15.3.7"),
    ("bytes=-1", SHORT, b"8", "bytes 9-9/10", "a suffix is counted from the end"),
    ("bytes=9-9", SHORT, None, None, "it was promised and never came"),
]


@pytest.mark.parametrize(("value", "response", "body", "told", "why"), CUTS_OF_A_PART)
def test_cut_of_a_part(
    value: str, response: Response, body: bytes | None, told: str | None, why: str
) -> None:
    answer = cut(Request("GET", "/", Headers([("Range", value)])), response)
    if body is None:
        assert answer is response, why
    else:
        assert (answer.body, answer.headers.get("content-range")) == (body, told), why


HOLDINGS = [
    # status  Content-Range    held             why; RFC 9110 §14.4
    (200, None, Held(0, 3, 3), "the whole"),
    (206, "bytes 4-6/10", Held(4, 7, 10), "the last position is included"),
    (206, "Bytes 4-6/10", Held(4, 7, 10), "units have no case"),
    (206, None, None, "it says nothing: several parts, perhaps"),
    (206, "bytes 4-6/*", None, "of an unknown whole"),
    (206, "bytes 6-4/10", None, "backwards"),
    (206, "bytes 4-10/10", None, "beyond the end"),
    (206, "lines 4-6/10", None, "another unit"),
    (404, None, None, "not of the representation"),
]


@pytest.mark.parametrize(("status", "told", "found", "why"), HOLDINGS)
def test_held(status: int, told: str | None, found: Held | None, why: str) -> None:
    lines = [] if told is None else [("Content-Range", told)]
    assert held(Response(status, Headers(lines), b"abc")) == found, why


numbers = st.integers(0, 30).map(str) | st.just("")
ranges = st.lists(st.tuples(numbers, numbers).map("-".join), min_size=1, max_size=4)


@given(ranges, st.integers(0, 20))
@settings(max_examples=200, deadline=None)
def test_spans_are_within_bounds(parts: list[str], length: int) -> None:
    for start, stop in requested_spans(f"bytes={','.join(parts)}", length) or []:
        assert 0 <= start < stop <= length


@given(st.text(max_size=40), st.binary(max_size=20))
@settings(max_examples=100, deadline=None)
def test_any_range_gives_an_answer(value: str, body: bytes) -> None:
    answer = cut(Request("GET", "/", Headers([("Range", value)])), Response(200, body=body))
    assert isinstance(answer.body, bytes)
    assert answer.body in body

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.bench.responses import Answer, Malformed, Responses

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Cache: Hit from cloudfront\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nX-Cache: Miss from cloudfront\r\n"
    b"X-Amz-Cf-Pop: NRT12-P4\r\n\r\n5;a=b\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nX-T: 1\r\n\r\n"
)
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + PLAIN


def read(data: bytes, *, bodiless: bool = False) -> Answer | None:
    return Responses().feed(data, bodiless=bodiless)


ROWS = [
    (PLAIN, Answer(200, "Hit", "", False, len(PLAIN))),
    (CHUNKED, Answer(200, "Miss", "NRT12-P4", False, len(CHUNKED))),
    (INTERIM, Answer(200, "Hit", "", False, len(PLAIN))),
    (b"HTTP/1.1 304 Not Modified\r\n\r\n", Answer(304, "", "", False, 29)),
    (
        b"HTTP/1.1 204 No Content\r\nConnection: Close\r\n\r\n",
        Answer(204, "", "", True, 46),
    ),
    (
        b"HTTP/1.0 200 OK\r\nX-Cache: HIT, HIT\r\nContent-Length: 0\r\n\r\n",
        Answer(200, "Hit", "", True, 57),
    ),
    (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
        Answer(200, "", "", False, 62),
    ),
]


@pytest.mark.parametrize(("data", "answer"), ROWS)
def test_a_response_at_once_and_byte_by_byte(data: bytes, answer: Answer) -> None:
    assert read(data) == answer
    responses = Responses()
    *early, last = [responses.feed(data[i : i + 1]) for i in range(len(data))]
    assert (set(early), last) == ({None}, answer)
    assert not responses.amid


@given(st.sampled_from([row[0] for row in ROWS]), st.lists(st.integers(0, 200), max_size=5))
def test_cut_anywhere_it_is_the_same(data: bytes, cuts: list[int]) -> None:
    responses, found = Responses(), None
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, stop in pairwise(places):
        if stop > start:
            found = responses.feed(data[start:stop])
    assert found == read(data)


@pytest.mark.parametrize(
    ("fields", "result"),
    [
        (b"X-Cache: RefreshHit from cloudfront", "RefreshHit"),
        (b"x-cache: LambdaGeneratedResponse from cloudfront", "LambdaGeneratedResponse"),
        (b"X-Cache: TCP_MISS from a.example", "Miss"),
        (b"Cache-Status: regional; fwd=uri-miss, pop; hit; ttl=5", "Hit"),
        (b"Cache-Status: pop;hit", "Hit"),
        (b"Cache-Status: regional; hit; ttl=5, pop; fwd=uri-miss; stored", "Miss"),
        (b"X-Own: 1", ""),
    ],
)
def test_where_it_came_from(fields: bytes, result: str) -> None:
    answer = read(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + fields + b"\r\n\r\n")
    assert answer is not None
    assert answer.result == result


def test_an_answer_to_head_has_no_body_whatever_it_says() -> None:
    assert read(PLAIN[:-5], bodiless=True) is not None


def test_a_body_may_end_with_the_connection() -> None:
    responses = Responses()
    assert responses.feed(b"HTTP/1.1 200 OK\r\n\r\nhel") is None
    assert responses.feed(b"lo") is None
    answer = responses.closed()
    assert answer is not None
    assert (answer.closes, answer.size_bytes) == (True, 24)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "it begins with"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "invalid literal"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello", "more came than"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "a chunk has"),
        (b"HTTP/1.1 " + b"x" * 300_000, "does not end"),
    ],
)
def test_what_is_no_response(data: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        read(data)


def test_a_connection_that_closes_too_soon() -> None:
    responses = Responses()
    assert responses.closed() is None
    responses.feed(PLAIN[:-1])
    with pytest.raises(Malformed, match="in the middle"):
        responses.closed()

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.errors import BadRequest
from edgesim.http.head import framed, interim_head, parse_request_head
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

HEADS = [
    # bytes                                   request                               why
    (b"GET / HTTP/1.1\r\n\r\n", Request("GET", "/"), "RFC 9112 §3"),
    (
        b"GET /a?b=1 HTTP/1.1\r\nHost: x\r\nA:  1 \r\n\r\n",
        Request("GET", "/a?b=1", Headers([("Host", "x"), ("A", "1")])),
        "spaces around a value do not belong to it, RFC 9112 §5",
    ),
    (
        b"GET / HTTP/1.1\r\nA: 1\r\na: 2\r\n\r\n",
        Request("GET", "/", Headers([("A", "1"), ("a", "2")])),
        "each line stays a line, in its spelling",
    ),
    (
        b"GET / HTTP/1.1\r\nA: \xe4\xc3\xa4\r\n\r\n",
        Request("GET", "/", Headers([("A", "äÃ¤")])),
        "one character an octet, whatever the octets mean",
    ),
    (b"OPTIONS * HTTP/1.1\r\n\r\n", Request("OPTIONS", "*"), "RFC 9112 §3.2.4"),
    (
        b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        Request("GET", "/", Headers([("Connection", "Upgrade"), ("Upgrade", "websocket")])),
        "a WebSocket begins as a request",
    ),
]


@pytest.mark.parametrize(("head", "request_", "why"), HEADS, ids=[row[2] for row in HEADS])
def test_parse_request_head(head: bytes, request_: Request, why: str) -> None:
    assert parse_request_head(head) == request_, why


NOT_HEADS = [
    (b"", "nothing at all"),
    (b"GET / HTTP/1.1\r\nHost: x\r\n", "no empty line: it breaks off"),
    (b"GET /\xe4 HTTP/1.1\r\n\r\n", "a target is ASCII, RFC 3986 §2"),
    (b"hello\r\n\r\n", "no request line"),
    (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", "a field line has a colon, RFC 9112 §5"),
    (b"GET / HTTP/1.1\r\nA : 1\r\n\r\n", "no space before the colon, RFC 9112 §5.1"),
    (b"GET / HTTP/1.1\r\nA: 1\x00\r\n\r\n", "no NUL in a value, RFC 9110 §5.5"),
    (
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "two lengths, RFC 9112 §6.3",
    ),
]


@pytest.mark.parametrize(("head", "why"), NOT_HEADS, ids=[row[1] for row in NOT_HEADS])
def test_no_request_head(head: bytes, why: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_request_head(head)
    assert caught.value.status == 400, why


class Endless:
    length = None


KEPT, CLOSED = b"Connection: keep-alive\r\n", b"Connection: close\r\n"
LENGTH_2 = b"Content-Length: 2\r\n"
OLD_LENGTH = Headers([("Content-Length", "9")])
LINES_OF_A = Headers([("A", "1"), ("a", "ä")])
CHUNKED = Headers([("Transfer-Encoding", "chunked")])
UPGRADE = Headers([("Connection", "Upgrade")])

RESPONSES = [
    # method, response                          head without HTTP/1.1                    why
    ("GET", Response(200, body=b"ab"), b"200 OK\r\n" + LENGTH_2 + KEPT, "RFC 9110 §15, §8.6"),
    ("GET", Response(200, body=b"ab", reason="Fine"), b"200 Fine\r\n" + LENGTH_2 + KEPT, "own"),
    ("GET", Response(299, body=b"ab"), b"299 \r\n" + LENGTH_2 + KEPT, "no phrase, RFC 9112 §4"),
    ("GET", Response(200), b"200 OK\r\nContent-Length: 0\r\n" + KEPT, "an empty body has a length"),
    (
        "GET",
        Response(204, LINES_OF_A),
        b"204 No Content\r\nA: 1\r\na: \xe4\r\n" + KEPT,
        "no length with a 204, RFC 9110 §8.6; octets go back as they came",
    ),
    (
        "GET",
        Response(200, Headers([("A", "\u20ac")]), b"ab"),
        b"200 OK\r\nA: ?\r\n" + LENGTH_2 + KEPT,
        "what is no octet does not break the connection",
    ),
    (
        "HEAD",
        Response(200, body=b"ab"),
        b"200 OK\r\n" + LENGTH_2 + KEPT,
        "the length a GET would have",
    ),
    (
        "HEAD",
        Response(200, OLD_LENGTH),
        b"200 OK\r\nContent-Length: 9\r\n" + KEPT,
        "the origin's word for it, where there is no body to count",
    ),
    ("GET", Response(200, OLD_LENGTH, b"ab"), b"200 OK\r\n" + LENGTH_2 + KEPT, "bytes are counted"),
    (
        "GET",
        Response(200, body=Endless()),  # type: ignore[arg-type]
        b"200 OK\r\nTransfer-Encoding: chunked\r\n" + KEPT,
        "unknown length, RFC 9112 §6.1",
    ),
    (
        "GET",
        Response(200, CHUNKED, b"ab"),
        b"200 OK\r\nTransfer-Encoding: chunked\r\n" + KEPT,
        "as the origin sent it, though its length is known",
    ),
    (
        "HEAD",
        Response(200, CHUNKED, b"ab"),
        b"200 OK\r\nTransfer-Encoding: chunked\r\n" + KEPT,
        "the fields a GET would have, RFC 9110 §9.3.2",
    ),
    ("GET", Response(304, CHUNKED), b"304 Not Modified\r\n" + KEPT, "nothing to be in chunks"),
    ("GET", Response(101, UPGRADE), b"101 Switching Protocols\r\nConnection: Upgrade\r\n", "§7.8"),
]


@pytest.mark.parametrize(
    ("method", "response", "head", "why"), RESPONSES, ids=[row[3] for row in RESPONSES]
)
def test_framed(method: str, response: Response, head: bytes, why: str) -> None:
    framing = framed(response, method, "1.1", keep_alive=True)
    assert framing.head == b"HTTP/1.1 " + head, why
    assert framing.chunked == (b"chunked" in head)
    assert framing.last == b"\r\n"
    assert framing.keeps_alive == (response.status != 101)


def test_the_age_comes_last() -> None:
    """CloudFront says it after the request's id."""
    headers = Headers([("Age", "7"), ("A", "1")])
    framing = framed(Response(200, headers, b"ab"), "GET", "1.1", keep_alive=True)
    assert framing.head == b"HTTP/1.1 200 OK\r\nA: 1\r\n" + LENGTH_2 + KEPT
    assert framing.last == b"Age: 7\r\n\r\n"


CODED = [
    ("GET", "1.1", b"ab", b"2\r\nab\r\n0\r\n\r\n", None, "one chunk and the last one"),
    ("GET", "1.1", b"", b"0\r\n\r\n", None, "an empty chunk would be the last one"),
    ("HEAD", "1.1", b"ab", b"", None, "no body, no chunks"),
    ("GET", "1.0", b"ab", b"ab", 2, "no chunks in HTTP/1.0, RFC 9112 §6.1"),
]


@pytest.mark.parametrize(("method", "version", "body", "coded", "length", "why"), CODED)
def test_a_whole_body_in_chunks(
    method: str, version: str, body: bytes, coded: bytes, length: int | None, why: str
) -> None:
    framing = framed(Response(200, CHUNKED, body), method, version, keep_alive=True)
    assert (framing.coded(body), framing.length) == (coded, length), why


def test_http_1_0_learns_the_end_from_the_connection() -> None:
    framing = framed(Response(200, body=Endless()), "GET", "1.0", keep_alive=True)  # type: ignore[arg-type]
    assert framing.head == b"HTTP/1.1 200 OK\r\n" + CLOSED, "no chunks there, RFC 9112 §6.3"
    assert not framing.keeps_alive


def test_an_interim_response_has_fields_and_nothing_else() -> None:
    hint = Response(103, Headers([("Link", "</a.css>")]), reason="Hints")
    assert interim_head(hint) == b"HTTP/1.1 103 Hints\r\nLink: </a.css>\r\n\r\n"
    assert interim_head(Response(102)) == b"HTTP/1.1 102 Processing\r\n\r\n"


BODIES = [
    ("GET", 200, True, "a body"),
    ("HEAD", 200, False, "HEAD never has one, RFC 9110 §9.3.2"),
    ("GET", 204, False, "RFC 9110 §15.3.5"),
    ("GET", 304, False, "RFC 9110 §15.4.5"),
    ("GET", 101, False, "informational, RFC 9110 §15.2"),
]


@pytest.mark.parametrize(("method", "status", "has_body", "why"), BODIES)
def test_has_body(method: str, status: int, has_body: bool, why: str) -> None:
    framing = framed(Response(status), method, "1.1", keep_alive=True)
    assert framing.has_body is has_body, why


@given(st.binary(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_request_or_a_bad_one(head: bytes) -> None:
    for sent in (head, b"GET / HTTP/1.1\r\n" + head + b"\r\n\r\n"):
        with suppress(BadRequest):
            parse_request_head(sent)

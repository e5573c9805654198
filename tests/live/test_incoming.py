"""What comes from an origin × what it is taken for."""

from __future__ import annotations

import gc

import pytest

from edgesim.live.incoming import MAX_LINE_BYTES, MAX_LINES, HeadTooBig, Incoming, Malformed

HEAD = b"HTTP/1.1 200 OK\r\n"
OK = HEAD + b"Content-Length: 2\r\n\r\nok"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\n"

RESPONSES = [
    # method, what comes, status, body, complete, reusable, why; RFC 9112 §6.3 and §9.3
    ("GET", OK, 200, b"ok", True, True, "as long as it says"),
    ("GET", OK[:-1], 200, b"o", False, True, "one byte is missing"),
    ("GET", OK + b"more", 200, b"ok", True, False, "the rest is nobody's"),
    ("GET", OK + OK, 200, b"ok", True, False, "a second answer to one question"),
    ("GET", EARLY + OK, 200, b"ok", True, True, "the final one counts"),
    (
        "GET",
        HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
        200,
        b"ok",
        True,
        False,
        "",
    ),
    ("GET", HEAD + b"Connection: close\r\nContent-Length: 0\r\n\r\nX", 200, b"", True, False, ""),
    ("GET", b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", True, False, "1.0"),
    ("GET", HEAD + b"\r\nok", 200, b"ok", False, False, "until the connection closes"),
    ("GET", CHUNKED + b"2\r\nok\r\n0\r\n\r\n", 200, b"ok", True, True, "chunks"),
    ("GET", CHUNKED + b"2 \r\nok\r\n0\r\n\r\n", 200, b"ok", True, True, "a space, which some send"),
    ("GET", CHUNKED + b"2\r\nok\r\n0\r\nA: b\r\n\r\n", 200, b"ok", True, True, "and trailers"),
    ("GET", CHUNKED + b"2\r\nok\r\n0\r\n\r\nX", 200, b"ok", True, False, "chunks, and more"),
    ("GET", CHUNKED + b"2\r\nok\r\n", 200, b"ok", False, True, "the last chunk is missing"),
    ("HEAD", OK[:-2], 200, b"", True, True, "§6.3 (1): a head is all"),
    ("HEAD", CHUNKED, 200, b"", True, True, "whatever it announces"),
    ("HEAD", OK, 200, b"", True, False, "a body that should not be"),
    ("GET", b"HTTP/1.1 204 No\r\n\r\n", 204, b"", True, True, ""),
    ("GET", b"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", 304, b"", True, True, ""),
    (
        "GET",
        HEAD + b"Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nok",
        200,
        b"ok",
        True,
        True,
        "an offer is no change of protocol, RFC 9110 §7.8",
    ),
    (
        "GET",
        b"HTTP/1.1 101 Up\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nbytes",
        101,
        b"bytes",
        False,
        False,
        "what follows is another protocol",
    ),
]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "byte by byte"])
@pytest.mark.parametrize(
    ("method", "data", "status", "body", "complete", "reusable", "why"), RESPONSES
)
def test_a_response(
    method: str,
    data: bytes,
    status: int,
    body: bytes,
    complete: bool,
    reusable: bool,
    why: str,
    at_once: bool,
) -> None:
    incoming = Incoming(method)
    for piece in [data] if at_once else [data[i : i + 1] for i in range(len(data))]:
        incoming.feed(piece)
    assert incoming.head is not None
    assert incoming.head.status == status
    assert incoming.held_bytes == len(body)
    assert incoming.taken() == body, why
    assert incoming.held_bytes == 0
    assert (incoming.complete, incoming.reusable) == (complete, reusable), why


ENDS = [
    # what came before the connection was closed, whether that is the end of the response
    (HEAD + b"\r\nok", True),
    (HEAD + b"Transfer-Encoding: gzip\r\n\r\nok", True),
    (OK, True),
    (OK[:-1], False),
    (CHUNKED + b"2\r\nok\r\n", False),
    (HEAD, False),
    (EARLY, False),
    (b"", False),
]


@pytest.mark.parametrize(("data", "complete"), ENDS)
def test_the_end_of_the_connection(data: bytes, complete: bool) -> None:
    incoming = Incoming("GET")
    if data:
        incoming.feed(data)
    assert incoming.end() is complete


BROKEN = [
    # what comes, and what that is
    (b"SSH-2.0-OpenSSH_9.6\r\n", Malformed),
    (HEAD + b"no colon\r\n\r\n", Malformed),
    (HEAD + b"A: a\0b\r\n\r\n", Malformed),
    (HEAD + b"Content-Length: x\r\n\r\n", Malformed),
    (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", Malformed),
    (HEAD + b"A: b\r\n" * (MAX_LINES + 1) + b"\r\n", Malformed),
    (CHUNKED + b"what?", Malformed),
    (HEAD + b"A: " + b"a" * MAX_LINE_BYTES + b"\r\n\r\n", HeadTooBig),
    (HEAD + b"A: " + b"a" * MAX_LINE_BYTES, HeadTooBig),
]


def fed(data: bytes, step: int) -> None:
    incoming = Incoming("GET")
    for start in range(0, len(data), step):
        incoming.feed(data[start : start + step])


@pytest.mark.parametrize("step", [1 << 20, 1000])
@pytest.mark.parametrize(("data", "failure"), BROKEN)
def test_what_is_no_response(data: bytes, failure: type[Exception], step: int) -> None:
    with pytest.raises(failure):
        fed(data, step)


def test_a_head_may_have_many_long_lines() -> None:
    incoming = Incoming("GET")
    line = b"A: " + b"a" * (MAX_LINE_BYTES - 10) + b"\r\n"
    incoming.feed(HEAD + line * 50)
    incoming.feed(line * 50 + b"Content-Length: 0\r\n\r\n")
    assert incoming.complete


def test_lines_are_kept_in_order_and_without_space_around_values() -> None:
    incoming = Incoming("GET")
    incoming.feed(b"HTTP/1.1 200 Fine\r\nB: 1 \t\r\na:\t\xe9\r\nb:\r\nContent-Length: 0\r\n\r\n")
    assert incoming.head is not None
    assert incoming.head.reason == "Fine"
    lines = [("B", "1"), ("a", "\xe9"), ("b", ""), ("Content-Length", "0")]
    assert list(incoming.head.headers) == lines


def test_interim_responses_wait_to_be_told() -> None:
    incoming = Incoming("GET")
    incoming.feed(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + EARLY)
    assert [response.status for response in incoming.interim] == [102, 103]
    assert incoming.head is None


def test_it_leaves_nothing_to_the_garbage_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        for data in (OK, CHUNKED + b"2\r\nok\r\n0\r\n\r\n", HEAD + b"\r\nok"):
            incoming = Incoming("GET")
            incoming.feed(data)
            del incoming
        assert gc.collect() == 0
    finally:
        gc.enable()

"""A head that came before × what follows it: read as by who never saw it."""

from __future__ import annotations

import pytest

from edgesim.live.incoming import Incoming
from edgesim.live.known_heads import KnownHeads

HEAD = b"HTTP/1.1 200 OK\r\n"
OK = HEAD + b"Content-Length: 2\r\n\r\nok"
EMPTY = HEAD + b"Content-Length: 0\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

LEARNT = [
    # what comes before, what comes then in pieces, whether its head is known, why
    (OK, [OK], True, "the same"),
    (OK, [OK[:-2] + b"no"], True, "another body"),
    (OK, [OK[:-1], b"k"], True, "a body that comes later"),
    (OK[:-2], [OK], True, "a head that came alone"),
    (OK, [OK + b"more"], True, "more than it says"),
    (OK, [OK[:-2], b"ok and more"], True, "the same later"),
    (OK, [OK[:-1]], True, "less than it says"),
    (EMPTY, [EMPTY], True, "no body"),
    (EMPTY, [EMPTY + OK], True, "an answer nobody asked for"),
    (b"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", [], True, "no body, whatever it says"),
    (OK, [OK[:20], OK[20:]], False, "a head in pieces"),
    (OK, [EMPTY], False, "another head"),
    (OK + b"more", [OK], False, "a connection to be closed is nothing to remember"),
    (OK.replace(b"1.1", b"1.0"), [], False, "nor is one that closes by itself"),
    (CHUNKED, [CHUNKED], False, "a length that is not told"),
    (HEAD + b"\r\nok", [], False, "nor here"),
    (EARLY + OK, [EARLY + OK], False, "an interim response before it"),
    (CONTINUE + OK, [CONTINUE + OK], False, "another one"),
    (HEAD.replace(b"\r", b"") + b"Content-Length: 6\n\nok\r\n\r\n", [], False, "no CR in the head"),
]


def read(pieces: list[bytes], heads: KnownHeads | None, method: str = "GET") -> tuple[object, ...]:
    incoming = Incoming(method, heads)
    for piece in pieces:
        incoming.feed(piece)
    told = incoming.head, incoming.interim, incoming.complete, incoming.reusable
    return (*told, incoming.held_bytes, incoming.taken(), incoming.end())


@pytest.mark.parametrize(("before", "then", "known", "why"), LEARNT)
def test_a_head_is_read_once(before: bytes, then: list[bytes], known: bool, why: str) -> None:
    heads, then = KnownHeads(), then or [before]
    read([before], heads)
    head = then[0].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert (heads.recall(head) is not None) is known, why
    assert read(then, heads) == read(then, None), why


def test_the_answer_to_head_has_no_body_whatever_came_before() -> None:
    heads = KnownHeads()
    read([OK[:-2]], heads, "HEAD")
    assert read([OK], heads) == read([OK], None)
    assert read([OK[:-2]], heads, "HEAD") == read([OK[:-2]], None, "HEAD")


def test_only_the_latest_are_kept() -> None:
    heads = KnownHeads(most=2)
    every = [OK.replace(b"OK", b"OK %d" % number) for number in range(3)]
    for one in every:
        read([one], heads)
    assert [heads.recall(one[:-2]) is not None for one in every] == [False, True, True]

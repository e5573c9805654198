"""What RFC 9111 and its neighbours ask of a shared cache, said over sockets."""

from __future__ import annotations

import pytest

from ..live.conftest import Serve
from .conversation import HANGS_UP, Asks, converse, said

GET = "GET /a"
FRESH = "Cache-Control: max-age=600"
SPENT = "Age: 600"
FIRST = said(FRESH, 'ETag: "1"')
STALE = said(FRESH, SPENT)
PART = said(FRESH, 'ETag: "1"', "Content-Range: bytes 0-4/10", body=b"01234", status="206 Part")
REST = said(FRESH, 'ETag: "1"', "Content-Range: bytes 5-9/10", body=b"56789", status="206 Part")


def stale_unless(directive: str) -> bytes:
    return said(f"Cache-Control: max-age=600, {directive}", SPENT)


CONVERSATIONS = [
    # steps, why
    ([Asks(GET, FIRST), Asks(GET, None, body=b"one", has="Age: 0")], "fresh, RFC 9111 §4.2, §5.1"),
    ([Asks(GET, said()), Asks(GET, said())], "no word about freshness, §3"),
    ([Asks(GET, STALE), Asks(GET, HANGS_UP, body=b"one")], "disconnected: stale is better, §4.2.4"),
    (
        [Asks(GET, STALE), Asks(GET, said(status="503 No", body=b"no"), 503, b"no")],
        "an answer is an answer: it is not disconnected, §4.2.4",
    ),
    *(
        ([Asks(GET, stale_unless(directive)), Asks(GET, HANGS_UP, 502)], f"{directive}, {section}")
        for directive, section in (
            ("must-revalidate", "§5.2.2.2"),
            ("proxy-revalidate", "§5.2.2.8"),
            ("s-maxage=600", "§5.2.2.10"),
        )
    ),
    (
        [Asks(GET, said("Cache-Control: no-cache", 'ETag: "1"')), Asks(GET, HANGS_UP, 502)],
        "no-cache needs the origin's word, §5.2.2.4",
    ),
    (
        [
            Asks(GET, said("CDN-Cache-Control: max-age=9", "Cache-Control: no-store")),
            Asks(GET, None),
        ],
        "meant for us, RFC 9213 §2.2",
    ),
    (
        [Asks(GET, said("CDN-Cache-Control: no-store", FRESH)), Asks(GET, said())],
        "meant for us, RFC 9213 §2.2",
    ),
    (
        [Asks(GET, said('CDN-Cache-Control: max-age="9"', "Cache-Control: no-store"))] * 2,
        "not valid, so not there, RFC 9213 §2.1",
    ),
    ([Asks(f"{GET}\nCache-Control: only-if-cached", None, 504)], "nothing stored, §5.2.1.7"),
    (
        [Asks(GET, FIRST), Asks(f"{GET}\nCache-Control: only-if-cached", None, body=b"one")],
        "stored, §5.2.1.7",
    ),
    ([Asks(GET, FIRST), Asks("DELETE /a", said()), Asks(GET, FIRST)], "gone, so forgotten, §4.4"),
    ([Asks(GET, FIRST), Asks("M-SEARCH /a", said()), Asks(GET, FIRST)], "unknown is unsafe, §4.4"),
    (
        [Asks(GET, FIRST), Asks("DELETE /a", said(status="500 No"), 500), Asks(GET, None)],
        "it failed, so nothing changed, §4.4",
    ),
    (
        [Asks(GET, FIRST), Asks("DELETE /b", said("Location: /a")), Asks(GET, FIRST)],
        "what Location names, §4.4",
    ),
    (
        [Asks(GET, FIRST), Asks("DELETE /b", said("Content-Location: a")), Asks(GET, FIRST)],
        "what Content-Location names, §4.4",
    ),
    (
        [Asks("POST /a", said(FRESH, "Content-Location: /a")), Asks(GET, None, body=b"one")],
        "as good as a GET's, RFC 9110 §9.3.3",
    ),
    ([Asks("POST /a", said(FRESH)), Asks(GET, FIRST)], "about the POST alone, RFC 9110 §9.3.3"),
    (
        [
            Asks(f"{GET}\nRange: bytes=0-4", PART, 206, b"01234"),
            Asks(f"{GET}\nRange: bytes=1-3", None, 206, b"123", "Content-Range: bytes 1-3/10"),
        ],
        "within what is stored, §3.3",
    ),
    (
        [
            Asks(f"{GET}\nRange: bytes=0-4", PART, 206),
            Asks(GET, REST, 200, b"0123456789", lacks="content-range"),
            Asks(GET, None, 200, b"0123456789"),
        ],
        "completed, §3.4",
    ),
    (
        [
            Asks(f"{GET}\nRange: bytes=0-4", PART, 206),
            Asks(f"{GET}\nRange: bytes=5-9", REST, 206, b"56789"),
            Asks(GET, None, 200, b"0123456789"),
        ],
        "two parts make a whole, §3.4",
    ),
    (
        [
            Asks(f"{GET}\nRange: bytes=0-4", PART, 206),
            Asks(GET, (REST.replace(b'"1"', b'"2"'), FIRST), 200, b"one"),
        ],
        "an origin that ignores If-Range: a part of something else is no answer",
    ),
    (
        [
            Asks(GET, said(FRESH, "Connection: a, close", "A: 1", "B: 2")),
            Asks(GET, None, has="B: 2", lacks="a"),
        ],
        "what Connection lists is not stored, §3.1",
    ),
    (
        [
            Asks(GET, said('Cache-Control: max-age=9, no-cache="set-cookie"', "Set-Cookie: a=1")),
            Asks(GET, None, lacks="set-cookie"),
        ],
        "named by no-cache, §5.2.2.4",
    ),
    ([Asks(GET, said(FRESH, "Set-Cookie: a=1")), Asks(GET, None, has="Set-Cookie: a=1")], "§7.3"),
    (
        [
            Asks(f"{GET}\nAuthorization: x", said(FRESH)),
            Asks(f"{GET}\nAuthorization: x", said(f"{FRESH}, must-revalidate")),
            Asks(GET, None),
        ],
        "somebody's own, unless the origin says otherwise, §3.5",
    ),
    (
        [
            Asks(f"{GET}\nAccept-Language: de, en", said(FRESH, "Vary: Accept-Language")),
            Asks(f"{GET}\nAccept-Language: EN,de", None),
        ],
        "the same wish in other words, §4.1",
    ),
    (
        [
            Asks(GET, STALE),
            Asks("HEAD /a", said(FRESH, "X-New: 1", body=b"", length=3)),
            Asks(GET, None, body=b"one", has="X-New: 1"),
        ],
        "a HEAD vouches for it, §4.3.5",
    ),
    (
        [
            Asks(GET, STALE),
            Asks("HEAD /a", said(FRESH, body=b"", length=4)),
            Asks(GET, FIRST),
        ],
        "a HEAD speaks of other bytes, §4.3.5",
    ),
    (
        [
            Asks(
                GET, said("HTTP: 1", FRESH, body=b"one, and more that nobody announced", length=3)
            ),
            Asks(GET, None, body=b"one"),
        ],
        "a body ends where it said it would, RFC 9112 §6.3",
    ),
]


@pytest.mark.parametrize(("steps", "why"), CONVERSATIONS, ids=[why for _, why in CONVERSATIONS])
async def test_conversation(serve: Serve, steps: list[Asks], why: str) -> None:
    await converse(serve, *steps)


async def test_the_rest_is_asked_for_on_condition(serve: Serve) -> None:
    _, second = await converse(serve, Asks(f"{GET}\nRange: bytes=0-4", PART, 206), Asks(GET, REST))
    assert b"\r\nRange: bytes=5-\r\n" in second, "RFC 9110 §14.2"
    assert b'\r\nIf-Range: "1"\r\n' in second, "RFC 9110 §13.1.5"

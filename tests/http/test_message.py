from __future__ import annotations

import pytest

from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, is_websocket, size_bytes

TARGETS = [
    # target        path      query       why
    ("/a", "/a", "", "no question mark, no query"),
    ("/a?b=1", "/a", "b=1", "RFC 3986 §3.4"),
    ("/a?b?c", "/a", "b?c", "the first question mark divides, the rest is data"),
    ("/a?", "/a", "", "an empty query"),
    ("?b", "", "b", "no path at all"),
    ("*", "*", "", "OPTIONS *, RFC 9112 §3.2.4"),
]


@pytest.mark.parametrize(("target", "path", "query", "why"), TARGETS)
def test_target(target: str, path: str, query: str, why: str) -> None:
    request = Request("GET", target)
    assert (request.path, request.query) == (path, query), why


UPGRADES = [
    # method, fields                                             is one   why
    ("GET", {"Upgrade": "websocket", "Connection": "Upgrade"}, True, "RFC 6455 §4.1"),
    ("GET", {"Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade"}, True, "no case, a list"),
    ("POST", {"Upgrade": "websocket", "Connection": "Upgrade"}, False, "only by GET"),
    ("GET", {"Upgrade": "h2c", "Connection": "Upgrade"}, False, "another protocol"),
    ("GET", {"Upgrade": "websocket"}, False, "Connection has to name it, RFC 9110 §7.8"),
    ("GET", {}, False, "an ordinary request"),
]


@pytest.mark.parametrize(("method", "fields", "expected", "why"), UPGRADES)
def test_is_websocket(method: str, fields: dict[str, str], expected: bool, why: str) -> None:
    assert is_websocket(Request(method, "/", Headers(fields.items()))) is expected, why


def test_a_copy_with_other_headers_keeps_the_rest() -> None:
    headers = Headers([("A", "1")])
    request = Request("POST", "/a", body=b"body").with_headers(headers)
    assert request == Request("POST", "/a", headers, b"body")
    response = Response(404, body=b"body", reason="Gone Fishing").with_headers(headers)
    assert response == Response(404, headers, b"body", "Gone Fishing")


class Endless:
    length = None


class Sized:
    length = 7


SIZES = [
    (b"hello", 5, "bytes are as long as they are"),
    (Sized(), 7, "a stream says how long it will be"),
    (Endless(), 0, "or does not"),
]


@pytest.mark.parametrize(("body", "expected", "why"), SIZES)
def test_size_bytes(body: bytes, expected: int, why: str) -> None:
    assert size_bytes(body) == expected, why

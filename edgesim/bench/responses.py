"""Responses out of the bytes of a connection, one after another: just what a load test wants.

Sans-IO, and as quick as it can be: the head is searched for a handful of fields, never parsed.
A body is counted and let go.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from ..cloudfront.result_type import ResultType

BODILESS = frozenset({204, 304})
END_OF_HEAD = b"\r\n\r\n"
REQUEST_ID = b"\r\nX-Amz-Cf-Id:"
LONGEST_HEAD_BYTES = 256 * 1024


WORDS = {"tcp_hit": "Hit", "tcp_miss": "Miss"} | {kind.lower(): kind.value for kind in ResultType}
"""The first word of X-Cache, in lower case, and what CloudFront calls it."""


class Malformed(Exception):
    """What came is not an HTTP/1.x response."""


class Answer(NamedTuple):
    """One response: what it says of itself, and how long it was."""

    status: int
    result: str
    """Hit, Miss and so on, from X-Cache or Cache-Status; "" where neither says."""
    pop: str
    closes: bool
    """Whether the connection ends with it."""
    size_bytes: int
    """Head and body, as transferred."""


class Responses:
    """Cuts what a connection brings into answers."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: Answer | None = None
        self._left = 0
        """Bytes of the body still to come; -1 for as long as the connection lasts."""
        self._chunks: Chunks | None = None

    @property
    def amid(self) -> bool:
        """Whether a response has begun and is not complete."""
        return self._answer is not None or bool(self._buffer)

    def feed(self, data: bytes, *, bodiless: bool = False) -> Answer | None:
        """The answer that `data` completes, if it does; `bodiless` for one to HEAD.

        There is one request in the air at a time, so that nothing comes behind an answer.
        Raises `Malformed`.
        """
        if self._answer is None:
            if self._buffer:
                data = self._buffer + data
            end = data.find(END_OF_HEAD)
            if end < 0:
                if len(data) > LONGEST_HEAD_BYTES:
                    raise Malformed("its head does not end")
                self._buffer = data
                return None
            self._buffer = b""
            status, result, pop, closes, length = _told(_recurring(data[: end + 2]))
            if status < 200:
                return self.feed(data[end + 4 :], bodiless=bodiless)
            if bodiless or status in BODILESS:
                length = 0
            if length == len(data) - end - 4:  # most come at once and whole
                return Answer(status, result, pop, closes, len(data))
            closes = closes or length == _UNTIL_CLOSE
            self._answer = Answer(status, result, pop, closes, end + 4)
            self._left = length
            if length == _CHUNKED:
                self._chunks = Chunks()
            data = data[end + 4 :]
        return self._body(data)

    def closed(self) -> Answer | None:
        """The answer that ends with the connection. Raises `Malformed` if that came too soon."""
        if self._left == _UNTIL_CLOSE and self._answer is not None:
            return self._finished()
        if self.amid:
            raise Malformed("the connection closed in the middle of a response")
        return None

    def _body(self, data: bytes) -> Answer | None:
        answer = self._answer
        assert answer is not None  # noqa: S101 - only called with one begun
        if data:
            self._answer = answer._replace(size_bytes=answer.size_bytes + len(data))
        if self._left == _UNTIL_CLOSE:
            return None
        if self._chunks is not None:
            return self._finished() if self._chunks.feed(data) else None
        if len(data) > self._left:
            raise Malformed("more came than its Content-Length says")
        self._left -= len(data)
        return None if self._left else self._finished()

    def _finished(self) -> Answer | None:
        answer, self._answer = self._answer, None
        self._left, self._chunks = 0, None
        return answer


_UNTIL_CLOSE = -1
_CHUNKED = -2


def _recurring(head: bytes) -> bytes:
    """`head` without the field that is new in each response of a CDN; the rest lasts a second."""
    at = head.find(REQUEST_ID)
    return head if at < 0 else head[:at] + head[head.find(b"\r\n", at + 2) :]


@lru_cache(maxsize=4096)
def _told(head: bytes) -> tuple[int, str, str, bool, int]:
    """Status, result type, POP, whether it closes, and the body's length or a mark."""
    if not head.startswith(b"HTTP/1."):
        raise Malformed(f"it begins with {head[:20]!r}")
    lower = head.lower()
    try:
        status = int(head[9:12])
        length = int(_field(lower, b"\r\ncontent-length:") or _UNTIL_CLOSE)
    except ValueError as error:
        raise Malformed(str(error)) from None
    if b"\r\ntransfer-encoding:" in lower:
        length = _CHUNKED
    connection = _field(lower, b"\r\nconnection:")
    old = head.startswith(b"HTTP/1.0")
    closes = b"close" in connection or (old and b"keep-alive" not in connection)  # RFC 9112 §9.3
    x_cache, cache_status = _field(lower, b"\r\nx-cache:"), b""
    if not x_cache:
        cache_status = _field(lower, b"\r\ncache-status:")
    pop = _field(lower, b"\r\nx-amz-cf-pop:")
    return status, _result(x_cache, cache_status), _named(pop), closes, length


def _field(lower: bytes, name: bytes) -> bytes:
    """The value of a field, or nothing."""
    at = lower.find(name)
    if at < 0:
        return b""
    return lower[at + len(name) : lower.find(b"\r\n", at + 2)].strip()


@lru_cache(maxsize=4096)
def _named(pop: bytes) -> str:
    return pop.decode("latin-1").upper()


@lru_cache(maxsize=4096)
def _result(x_cache: bytes, cache_status: bytes) -> str:
    """`Hit` of "Hit from cloudfront", of "HIT", of a Cache-Status with a hit (RFC 9211 §2.1)."""
    if x_cache:
        word = x_cache.split()[0].rstrip(b",").decode("latin-1")
        return WORDS.get(word, word)
    if cache_status:
        nearest = cache_status.decode("latin-1").rpartition(",")[2]
        return "Hit" if "; hit" in f"{nearest};".replace(";hit", "; hit") else "Miss"
    return ""


class Chunks:
    """Follows chunked framing to its end (RFC 9112 §7.1)."""

    def __init__(self) -> None:
        self._line = b""
        self._left = 0
        """Bytes of the chunk and its line break that are still to come."""
        self._last = False

    def feed(self, data: bytes) -> bool:
        """Whether `data` brings the end. Raises `Malformed`."""
        while data:
            if self._left:
                taken = min(self._left, len(data))
                self._left -= taken
                data = data[taken:]
                continue
            line, found, data = (self._line + data).partition(b"\r\n")
            if not found:
                self._line = line
                return False
            self._line = b""
            if self._last:
                if not line:
                    return True
                continue
            try:
                size = int(line.partition(b";")[0], 16)
            except ValueError:
                raise Malformed(f"a chunk has the length {line[:20]!r}") from None
            if size == 0:
                self._last = True
            else:
                self._left = size + 2
        return False

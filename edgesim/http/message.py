"""Requests and responses as plain values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from ..values import value
from .headers import Headers


class Chunks(Protocol):
    """A body that is still arriving, once, to whoever asks first."""

    length: int | None
    """Bytes in all, where the sender said so."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Its bytes. Raises `EdgesimError` if they end too soon."""
        ...


class Upload(Chunks, Protocol):
    """A request body that is still arriving."""

    async def peek(self, limit_bytes: int) -> bytes:
        """Its first bytes, at most `limit_bytes` and one more, which it will still yield."""
        ...


class Coder(Protocol):
    """Puts bytes into a content coding, piece by piece, as zlib's own objects do."""

    def compress(self, data: bytes, /) -> bytes:
        """What can be written of it so far."""
        ...

    def flush(self) -> bytes:
        """The rest, once."""
        ...


class Stream(Chunks, Protocol):
    """A response body that is still arriving, or too large to hold as bytes."""

    def kept(self, settled: Callable[[Stream | bytes | None], None], limit_bytes: int) -> Stream:
        """The same body for any number of readers, each from its beginning.

        It is read to its end whoever goes away, and `settled` is then told: the bytes if
        they are few, the stream itself if they are many, None if it broke off or turned out
        longer than `limit_bytes` (when those who read it already still get the whole).
        """
        ...

    def part(self, first: int, stop: int) -> Stream:
        """Its bytes from `first` up to but not including `stop`. Only of a kept body."""
        ...

    def coded(self, coder: Coder) -> Stream:
        """Its bytes as `coder` writes them, while they arrive."""
        ...


@value(frozen=True, slots=True)
class Request:
    """A request; `target` is the path and query as they stood on the request line."""

    method: str
    target: str
    headers: Headers = Headers()
    body: bytes | Upload = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What stands behind the first question mark."""
        return self.target.partition("?")[2]

    def with_target(self, target: str) -> Request:
        return Request(self.method, target, self.headers, self.body)

    def with_headers(self, headers: Headers) -> Request:
        return Request(self.method, self.target, headers, self.body)


@value(frozen=True, slots=True)
class Response:
    """A response; `reason` is the origin's phrase, "" for the usual one."""

    status: int
    headers: Headers = Headers()
    body: bytes | Stream = b""
    reason: str = ""

    def with_headers(self, headers: Headers) -> Response:
        return Response(self.status, headers, self.body, self.reason)

    def with_body(self, body: bytes | Stream) -> Response:
        return Response(self.status, self.headers, body, self.reason)


@dataclass(frozen=True, slots=True)
class ViewerPlace:
    """Where a viewer is, in the words of the CloudFront-Viewer-* headers; "" is what nobody knows.

    CloudFront: "Add CloudFront request headers", viewer location headers.
    """

    city: str
    country: str
    """Two letters (ISO 3166-1)."""
    country_name: str = ""
    region: str = ""
    """What follows the country in ISO 3166-2, such as NY or 13."""
    region_name: str = ""
    postal_code: str = ""
    latitude: float = 0.0
    """Degrees, south is negative."""
    longitude: float = 0.0
    """Degrees, west is negative."""
    time_zone: str = ""
    """A name of the tz database, such as Asia/Tokyo."""
    metro_code: str = ""
    """Of the United States only."""
    asn: str = ""
    """The number of the network it is in, as text."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who sent a request: the address of the connection's other end, and what it speaks."""

    ip: str = "127.0.0.1"
    port: int = 0
    scheme: str = "http"
    http_version: str = "1.1"
    place: ViewerPlace | None = None
    """None for a viewer that nobody has placed in the world."""
    tls: str = ""
    """Protocol, cipher and kind of handshake, as CloudFront-Viewer-TLS has them."""


def size_bytes(body: bytes | Chunks) -> int:
    """How long `body` is; 0 if it has not said."""
    return len(body) if isinstance(body, bytes) else body.length or 0


def is_websocket(request: Request) -> bool:
    """Whether `request` asks to go on as a WebSocket (RFC 6455 §4.1)."""
    headers = request.headers
    return (
        (headers.get("upgrade") or "").lower() == "websocket"
        and request.method == "GET"
        and "upgrade" in (headers.get("connection") or "").lower()
    )

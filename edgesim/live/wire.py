"""One request over a connection of its own, byte for byte.

For what a pool cannot carry: an upgrade, after which the connection is no longer HTTP, and
heads with bytes that are not UTF-8, which aiohttp cannot send.
"""

from __future__ import annotations

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import suppress

import httptools

from ..cloudfront.origin import Origin
from ..errors import EdgesimError, OriginError
from ..http.head import NO_BODY, usual_phrase
from ..http.headers import Headers, end_to_end
from ..http.message import Request, Response
from . import failures
from .bodies import Arriving
from .framing import framed
from .http_origin import MAX_LINE_BYTES
from .interim import tell
from .tls import tls_context

_READ_BYTES = 64 * 1024
CLOSE_S = 5.0
"""How long an origin may take to accept the last bytes of a connection that is closed."""
_FORBIDDEN = re.compile(r"[\r\n\0]")


class Wire:
    """A connection that carries one request and its response."""

    def __init__(self, origin: Origin, reader: StreamReader, writer: StreamWriter) -> None:
        self.origin, self.reader, self.writer = origin, reader, writer

    async def ask(self, request: Request) -> Response:
        """Send `request` and read the head of what comes back; a body follows as it arrives."""
        try:
            await self._send(request)
            return await self._answer(request)
        except EdgesimError:
            self.close()
            raise
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            if isinstance(error, TimeoutError):
                raise failures.silent(self.origin) from error
            raise failures.unreachable(self.origin, error, 1) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close, and not wait for ever until the origin takes what is still to be sent."""
        transport = self.writer.transport
        if not transport.is_closing():
            transport.close()
            if transport.get_write_buffer_size():
                asyncio.get_running_loop().call_later(CLOSE_S, transport.abort)

    async def _send(self, request: Request) -> None:
        lines = [f"{request.method} {request.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in framed(request)]
        if any(_FORBIDDEN.search(line) for line in lines):
            raise ValueError("a line break in the head would start another field or request")
        self.writer.write("\r\n".join((*lines, "", "")).encode("latin-1", "replace"))
        body = request.body
        if isinstance(body, bytes):
            self.writer.write(body)
        else:
            async for chunk in body:
                chunked = body.length is None and "content-length" not in request.headers
                self.writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
                await self.writer.drain()
            if body.length is None and "content-length" not in request.headers:
                self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def _answer(self, request: Request) -> Response:
        async with asyncio.timeout(self.origin.response_timeout_s):
            parsed, response = await self._head()
            while 100 <= response.status < 200 and response.status != 101:
                tell(response.with_headers(end_to_end(response.headers)))
                parsed, response = await self._head()
        if response.status == 101:
            return response
        if request.method == "HEAD" or response.status in NO_BODY:
            self.close()
            return response
        length = None
        if "transfer-encoding" not in response.headers and "content-length" in response.headers:
            length = int(response.headers.all("content-length")[0])
        where = failures.where(self.origin)
        body = Arriving(self._body(parsed, length), length, self.close, where=where)
        return Response(response.status, response.headers, body, response.reason)

    async def _head(self) -> tuple[_Parsed, Response]:
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError as error:
            raise failures.head_too_big(self.origin, MAX_LINE_BYTES) from error
        except asyncio.IncompleteReadError as error:
            if error.partial:
                detail = repr(error.partial[:100])
                raise failures.not_http(self.origin, detail) from error
            raise
        parsed = _Parsed()
        try:
            parsed.feed(head)
        except httptools.HttpParserError as error:
            raise failures.not_http(self.origin, f"{error}: {head[:100]!r}") from error
        status = parsed.parser.get_status_code()
        reason = "" if parsed.reason == usual_phrase(status) else parsed.reason
        return parsed, Response(status, Headers(parsed.lines), b"", reason)

    async def _body(self, parsed: _Parsed, length: int | None) -> AsyncGenerator[bytes, None]:
        origin = self.origin
        framed_by_close = length is None and not parsed.is_chunked
        try:
            while not parsed.complete:
                async with asyncio.timeout(origin.response_timeout_s):
                    data = await self.reader.read(_READ_BYTES)
                if not data:
                    if parsed.is_chunked:
                        raise failures.broken_off(origin, EOFError())
                    break
                if framed_by_close:
                    yield data
                    continue
                parsed.feed(data)
                if parsed.body:
                    yield parsed.taken()
        except (OSError, httptools.HttpParserError) as error:
            raise failures.broken_off(origin, error) from error


async def connected(origin: Origin) -> Wire:
    """A new connection. Raises `OriginError` or `OriginTimeout` after the last attempt."""
    context = tls_context(origin)
    attempts = 0
    while True:
        attempts += 1
        try:
            async with asyncio.timeout(origin.connection_timeout_s):
                reader, writer = await asyncio.open_connection(
                    origin.host,
                    origin.port,
                    ssl=context,
                    server_hostname=origin.host if context else None,
                    limit=MAX_LINE_BYTES,
                )
        except OSError as error:
            failure: OriginError = failures.unreachable(origin, error, attempts)
            if attempts >= origin.connection_attempts or failures.is_final(error):
                raise failure from error
        else:
            return Wire(origin, reader, writer)


class _Parsed:
    """What httptools tells of a response."""

    def __init__(self) -> None:
        self.reason = ""
        self.lines: list[tuple[str, str]] = []
        self.body: list[bytes] = []
        self.complete = False
        self.is_chunked = False
        self.parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        with suppress(httptools.HttpParserUpgrade):  # a 101: what follows is not for this parser
            self.parser.feed_data(data)

    def taken(self) -> bytes:
        data = b"".join(self.body)
        self.body.clear()
        return data

    def on_status(self, status: bytes) -> None:
        self.reason += status.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.lines.append((name.decode("latin-1"), value.decode("latin-1")))
        if name.lower() == b"transfer-encoding" and b"chunked" in value.lower():
            self.is_chunked = True

    def on_body(self, data: bytes) -> None:
        self.body.append(data)

    def on_message_complete(self) -> None:
        self.complete = True

"""The ordinary path of one request: from aiohttp, through the lifecycle, onto the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, cast

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from ..edge import Edge, Served
from ..effects import Waiting
from ..errors import BadRequest, EdgesimError
from ..http.head import LAST_CHUNK, Framing, chunk, framed, interim_head
from ..http.headers import Headers
from ..http.message import Request, Response, Stream, Viewer
from .access_log import Sent
from .bodies import UploadBody
from .fast_lane import Begun
from .interim import heard_by
from .memo import Answer
from .places import without_place
from .ports import Visited
from .timing import timing_line
from .tunnel import Tunnel
from .viewer import ViewerProtocol

if TYPE_CHECKING:
    from .server import LiveServer

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LARGE_BYTES = 64 * 1024
"""From here on head and body are written apart, to save a copy."""


class Written(web.StreamResponse):
    """Tells aiohttp that the response is on the wire already."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._keep_alive = keep_alive

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        pass


class Exchange:
    """One request on the ordinary path."""

    def __init__(self, server: LiveServer, message: web.BaseRequest) -> None:
        self.server = server
        self.message = message
        self.protocol = cast(ViewerProtocol, message.protocol)
        self.cookie = ""
        """A Set-Cookie of the edge's own, which no cache has seen."""
        self.edge: Edge | None = None
        """Where this request comes in, if its viewer is placed somewhere."""
        self.place = self.protocol.viewer.place
        self.sent_bytes = 0

    async def answer(self) -> web.StreamResponse:
        """Serve the request and write its response."""
        if self.message.version.minor and len(self.message.headers.getall("Host", ())) != 1:
            error = BadRequest("an HTTP/1.1 request needs one Host field (RFC 9112 §3.2)")
            self.server.observer.refused(error)
            return self.server.refusal(error)
        try:
            begun = self.protocol.begun or self._begin()
        except EdgesimError as error:
            self.server.observer.refused(error)
            return self.server.refusal(error)
        self.protocol.begun = None
        try:
            served = await self._served(begun)
        except Exception as error:  # noqa: BLE001  a mistake of ours must reach the log and a viewer
            self.server.observer.crashed(begun.request, error)
            return self.server.refusal(EdgesimError(f"{type(error).__name__}: {error}"))
        finally:
            begun.running.leave()
            self.protocol.reuse()
        return await self._write(begun, served)

    def _begin(self) -> Begun:
        """Raises `EdgesimError` for a viewer at a place that nobody knows, or that is cut off."""
        chosen = self.server.choose(self._request())
        self.cookie, running, request = chosen.cookie, chosen.running, chosen.request
        viewer, places = self.protocol.viewer, running.places
        city = places.placed_by(request, viewer.ip)
        if city is not None:
            self.place = city.place
            self.edge = places.edge(running.nowhere, city, viewer.scheme, self.protocol.met)
        request = request.with_headers(without_place(request.headers))
        running.enter()
        return Begun(running, None, request, self.server.ids.next(), perf_counter())

    async def _served(self, begun: Begun) -> Served:
        outcome = begun.outcome
        if outcome is None:
            request, request_id = begun.request, begun.request_id
            outcome = begun.running.begin(
                request, self._viewer(), request_id, begun.timeline, self.edge
            )
        if isinstance(outcome, Waiting):
            with heard_by(self._hint):
                return await begun.running.driver.finish(outcome, begun.timeline)
        return outcome

    def _hint(self, interim: Response) -> None:
        """Pass on a 1xx, but not to HTTP/1.0, which has none (RFC 9110 §15.2)."""
        transport = self.protocol.transport
        if self.message.version.minor and transport is not None:
            transport.write(interim_head(interim))

    def _viewer(self) -> Viewer:
        version = self.message.version
        http_version = f"{version.major}.{version.minor}"
        return replace(self.protocol.viewer, http_version=http_version, place=self.place)

    def _request(self) -> Request:
        message = self.message
        lines = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in message.raw_headers
        ]
        body: bytes | UploadBody = b""
        if message.body_exists:
            body = UploadBody(
                message.content.iter_any(), message.content_length, self._when_body_is_wanted()
            )
        return Request(message.method, message._message.path, Headers(lines), body)  # noqa: SLF001

    def _when_body_is_wanted(self) -> Callable[[], Awaitable[None]] | None:
        """Expect: 100-continue is met when somebody asks for the body (RFC 9110 §10.1.1)."""
        if self.message.headers.get("Expect", "").lower() != "100-continue":
            return None
        return self._continue

    async def _continue(self) -> None:
        if self.message.version.minor:
            await self.message.writer.write(CONTINUE)

    async def _write(self, begun: Begun, served: Served) -> web.StreamResponse:
        request, response, body = begun.request, served.response, served.response.body
        seconds = perf_counter() - begun.began
        if self.cookie:
            response = response.with_headers(response.headers.plus(("Set-Cookie", self.cookie)))
        version = self._viewer().http_version
        keep_alive = self.message.keep_alive and not served.closes
        framing = framed(response, request.method, version, keep_alive=keep_alive)
        visited = Visited(request, served, begun.request_id, seconds, begun.timeline)
        head = b"".join(
            (
                framing.head,
                timing_line(begun.timeline, seconds) if self.server.explains else b"",
                begun.running.identified(begun.request_id),
                framing.last,
            )
        )
        at_hand = framing.coded(body) if isinstance(body, bytes) else b""
        if begun.head and isinstance(body, bytes) and framing.keeps_alive:
            answer = Answer(framing, at_hand, request, served, begun.timeline)
            begun.running.learn(begun.head, self.protocol.viewer, answer, begun.since)
        broke = "ClientCommError"  # unless something else turns out
        try:
            await self._write_head(head, at_hand)
            self.server.observer.visited(visited)
            if isinstance(body, Tunnel) or (framing.has_body and not isinstance(body, bytes)):
                await self._write_stream(framing, body)
            broke = ""
        except EdgesimError as failure:
            broke = failure.code
            self.server.observer.broken(visited, failure)
            self.protocol.break_off(reset=framing.ends_by_closing)
        except ConnectionError:  # the viewer has gone, which is nobody's mistake
            return Written(keep_alive=False)
        else:
            self.protocol.answered = framing.keeps_alive
        finally:
            self._log(begun, visited, framing, broke)
        return Written(keep_alive=framing.keeps_alive)

    def _log(self, begun: Begun, visited: Visited, framing: Framing, broke: str) -> None:
        log = self.server.access_log
        if log is not None:
            seconds = perf_counter() - begun.began
            sent = Sent(self._viewer(), self.sent_bytes, seconds, framing.length, broke)
            log.wrote(visited, sent, begun.running.edge.distribution)

    async def _write_head(self, head: bytes, body: bytes) -> None:
        """The head, and what is at hand of the body."""
        writer = self.message.writer
        self.sent_bytes = len(head) + len(body)
        if len(body) > LARGE_BYTES:
            await writer.write(head)
            await writer.write(memoryview(body))
        else:
            await writer.write(head + body)

    async def _write_stream(self, framing: Framing, body: Stream) -> None:
        """The body as it arrives, for as long as the viewer is there."""
        self.protocol.streaming = asyncio.current_task()
        try:
            if isinstance(body, Tunnel):
                await relay(self.protocol, body, self.message.writer)
            else:
                await self._write_pieces(body, chunked=framing.chunked)
        finally:
            self.protocol.streaming = None

    async def _write_pieces(self, body: Stream, *, chunked: bool) -> None:
        writer = self.message.writer
        async for piece in body:
            written = chunk(piece) if chunked else piece
            self.sent_bytes += len(written)
            await writer.write(written)
        if chunked:
            self.sent_bytes += len(LAST_CHUNK)
            await writer.write(LAST_CHUNK)


class FromViewer:
    """Takes what a viewer sends after an upgrade; stops reading while too much is waiting."""

    HIGH_WATER_BYTES = 256 * 1024

    def __init__(self, protocol: ViewerProtocol) -> None:
        self._protocol = protocol
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._ended = False
        self._news = asyncio.Event()

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self._waiting.append(bytes(data))
        self._bytes += len(data)
        if self._bytes > self.HIGH_WATER_BYTES and self._protocol.transport is not None:
            self._protocol.transport.pause_reading()
        self._news.set()
        return False, b""

    def feed_eof(self) -> None:
        self._ended = True
        self._news.set()

    async def into(self, tunnel: Tunnel) -> None:
        """Pass everything on until the viewer has gone."""
        while not self._ended or self._waiting:
            await self._news.wait()
            self._news.clear()
            pieces, self._waiting, self._bytes = self._waiting, [], 0
            for piece in pieces:
                await tunnel.send(piece)
            transport = self._protocol.transport
            if transport is not None and not transport.is_closing():
                transport.resume_reading()


async def relay(protocol: ViewerProtocol, tunnel: Tunnel, writer: AbstractStreamWriter) -> None:
    """Both directions of an upgraded connection, until either side ends it."""
    viewer = FromViewer(protocol)
    protocol.set_parser(viewer)  # type: ignore[arg-type]  # typed for WebSocketReader alone
    upstream = asyncio.ensure_future(viewer.into(tunnel))
    upstream.add_done_callback(lambda _: tunnel.close())
    try:
        async for piece in tunnel:
            await writer.write(piece)
    finally:
        upstream.cancel()
        tunnel.close()
        await asyncio.gather(upstream, return_exceptions=True)

"""One viewer connection: aiohttp's protocol, with a fast lane for answers that need no waiting.

The fast lane takes a chunk that is exactly one complete bodiless head on an idle connection.
Everything else (bodies, pipelining, upgrades, Expect, partial or bad heads) is aiohttp's, whose
parser, limits and flow control then hand over to `Exchange` in `exchange.py`.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from ..effects import Waiting
from ..errors import BadRequest, EdgesimError
from ..http.head import END_OF_HEAD
from ..http.message import Request, Viewer
from .access_log import Sent
from .fast_lane import Begun, answered, ended, fast_request
from .hosts import Hosts
from .memo import Answer
from .ports import Visited
from .rehearsal import Rehearsal
from .running import Running
from .timing import timing_line

if TYPE_CHECKING:
    from .server import LiveServer

LARGE_BYTES = 64 * 1024
"""From here on head and body are written apart, to save a copy."""

_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


REUSED = "connectionReused"


def handshake(secured: ssl.SSLObject | None) -> str:
    """Protocol, cipher and kind of handshake, as CloudFront-Viewer-TLS says them."""
    cipher = secured.cipher() if secured is not None else None
    if secured is None or cipher is None:
        return ""
    kind = "sessionResumed" if secured.session_reused else "fullHandshake"
    return f"{secured.version()}:{cipher[0]}:{kind}"


def at_once(hosts: Hosts, head: bytes) -> Running | None:
    """Who answers `head`, if it is one for the fast lane and needs no cookie of ours."""
    request = fast_request(head)
    if request is None:
        return None
    chosen = hosts.choose(request)
    return None if chosen.cookie or chosen.request is not request else chosen.running


class ViewerProtocol(RequestHandler):
    """A connection from a viewer."""

    __slots__ = (
        "_held",
        "_over",
        "_owed_bytes",
        "_rehearsing",
        "_server",
        "_waits",
        "answered",
        "begun",
        "met",
        "streaming",
        "viewer",
    )

    def __init__(self, manager: web.Server, server: LiveServer, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._server = server
        self._owed_bytes: int | None = 0
        self._rehearsing: Rehearsal | None = None
        """A request that aiohttp has not heard of, for which something has to wait."""
        self._waits: asyncio.Task[None] | None = None
        """Who waits for that, unless whatever it is will call."""
        self._over: asyncio.Future[None] | None = None
        """Settled when it is answered, for whoever waits for that."""
        self._held: list[bytes] = []
        """What came meanwhile."""
        self.answered = False
        """Whether all of the last answer is written, though its handler may not wait again yet."""
        self.begun: Begun | None = None
        self.streaming: asyncio.Task[Any] | None = None
        """Who passes on a body piece by piece; it need not wait for the next one in vain."""
        self.viewer = Viewer()
        self.met: set[str] = set()
        """The links from viewers over which a connection has been made already."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername") or ("127.0.0.1", 0)
        secured = transport.get_extra_info("ssl_object")
        scheme, place = "http" if secured is None else "https", self._server.places.usual_place
        self.viewer = Viewer(peer[0], peer[1], scheme, place=place, tls=handshake(secured))

    def reuse(self) -> None:
        """A request has been served; those that follow find the handshake done."""
        protocol, separator, _ = self.viewer.tls.rpartition(":")
        if separator and not self.viewer.tls.endswith(REUSED):
            self.viewer = replace(self.viewer, tls=f"{protocol}:{REUSED}")

    def connection_lost(self, exc: BaseException | None) -> None:
        self._abandon()
        if self.streaming is not None:
            self.streaming.cancel()
        super().connection_lost(exc)

    def _abandon(self) -> None:
        """Nobody waits for what has begun any more."""
        begun, self.begun = self.begun, None
        if begun is not None and begun.outcome is not None:
            if isinstance(begun.outcome, Waiting):
                begun.running.driver.carry_on(begun.outcome)  # others may have joined its flight
            begun.running.leave()

    async def shutdown(self, timeout: float | None = 15.0) -> None:  # noqa: ASYNC109 - aiohttp's
        if self._rehearsing is not None:
            self._over = self._loop.create_future()
            await asyncio.wait({self._over}, timeout=timeout)
        self._server.outbox.flush()
        await super().shutdown(timeout)

    def _process_keepalive(self) -> None:
        if self._rehearsing is not None:  # aiohttp takes the connection for an idle one
            self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        super()._process_keepalive()

    def break_off(self, *, reset: bool) -> None:
        """Close in the middle of a body; with a reset, if an ordinary close would be its end."""
        transport = self.transport
        if reset and transport is not None:
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        self.force_close()

    def data_received(self, data: bytes) -> None:
        if self._rehearsing is not None:
            self._hold(data)
            return
        waiter = self._waiter
        waits = self.answered if waiter is None else not waiter.done()
        idle = waits and not self._messages
        if idle and self._owed_bytes == 0 and data.endswith(END_OF_HEAD) and self._answered(data):
            return
        self._ordinary(data)

    def _ordinary(self, data: bytes) -> None:
        """What is not for the fast lane."""
        self._count(data)
        self.answered = False
        super().data_received(data)

    def _answered(self, head: bytes) -> bool:
        """Whether `head` could be answered at once, and was."""
        server, request_id, began = self._server, self._server.ids.next(), perf_counter()
        try:
            running = server.running if server.hosts is None else at_once(server.hosts, head)
            if running is None:
                return False
            outcome = answered(running, head, self.viewer, request_id)
        except Exception:  # noqa: BLE001  our own mistake: the ordinary path meets and reports it
            return False
        if outcome is None:
            return False
        if isinstance(outcome, Begun):
            self.begun = outcome
            return False
        if isinstance(outcome, Rehearsal):
            running.enter()
            self._rehearsing = outcome
            if not outcome.ask(partial(self._heard, outcome)):
                self._wait_for(outcome)
            return True
        self._write(outcome, running, head, request_id, began)
        return True

    def _heard(self, rehearsal: Rehearsal) -> None:
        """The origin has answered, or there is trouble."""
        outcome: Answer | Begun | None = None
        try:
            if not rehearsal.at_once():
                self._wait_for(rehearsal)
                return
            outcome = ended(rehearsal)
        except Exception:  # noqa: BLE001  our own mistake: the ordinary path meets and reports it
            outcome = None
        self._end(rehearsal, outcome)

    def _wait_for(self, rehearsal: Rehearsal) -> None:
        self._waits = self._loop.create_task(self._waited(rehearsal))

    async def _waited(self, rehearsal: Rehearsal) -> None:
        """Wait for what a request needs, the connection being busy."""
        outcome: Answer | Begun | None = None
        try:
            await rehearsal.awaited()
            outcome = ended(rehearsal)
        except Exception:  # noqa: BLE001  our own mistake: the ordinary path meets and reports it
            outcome = None
        self._end(rehearsal, outcome)

    def _end(self, rehearsal: Rehearsal, outcome: Answer | Begun | None) -> None:
        running, head, request_id = rehearsal.running, rehearsal.head, rehearsal.request_id
        running.leave()
        self._rehearsing = None
        if isinstance(outcome, Answer):
            self._write(outcome, running, head, request_id, rehearsal.began, waited=True)
        else:
            self.begun = outcome
            if self._manager is None:
                self._abandon()
            else:
                self._ordinary(head)
        self._release()
        if self._over is not None and not self._over.done():
            self._over.set_result(None)

    def _hold(self, data: bytes) -> None:
        """Leave what comes meanwhile for later, and let no more come than that."""
        if not self._held and self.transport is not None:
            self.transport.pause_reading()
        self._held.append(data)

    def _release(self) -> None:
        held, self._held = self._held, []
        if held and self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()
            for data in held:
                self.data_received(data)

    def _write(
        self,
        answer: Answer,
        running: Running,
        head: bytes,
        request_id: str,
        began: float,
        *,
        waited: bool = False,
    ) -> None:
        server, transport, framing = self._server, self.transport, answer.framing
        took = perf_counter() - began if waited else 0.0
        timing = timing_line(answer.steps, took) if waited and server.explains else b""
        identified = running.identified(request_id)
        written: Sequence[bytes] = (framing.head, timing, identified, framing.last, answer.body)
        if len(answer.body) <= LARGE_BYTES:
            written = (b"".join(written),)
        if transport is not None:
            server.outbox.put(transport, written)
            if self.viewer.tls:
                self.reuse()
            self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        heard = answer.request or head
        visited = Visited(heard, answer.served, request_id, took, answer.steps)
        server.observer.visited(visited)
        if server.access_log is not None:
            size, seconds = sum(map(len, written)), perf_counter() - began
            sent = Sent(self.viewer, size, seconds, framing.length)
            server.access_log.wrote(visited, sent, running.edge.distribution)

    def _count(self, data: bytes) -> None:
        """Keep track of where messages end, so that the fast lane never starts inside one."""
        if self._owed_bytes is None or not data:  # with none aiohttp takes up what it held back
            return
        if self._owed_bytes > 0:
            owed = self._owed_bytes - len(data)
            self._owed_bytes = owed if owed >= 0 else None
            return
        end = data.find(END_OF_HEAD)
        if end < 0 or _CHUNKED.search(data, 0, end + 2):
            self._owed_bytes = None
            return
        length = _CONTENT_LENGTH.search(data, 0, end + 2)
        owed = end + len(END_OF_HEAD) + (int(length[1]) if length else 0) - len(data)
        self._owed_bytes = owed if owed >= 0 else None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What aiohttp's parser refused, answered as CloudFront answers."""
        too_long = "when reading" in (message or "")
        error: EdgesimError = BadRequest(message or "not HTTP", status=494 if too_long else 400)
        if exc is not None and status >= 500:
            self._server.observer.crashed(Request(request.method, request.path_qs), exc)
            error = EdgesimError(f"{type(exc).__name__}: {exc}")
        else:
            self._server.observer.refused(error)
        return self._server.refusal(error)

"""One viewer connection: aiohttp's protocol, with a fast lane for answers that need no waiting.

The fast lane takes a chunk that is exactly one complete bodiless head on an idle connection.
Everything else (bodies, pipelining, upgrades, Expect, partial or bad heads) is aiohttp's, whose
parser, limits and flow control then hand over to `Exchange` in `exchange.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from ..effects import Waiting
from ..errors import BadRequest, EdgesimError
from ..http.head import END_OF_HEAD, framed, parse_request_head
from ..http.message import Request, Viewer
from ..lifecycle import Served
from .memo import Line
from .ports import Visited
from .running import Running

if TYPE_CHECKING:
    from .server import LiveServer

NOT_FOR_THE_FAST_LANE = frozenset(
    {"connection", "content-length", "expect", "transfer-encoding", "upgrade", "x-edgesim-viewer"}
)
"""A request with one of these takes the ordinary path; `Connection: keep-alive` is let pass."""

_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Begun:
    """A request that has entered a deployment; its lifecycle too, if the fast lane began it."""

    running: Running
    waiting: Waiting[Served] | None
    request: Request
    request_id: str
    began: float


class ViewerProtocol(RequestHandler):
    """A connection from a viewer."""

    __slots__ = ("_owed_bytes", "_server", "begun", "viewer")

    def __init__(self, manager: web.Server, server: LiveServer, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._server = server
        self._owed_bytes: int | None = 0
        self.begun: Begun | None = None
        self.viewer = Viewer()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername") or ("127.0.0.1", 0)
        scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self.viewer = Viewer(peer[0], peer[1], scheme)

    def connection_lost(self, exc: BaseException | None) -> None:
        begun, self.begun = self.begun, None
        if begun is not None and begun.waiting is not None:
            begun.running.driver.carry_on(begun.waiting)  # others may have joined its flight
            begun.running.leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        waiter = self._waiter
        idle = waiter is not None and not waiter.done() and not self._messages
        if idle and self._owed_bytes == 0 and data.endswith(END_OF_HEAD) and self._answered(data):
            return
        self._count(data)
        super().data_received(data)

    def _answered(self, head: bytes) -> bool:
        """Whether `head` could be answered at once, and was."""
        running, now = self._server.running, self._server.clock()
        line = running.memo.recall(head, now)
        if line is not None:
            request_id = self._server.ids.next()
            self._write(line.head, request_id, line.body)
            self._server.observer.visited(Visited(line.request, line.served, request_id))
            return True
        request = fast_request(head)
        if request is None:
            return False
        began, request_id = perf_counter(), self._server.ids.next()
        try:
            outcome = running.begin(request, self.viewer, request_id)
        except Exception:  # noqa: BLE001  our own mistake: the ordinary path meets and reports it
            return False
        if isinstance(outcome, Waiting):
            running.enter()
            self.begun = Begun(running, outcome, request, request_id, began)
            return False
        return self._written(head, request, outcome, request_id, began)

    def _written(
        self, head: bytes, request: Request, served: Served, request_id: str, began: float
    ) -> bool:
        body = served.response.body
        if not isinstance(body, bytes):
            return False  # a stored response that is still arriving
        framing = framed(served.response, request.method, "1.1", keep_alive=True)
        written = body if framing.has_body else b""
        self._write(framing.head, request_id, written)
        if served.hit is not None and isinstance(served.hit.response.body, bytes):
            age_s = int(served.hit.current_age(self._server.clock()))
            line = Line(served.hit, age_s, framing.head, written, request, served)
            self._server.running.memo.learn(head, line)
        seconds = perf_counter() - began
        self._server.observer.visited(Visited(request, served, request_id, seconds))
        return True

    def _write(self, head: bytes, request_id: str, body: bytes) -> None:
        transport = self.transport
        if transport is not None:
            end = f"X-Amz-Cf-Id: {request_id}\r\n\r\n".encode("ascii")
            transport.write(b"".join((head, end, body)))
            self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout

    def _count(self, data: bytes) -> None:
        """Keep track of where messages end, so that the fast lane never starts inside one."""
        if self._owed_bytes is None:
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
        return self._server.refusal(error)


def fast_request(head: bytes) -> Request | None:
    """The request in `head` if it is one that the fast lane may take."""
    if head.find(END_OF_HEAD) != len(head) - len(END_OF_HEAD):
        return None
    first, _, _ = head.partition(b"\r\n")
    if not first.endswith(b" HTTP/1.1") or not first.startswith((b"GET /", b"HEAD /")):
        return None
    try:
        request = parse_request_head(head)
    except BadRequest:
        return None
    special = NOT_FOR_THE_FAST_LANE & request.headers.names()
    connection = (request.headers.get("connection") or "").lower()
    if special and (special != {"connection"} or connection != "keep-alive"):
        return None
    return request

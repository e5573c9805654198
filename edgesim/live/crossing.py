"""What goes between a worker and the process that has the caches behind the first.

Frames over a Unix socket in a folder of our own: a kind, a length, and bytes; heads are pickled,
for both ends are ours. A connection carries one request at a time, in this order:

    worker    REQUEST                                      then, once wanted, PIECE … END or BROKEN
    regional  (WANTED | INTERIM)… CAME                     then PIECE … END or BROKEN

A body that is at hand goes with its head. After a 101 there are no frames any more, just bytes.
"""

from __future__ import annotations

import asyncio
import pickle
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Any, cast

from ..cache.freshness import StoredResponse
from ..cache.reuse import Forward, Serve
from ..cache.verdict import Verdict
from ..cloudfront.rule_book import Warned
from ..edge import Served
from ..effects import Fetch, Flight, HandOver, Invoke, Join, Peek, Spawn
from ..errors import EdgesimError
from ..http.message import Chunks, Request, Response, Upload
from ..runtimes.base import LogLine
from .bodies import UploadBody
from .ports import Came, Step

_HEADER = struct.Struct("!BI")
_READ_BYTES = 64 * 1024
_BUFFER_BYTES = 256 * 1024
"""What a slow reader lets pile up, about twice, on each side of the socket."""


GONE = (OSError, asyncio.IncompleteReadError)
"""What tells that the other end is not there any more."""


def nothing() -> None:
    """What happens when nobody minds."""


class Kind(IntEnum):
    """What a frame is."""

    REQUEST = 1
    WANTED = 2
    INTERIM = 3
    CAME = 4
    PIECE = 5
    END = 6
    BROKEN = 7
    ORDER = 8
    DONE = 9


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is handed over."""

    server: int
    """For which of the distributions behind the port."""
    generation: int
    """Under which of its deployments the request began, counted from 0."""
    handed: HandOver
    """Its body may be `Coming`."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A body that follows its head."""

    length: int | None


@dataclass(frozen=True, slots=True)
class Switched:
    """In place of a body: from here on the connection is the viewer's and the origin's."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request, and what functions said meanwhile."""

    came: Came
    said: Sequence[LogLine]
    warnings: Sequence[Warned]


class Crossing:
    """One end of a connection. `on_left` is called when the other end has gone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.on_left: Callable[[], object] = nothing

    async def next(self) -> tuple[Kind, bytes]:
        """Raises `OSError` or `asyncio.IncompleteReadError` if there is none."""
        kind, length = _HEADER.unpack(await self.reader.readexactly(_HEADER.size))
        return Kind(kind), await self.reader.readexactly(length)

    def put(self, kind: Kind, data: bytes | bytearray = b"") -> None:
        self.writer.write(_HEADER.pack(kind, len(data)))
        if data:
            self.writer.write(data)

    def put_value(self, kind: Kind, value: object) -> None:
        self.put(kind, pickle.dumps(value, pickle.HIGHEST_PROTOCOL))

    async def put_body(self, body: Chunks) -> None:
        """As it arrives, as fast as it is taken. Raises `OSError` if it is not, any more."""
        try:
            async for piece in body:
                self.put(Kind.PIECE, piece)
                await self.writer.drain()
            self.put(Kind.END)
        except EdgesimError as error:
            self.put_value(Kind.BROKEN, error)
        await self.writer.drain()

    def write(self, data: bytes) -> None:
        """Bytes, once there are no frames any more."""
        self.writer.write(data)

    async def drain(self) -> None:
        await self.writer.drain()

    async def received(self) -> bytes:
        return await self.reader.read(_READ_BYTES)

    def close(self) -> None:
        self.writer.close()

    def abort(self) -> None:
        """Close, whatever is still to be sent."""
        self.writer.transport.abort()


async def connect(path: Path) -> Crossing:
    """To who listens at `path`. Raises `OSError`."""
    return Crossing(*await asyncio.open_unix_connection(path, limit=_BUFFER_BYTES))


Connected = Callable[[Crossing], object]


async def listen(path: Path, connected: Connected) -> asyncio.AbstractServer:
    """Accept who connects to `path`."""
    loop = asyncio.get_running_loop()
    return await loop.create_unix_server(lambda: _Accepting(connected), path)


class _Accepting(asyncio.StreamReaderProtocol):
    """Notices at once when the other end has gone, though nobody may be reading."""

    def __init__(self, connected: Connected) -> None:
        self._crossing: Crossing | None = None
        self._connected_cb = connected
        super().__init__(asyncio.StreamReader(limit=_BUFFER_BYTES), self._accept)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._crossing = Crossing(reader, writer)
        self._connected_cb(self._crossing)

    def eof_received(self) -> bool:
        self._left()
        return bool(super().eof_received())

    def connection_lost(self, exc: Exception | None) -> None:
        self._left()
        super().connection_lost(exc)

    def _left(self) -> None:
        if self._crossing is not None:
            self._crossing.on_left()


def loaded(data: bytes) -> Any:
    """What `put_value` put."""
    return pickle.loads(data)  # noqa: S301 - by us, in a folder that nobody else may enter


async def pieces(
    crossing: Crossing, wanted: Callable[[], object] = nothing
) -> AsyncIterator[bytes]:
    """A body as it arrives. Raises what broke it off, or one of `GONE`.

    `wanted` is called if meanwhile the other end asks for the body that goes the other way.
    """
    while True:
        kind, data = await crossing.next()
        if kind is Kind.PIECE:
            yield data
        elif kind is Kind.WANTED:
            wanted()
        elif kind is Kind.BROKEN:
            raise loaded(data)
        else:
            return


def upload(crossing: Crossing, length: int | None) -> UploadBody:
    """A request's body, which is asked for when somebody wants it."""

    async def wanted() -> None:
        crossing.put(Kind.WANTED)

    return UploadBody(_unbroken(crossing), length, wanted)


async def _unbroken(crossing: Crossing) -> AsyncIterator[bytes]:
    try:
        async for piece in pieces(crossing):
            yield piece
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("the worker has gone") from error


def told_of(steps: list[Step]) -> list[Step]:
    """`steps` as they cross: what was waited for and how long, but not with what."""
    return [
        replace(step, effect=_named(step), reply=None)
        for step in steps
        if not isinstance(step.effect, Spawn)
    ]


def _named(step: Step) -> Any:
    match step.effect:
        case Invoke(function, trigger):
            return Invoke(function, trigger, {})
        case Fetch(origin, request):
            return Fetch(origin, Request(request.method, request.target))
        case Join():
            return Join(Flight())
        case Peek(limit_bytes=limit_bytes):
            return Peek(cast("Upload", b""), limit_bytes)
        case _:
            return step.effect


def without_bodies(served: Served, body: object) -> Served:
    """`served` as it crosses, with `body` for its own."""
    response = served.response
    said = Response(response.status, response.headers, body, response.reason)  # type: ignore[arg-type]
    verdicts = tuple(map(_told, served.verdicts))
    return replace(served, response=said, hit=None, verdicts=verdicts)


def _told(verdict: Verdict) -> Verdict:
    decision, kept = verdict.decision, verdict.kept
    if isinstance(decision, Serve):
        decision = replace(decision, stored=_times(decision.stored))
    elif isinstance(decision, Forward):
        stale, part = decision.stale, decision.part
        decision = Forward(decision.reason, stale and _times(stale), part and _times(part))
    return replace(
        verdict,
        decision=decision,
        kept=_times(kept) if isinstance(kept, StoredResponse) else kept,
    )


def _times(stored: StoredResponse) -> StoredResponse:
    """What is stored, without the response."""
    return replace(stored, response=Response(stored.response.status), place=None)

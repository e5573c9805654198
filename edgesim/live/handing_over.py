"""A worker's way to the process that has the caches behind the first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..edge import Served
from ..effects import HandOver
from ..errors import OriginError
from ..http.message import Stream, Upload
from ..runtimes.base import LogLine
from . import interim
from .bodies import Arriving
from .crossing import (
    GONE,
    Asked,
    Coming,
    Crossing,
    Kind,
    Reply,
    Switched,
    connect,
    loaded,
    pieces,
)
from .ports import Beyond, Came
from .recording import Tasks
from .tunnel import Tunnel


class WaysOver:
    """Connections to the regional process at `path`, those that are free kept for the next.

    `said` is told what functions say there, in time for the line of the request they ran for.
    """

    def __init__(self, path: Path, said: Callable[[LogLine], None]) -> None:
        self._path, self._said = path, said
        self._free: list[Crossing] = []
        self._tasks: Tasks = set()

    def of(self, server: int, generation: int = 0) -> Beyond:
        """What lies beyond one of the distributions behind the port, in one of its deployments."""
        return _BeyondOne(self, server, generation)

    async def go_on(self, asked: Asked) -> Came:
        crossing = None
        try:
            crossing = self._free.pop() if self._free else await connect(self._path)
            return await _Crossed(self, crossing, asked).came()
        except GONE as error:
            if crossing is not None:
                crossing.abort()
            gone = OriginError(f"the process with the regional caches does not answer: {error}")
            return Came(None, gone, ())
        except BaseException:
            if crossing is not None:
                crossing.abort()
            raise

    def tell(self, reply: Reply) -> None:
        for line in reply.said:
            self._said(line)

    def free(self, crossing: Crossing) -> None:
        """Nobody uses it any more, and all that it carried has arrived."""
        self._free.append(crossing)

    def keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def tasks(self) -> Tasks:
        return self._tasks

    async def close(self) -> None:
        for crossing in self._free:
            crossing.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class _BeyondOne:
    def __init__(self, ways: WaysOver, server: int, generation: int) -> None:
        self._ways, self._server, self._generation = ways, server, generation

    async def go_on(self, handed: HandOver) -> Came:
        return await self._ways.go_on(Asked(self._server, self._generation, handed))


class _Crossed:
    """One request on a connection that is its own until all has arrived."""

    def __init__(self, ways: WaysOver, crossing: Crossing, asked: Asked) -> None:
        self._ways, self._crossing, self._asked = ways, crossing, asked
        self._upload: asyncio.Task[None] | None = None
        self._ended = False

    async def came(self) -> Came:
        """What comes of it. Raises `OSError` or `IncompleteReadError` if nothing does."""
        handed, crossing = self._asked.handed, self._crossing
        crossing.put_value(Kind.REQUEST, replace(self._asked, handed=_as_it_crosses(handed)))
        await crossing.writer.drain()
        while True:
            kind, data = await crossing.next()
            if kind is Kind.INTERIM:
                interim.tell(loaded(data))
            elif kind is Kind.WANTED:
                self._send_upload()
            else:
                reply: Reply = loaded(data)
                break
        self._ways.tell(reply)
        handed.warnings.extend(reply.warnings)
        came = reply.came
        if came.served is None:
            self._done()
            return came
        return replace(came, served=self._with_body(came.served))

    def _with_body(self, served: Served) -> Served:
        response = served.response
        return served.with_response(response.with_body(self._body(response.body)))

    def _body(self, crossed: Any) -> bytes | Stream:
        match crossed:
            case Coming(length):
                tasks = self._ways.tasks
                return Arriving(self._pieces(), length, self._given_up, tasks=tasks)
            case Switched():
                return Tunnel(self._crossing)
            case _:
                self._done()
                body: bytes = crossed
                return body

    async def _pieces(self) -> AsyncIterator[bytes]:
        """The body, and meanwhile what is left of the upload."""
        try:
            async for piece in pieces(self._crossing, self._send_upload):
                yield piece
        except GONE as error:
            raise OriginError("the process with the regional caches has gone") from error
        self._done()

    def _send_upload(self) -> None:
        body = self._asked.handed.request.body
        if not isinstance(body, bytes):
            self._upload = asyncio.ensure_future(_sent(self._crossing, body))
            self._ways.keep(self._upload)

    def _done(self) -> None:
        """All has arrived. What is left of an upload would be in the way of the next request."""
        if self._upload is not None:
            self._given_up()
        elif not self._ended:
            self._ended = True
            self._ways.free(self._crossing)

    def _given_up(self) -> None:
        if not self._ended:
            self._ended = True
            if self._upload is not None:
                self._upload.cancel()
            self._crossing.abort()


async def _sent(crossing: Crossing, body: Upload) -> None:
    with suppress(OSError):  # nobody wants the rest
        await crossing.put_body(body)


def _as_it_crosses(handed: HandOver) -> HandOver:
    request, body = handed.request, handed.request.body
    if not isinstance(body, bytes):
        request = replace(request, body=cast("Upload", Coming(body.length)))
    return replace(handed, request=request, warnings=[])


if TYPE_CHECKING:
    _conforms: type[Beyond] = _BeyondOne

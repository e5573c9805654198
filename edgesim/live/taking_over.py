"""The process that has the caches behind the first: what workers hand over goes on here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..config.world import world
from ..edge import Edge, Served, Visit
from ..effects import HandOver, Waiting, start
from ..errors import EdgesimError
from ..http.message import Stream
from ..lifecycle import onward
from ..runtimes.base import LogLine
from .crossing import (
    GONE,
    Asked,
    Coming,
    Crossing,
    Kind,
    Reply,
    Switched,
    listen,
    loaded,
    nothing,
    told_of,
    upload,
    without_bodies,
)
from .interim import heard_by
from .ports import Came, Step
from .running import Running
from .server import LiveServer
from .tunnel import Tunnel


class TakingOver:
    """Goes on with requests. `said` hands over what functions have said since it was asked last."""

    def __init__(self, said: Callable[[], Sequence[LogLine]]) -> None:
        self._said = said
        self._servers: Sequence[LiveServer] = ()
        self._generations: dict[tuple[int, int], Running] = {}
        self._listener: asyncio.AbstractServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, path: Path, servers: Sequence[LiveServer]) -> None:
        """Listen at `path`, for `servers` as the workers count them."""
        self._servers = servers
        for index in range(len(servers)):
            self.deployed(index, 0)
        self._listener = await listen(path, self._connected)

    def deployed(self, server: int, generation: int) -> None:
        """What begins from now on may be of that `generation`.

        What began under the one before goes on under it, as in one process, for as long as some
        worker has not deployed the new one: nothing of it gets into the new stores.
        """
        self._generations[server, generation] = self._servers[server].running
        self._generations.pop((server, generation - 2), None)

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, crossing: Crossing) -> None:
        task = asyncio.get_running_loop().create_task(self._converse(crossing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, crossing: Crossing) -> None:
        """One request after another, until the worker closes the connection."""
        try:
            with suppress(*GONE):
                while True:
                    _, data = await crossing.next()
                    await self._answer(crossing, loaded(data))
        finally:
            crossing.abort()

    async def _answer(self, crossing: Crossing, asked: Asked) -> None:
        steps: list[Step] = []
        server, handed = self._servers[asked.server], asked.handed
        coming = handed.request.body
        if isinstance(coming, Coming):
            body = upload(crossing, coming.length)
            handed = replace(handed, request=replace(handed.request, body=body))
        served, failure = None, None
        try:
            with heard_by(lambda response: crossing.put_value(Kind.INTERIM, response)):
                running = self._generations.get((asked.server, asked.generation), server.running)
                served = await _served(running, handed, steps)
        except EdgesimError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - our own mistake must reach the log and a viewer
            server.observer.crashed(handed.request, error)
            failure = EdgesimError(f"{type(error).__name__}: {error}")
        body_there = served.response.body if served is not None else b""
        told = None if served is None else without_bodies(served, _in_place_of(body_there))
        came = Came(told, failure, told_of(steps))
        crossing.put_value(Kind.CAME, Reply(came, self._said(), handed.warnings))
        await crossing.writer.drain()
        if not isinstance(body_there, bytes):
            await _pass_on(crossing, body_there)


async def _served(running: Running, handed: HandOver, steps: list[Step]) -> Served:
    """What the request comes to from here on. Raises `EdgesimError`."""
    edge = _edge(running, handed)
    visit = Visit(
        edge,
        handed.behavior,
        handed.viewer,
        handed.request_id,
        edge.clock(),
        alone=handed.alone,
        warnings=handed.warnings,
    )
    running.enter()
    try:
        outcome = start(onward(visit, handed.depth, handed.request))
        if isinstance(outcome, Waiting):
            return await running.driver.finish(outcome, steps)
        return outcome
    finally:
        running.leave()


def _edge(running: Running, handed: HandOver) -> Edge:
    """Where the request came in. Raises `EdgesimError`."""
    if not handed.city:
        return running.nowhere
    return running.places.edge(running.nowhere, world().viewer(handed.city, "--viewer"))


def _in_place_of(body: bytes | Stream) -> bytes | Coming | Switched:
    if isinstance(body, bytes):
        return body
    return Switched() if isinstance(body, Tunnel) else Coming(body.length)


async def _pass_on(crossing: Crossing, body: Stream) -> None:
    """A body as it arrives, for as long as the worker wants it."""
    task = asyncio.current_task()
    crossing.on_left = nothing if task is None else task.cancel
    try:
        if isinstance(body, Tunnel):
            await _relay(crossing, body)
        else:
            await crossing.put_body(body)
    finally:
        crossing.on_left = nothing


async def _relay(crossing: Crossing, tunnel: Tunnel) -> None:
    """Both directions of an upgraded connection, until either side ends it."""
    crossing.on_left = tunnel.close
    upstream = asyncio.ensure_future(_into(crossing, tunnel))
    try:
        async for piece in tunnel:
            crossing.write(piece)
            await crossing.drain()
    finally:
        upstream.cancel()
        tunnel.close()
        await asyncio.gather(upstream, return_exceptions=True)
        crossing.close()


async def _into(crossing: Crossing, tunnel: Tunnel) -> None:
    while data := await crossing.received():
        await tunnel.send(data)
    tunnel.close()

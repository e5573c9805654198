"""Several processes on one port, as the first of them sees it.

The first has everything behind the POP and listens to no viewer; each worker is one cache server
of the POP and listens on the same port. A worker that ends unasked ends everything: what it had
stored is gone, and who tests against this edge should hear of that rather than wonder.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from ..config.deployment import Deployment
from ..errors import EdgesimError
from ..runtimes.base import LogLine
from ..runtimes.metrics import Metrics, together
from .crossing import Crossing, listen
from .orders import (
    Deploy,
    Invalidate,
    Listen,
    Order,
    OrderLine,
    Rewritings,
    Switch,
    Tell,
    Told,
    told,
)
from .server import LiveServer
from .shared_port import held
from .taking_over import TakingOver
from .worker import ORDERS, REGIONAL

STOP_S = 5.0
"""How long a worker may take to end, before it is made to."""

Command = Callable[[Path], Sequence[str]]
"""What starts a worker, given the folder where it finds the first process."""


class Crew:
    """The workers. `stop` them before the servers that they hand requests over to.

    `said` hands over what functions have said since it was asked last; `on_end` is called when
    a worker has ended unasked.
    """

    def __init__(self, said: Callable[[], Sequence[LogLine]], on_end: Callable[[], object]) -> None:
        self._servers: Sequence[LiveServer] = ()
        self._generations: list[int] = []
        self._taking_over = TakingOver(said)
        self._on_end = on_end
        self._folder = Path(tempfile.mkdtemp(prefix="edgesim-"))
        self._holding = ExitStack()
        self._is_listening = False
        self._orders: asyncio.AbstractServer | None = None
        self._lines: list[OrderLine] = []
        self._enlisted = asyncio.Event()
        self._processes: list[Process] = []
        self._watching: list[asyncio.Task[None]] = []
        self.failure = ""
        """Why it has ended, though nobody wanted that."""

    async def start(
        self, servers: Sequence[LiveServer], workers: int, command: Command, listen_at: Listen
    ) -> Listen:
        """Have so many of them listen for `servers`, and say where, ports that were 0 included.

        All processes have the servers in the same order. Raises `EdgesimError`.
        """
        self._servers, self._generations = servers, [0] * len(servers)
        where = self._held(listen_at)
        await self._taking_over.start(self._folder / REGIONAL, servers)
        self._orders = await listen(self._folder / ORDERS, lambda one: self._enlist(one, workers))
        for number in range(1, workers + 1):
            process = await asyncio.create_subprocess_exec(
                *command(self._folder), stdin=DEVNULL, start_new_session=True
            )
            self._processes.append(process)
            self._watching.append(asyncio.ensure_future(self._watch(number, process)))
        await self._enlisted.wait()
        if self.failure:
            raise EdgesimError(self.failure)
        await self._all(where)
        self._is_listening = True
        return where

    def _held(self, where: Listen) -> Listen:
        """The same with ports that nobody else gets."""
        port = held(where.host, where.port, "--port", self._holding)
        tls_port = where.tls_port
        if tls_port is not None:
            tls_port = held(where.host, tls_port, "--tls-port", self._holding)
            for server in self._servers:
                server.has_tls_at(tls_port)
        return Listen(where.host, port, tls_port)

    def _enlist(self, crossing: Crossing, workers: int) -> None:
        self._lines.append(OrderLine(crossing))
        if len(self._lines) == workers:
            self._enlisted.set()

    async def _watch(self, number: int, process: Process) -> None:
        status = await process.wait()
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        self.failure = self.failure or f"worker {number} {how}, and with it all that it had stored"
        self._enlisted.set()
        self._on_end()

    async def _all(self, order: Order) -> list[object]:
        """What all of them answer. Raises `EdgesimError`."""
        answers = await asyncio.gather(
            *(line.give(order) for line in self._lines), return_exceptions=True
        )
        for answer in answers:
            if isinstance(answer, OSError):
                raise EdgesimError(f"a worker does not answer: {answer}")
            if isinstance(answer, BaseException):
                raise answer
        return list(answers)

    def everywhere(self, server: LiveServer) -> Everywhere:
        """`server` in all processes, for who deploys."""
        return Everywhere(server, self)

    async def deploy(self, server: LiveServer, deployment: Deployment) -> frozenset[str]:
        """Here first: what cannot be deployed is then deployed nowhere. Raises `EdgesimError`."""
        index = self._servers.index(server)
        before, changed = server.running, await server.deploy(deployment)
        if server.running is not before:
            self._generations[index] += 1
            self._taking_over.deployed(index, self._generations[index])
        await self._all(Deploy(index, self._generations[index], changed))
        return changed

    async def invalidate(self, server: LiveServer, path_pattern: str) -> int:
        """Forget what matches in all processes; how many keys that were.

        First here: what is forgotten in a worker may be asked for again at once.
        """
        index, known = self._servers.index(server), set(server.rewritten(path_pattern))
        for pairs in await self._all(Rewritings(index, path_pattern)):
            assert isinstance(pairs, frozenset)  # noqa: S101 - it is ours
            known |= pairs
        forgotten = await server.invalidate(path_pattern, known)
        for count in await self._all(Invalidate(index, path_pattern, frozenset(known))):
            assert isinstance(count, int)  # noqa: S101
            forgotten += count
        return forgotten

    async def switch_outage(self, names: Sequence[str], *, on: bool) -> None:
        """In the workers too. Raises `EdgesimError`."""
        await self._all(Switch(tuple(names), on))

    async def told(self) -> list[Told]:
        """What each process has done, this one first."""
        others = await self._all(Tell())
        return [told(self._servers), *(one for one in others if isinstance(one, Told))]

    async def stop(self) -> list[Metrics]:
        """End all of them, and leave nothing behind; what functions did for each distribution.

        Of a crew that never was whole, or is not any more, nobody knows that.
        """
        for watching in self._watching:
            watching.cancel()
        every: list[Told] = []
        if self._is_listening:
            with suppress(EdgesimError, TimeoutError):
                async with asyncio.timeout(STOP_S):
                    every = await self.told()
        for line in self._lines:
            line.close()
        await asyncio.gather(*map(_ended, self._processes))
        await self._taking_over.stop()
        if self._orders is not None:
            self._orders.close()
        self._holding.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        return [together(one) for one in zip(*(each.metrics for each in every), strict=True)]


class Everywhere:
    """A server with its workers, for who keeps it current."""

    def __init__(self, server: LiveServer, crew: Crew) -> None:
        self._server, self._crew = server, crew

    @property
    def deployment(self) -> Deployment:
        return self._server.deployment

    async def deploy(self, deployment: Deployment) -> frozenset[str]:
        return await self._crew.deploy(self._server, deployment)


async def _ended(process: Process) -> None:
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

"""Puts the load on: so many connections that ask again and again, or so many requests a second."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from ssl import SSLContext
from time import perf_counter

from .alarm import Alarm
from .connection import Connection, Lost
from .pace import Stage, moments
from .recorder import Recorder
from .responses import Answer
from .workload import Asked, Workload

SWEEP_S = 0.25
"""How often it looks for requests that take too long, and tells how it goes."""

PAUSE_S = 0.05
"""Before it tries again where it could not connect."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much load, for how long."""

    connections: int
    seconds: float
    warm_up_s: float = 0.0
    requests: int | None = None
    """End after so many, if that is sooner."""
    stages: Sequence[Stage] = ()
    """For an open loop, warm-up included; none for a closed one."""
    poisson: bool = True
    timeout_s: float = 10.0
    seed: int = 1


class Load:
    """One run. `tell` is called a few times a second."""

    def __init__(
        self,
        workload: Workload,
        plan: Plan,
        recorder: Recorder,
        *,
        tls: SSLContext | None = None,
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        self.workload, self.plan, self.recorder = workload, plan, recorder
        self.sent = 0
        self._tls, self._tell = tls, tell
        random = Random(plan.seed)  # noqa: S311 - a load test repeats itself on purpose
        order = workload.order(random)
        self._next: Iterator[Asked] = cycle([workload.requests[index] for index in order])
        self._due = moments(plan.stages, random if plan.poisson else None)
        self._connections: set[Connection] = set()
        self._idle: list[Connection] = []
        self._late: deque[float] = deque()
        """When requests should have gone out that wait for a connection."""
        self._opening: set[asyncio.Task[None]] = set()
        self._ended = False
        self.began = self.ended = 0.0
        """Readings of the clock, without the warm-up."""

    async def run(self) -> None:
        """Put the load on, to the last answer. Raises `Lost` if nothing listens there."""
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        first = self._made()
        await first.open(self.workload.target, self._tls, self.plan.timeout_s)
        self._connections.add(first)
        start = perf_counter()
        self.began = self.recorder.began = start + self.plan.warm_up_s
        until = self.began + self.plan.seconds
        self._loop.call_later(until - start, self._end)
        self._ready(first)
        for _ in range(self.plan.connections - 1):
            self._open()
        if self.plan.stages:
            self._start, self._alarm = start, Alarm(self._pump)
            self._coming = next(self._due, None)
            self._pump()
        while not self._over.is_set():
            self._sweep()
            try:
                async with asyncio.timeout(SWEEP_S):
                    await self._over.wait()
            except TimeoutError:
                continue
        await self._close()

    def _made(self) -> Connection:
        return Connection(self._answered, self._failed)

    def _open(self) -> None:
        task = asyncio.ensure_future(self._connect())
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self) -> None:
        while not self._ended:
            connection = self._made()
            try:
                await connection.open(self.workload.target, self._tls, self.plan.timeout_s)
            except Lost as lost:
                self.recorder.fail(str(lost), perf_counter())
                await asyncio.sleep(PAUSE_S)
                continue
            self._connections.add(connection)
            self._ready(connection)
            return

    def _ready(self, connection: Connection) -> None:
        """A connection with nothing in the air."""
        if self._late:
            self._send(connection, self._late.popleft())
        elif self._ended:
            self._settle()
        elif self.plan.stages:
            self._idle.append(connection)
        else:
            self._send(connection, perf_counter())

    def _send(self, connection: Connection, intended: float) -> None:
        self.sent += 1
        if self.sent == self.plan.requests:
            self._loop.call_soon(self._end)
        connection.send(next(self._next), intended)

    def _pump(self) -> None:
        """Send what is due; come back for the next."""
        now = perf_counter() - self._start
        while self._coming is not None and self._coming <= now and not self._ended:
            if self._idle:
                self._send(self._idle.pop(), self._start + self._coming)
            else:
                self._late.append(self._start + self._coming)
            self._coming = next(self._due, None)
        if self._coming is None or self._ended:
            self._alarm.stop()
        else:
            self._alarm.set(self._start + self._coming)

    def _answered(self, connection: Connection, answer: Answer) -> None:
        intended, asked = connection.intended, connection.asked
        if asked is not None:
            self.recorder.note((asked, answer, intended, perf_counter() - intended))
        connection.asked = None
        if answer.closes:
            self._connections.discard(connection)
            connection.close()
            if self._ended and not self._late:
                self._settle()
            else:
                self._open()
        else:
            self._ready(connection)

    def _failed(self, connection: Connection, kind: str) -> None:
        self._connections.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if connection.asked is not None:
            self.recorder.fail(kind, connection.intended)
            connection.asked = None
        if self._ended:
            self._settle()
        else:
            self._open()

    def _sweep(self) -> None:
        """Give up what takes too long; say how it goes."""
        before = perf_counter() - self.plan.timeout_s
        for connection in [one for one in self._connections if one.asked and one.began < before]:
            connection.fail("timeout")
        if self._ended:  # what never got a connection is not waited for for ever
            while self._late and self._late[0] < before:
                self.recorder.fail("timeout", self._late.popleft())
            self._settle()
        self.recorder.sort()
        self._tell()

    def _end(self) -> None:
        """No more requests; what is in the air is waited for."""
        if not self._ended:
            self._ended, self.ended = True, perf_counter()
            self._settle()

    def _settle(self) -> None:
        if not self._late and not any(one.asked for one in self._connections):
            self._over.set()

    async def _close(self) -> None:
        for task in tuple(self._opening):
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for connection in tuple(self._connections):
            connection.close()
        self.recorder.sort()

"""Puts the load on: so many connections that ask again and again, or so many requests a second."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from math import inf
from random import Random
from ssl import SSLContext
from time import perf_counter

from .alarm import Alarm, Clock, Waker
from .connection import Connection, Lost
from .pace import Stage, moments
from .recorder import Recorder
from .responses import Answer
from .workload import Asked, Workload

SWEEP_S = 0.25
"""How often it looks for requests that take too long, and tells how it goes."""

SORTED_AT_ONCE = 32
"""Answers, a tenth of a millisecond: what comes meanwhile waits for it, and looks late."""

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
    """One run. `tell` is called a few times a second.

    All times are readings of `clock`; `waker` makes the alarm that an open loop goes by.
    """

    def __init__(
        self,
        workload: Workload,
        plan: Plan,
        recorder: Recorder,
        *,
        tls: SSLContext | None = None,
        tell: Callable[[], None] = lambda: None,
        clock: Clock = perf_counter,
        waker: Callable[[Callable[[], None]], Waker] = Alarm,
    ) -> None:
        self.workload, self.plan, self.recorder = workload, plan, recorder
        self.sent = 0
        self._tls, self._tell, self._clock, self._waker = tls, tell, clock, waker
        order = workload.order(Random(plan.seed))  # noqa: S311 - it repeats itself on purpose
        self._next: Iterator[Asked] = cycle([workload.requests[index] for index in order])
        arrivals = Random(f"arrivals {plan.seed}") if plan.poisson else None  # noqa: S311
        self._due = moments(plan.stages, arrivals)
        self._coming: float | None = None
        """When the next request of an open loop should go out."""
        self._connections: set[Connection] = set()
        self._idle: list[Connection] = []
        self._late: deque[float] = deque()
        """When requests should have gone out that wait for a connection."""
        self._opening: set[asyncio.Task[None]] = set()
        self._in_air = 0
        self._started = self._ended = False
        self.began = self.ended = 0.0
        """Readings of the clock, without the warm-up."""

    async def run(self) -> None:
        """Put the load on, to the last answer. Raises `Lost` if nothing listens there."""
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self.recorder.began = inf  # not yet
        missing = await self._open_all()
        self._started, self._start = True, self._clock()
        self._coming = self._following()
        self.began = self.recorder.began = self._start + self.plan.warm_up_s
        self._time_is_up()
        for connection in tuple(self._connections):
            self._ready(connection)
        for _ in range(missing):
            self._open()
        if self.plan.stages:
            self._alarm = self._waker(self._pump)
            self._pump()
        while not self._over.is_set():
            self._sweep()
            try:
                async with asyncio.timeout(SWEEP_S):
                    await self._over.wait()
            except TimeoutError:
                continue
        await self._close()

    async def _open_all(self) -> int:
        """Connect before the clock starts, so that no request waits for that; how many failed.

        Raises `Lost` if the first does.
        """
        await self._connected()
        others = (self._connected() for _ in range(self.plan.connections - 1))
        opened = await asyncio.gather(*others, return_exceptions=True)
        return sum(isinstance(one, Lost) for one in opened)

    async def _connected(self) -> Connection:
        connection = Connection(self._answered, self._failed, self._clock)
        await connection.open(self.workload.target, self._tls, self.plan.timeout_s)
        self._connections.add(connection)
        return connection

    def _open(self) -> None:
        task = asyncio.ensure_future(self._connect())
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self) -> None:
        while not self._ended:
            try:
                connection = await self._connected()
            except Lost as lost:
                self.recorder.fail(str(lost), self._clock())
                await asyncio.sleep(PAUSE_S)
                continue
            if self._started:
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
            self._send(connection, self._clock())

    def _send(self, connection: Connection, intended: float) -> None:
        connection.send(next(self._next), intended)
        self.sent += 1
        self._in_air += 1
        if self.sent == self.plan.requests:
            self.end()

    def _pump(self) -> None:
        """Send what is due; come back for the next."""
        self._send_due()
        if self._coming is None or self._ended:
            self._alarm.stop()
        else:
            self._alarm.set(self._coming)

    def _send_due(self) -> None:
        now = self._clock()
        while (intended := self._coming) is not None and intended <= now and not self._ended:
            if self._idle:
                self.recorder.late(intended, now - intended)
                self._send(self._idle.pop(), intended)
            else:
                self.recorder.queue(intended)
                self._late.append(intended)
            self._coming = self._following()

    def _following(self) -> float | None:
        after_start = next(self._due, None)
        return None if after_start is None else self._start + after_start

    def _answered(self, connection: Connection, answer: Answer) -> None:
        intended, asked = connection.intended, connection.asked
        if asked is not None:
            self.recorder.note((asked, answer, intended, self._clock() - intended))
            self._landed(connection)
        if answer.closes:
            self._connections.discard(connection)
            connection.close()
            if self._ended and not self._late:
                self._settle()
            else:
                self._open()
        else:
            self._ready(connection)

    def _landed(self, connection: Connection) -> None:
        connection.asked = None
        self._in_air -= 1

    def _failed(self, connection: Connection, kind: str) -> None:
        self._connections.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if connection.asked is not None:
            self.recorder.fail(kind, connection.intended)
            self._landed(connection)
        if self._ended:
            self._settle()
        else:
            self._open()

    def _sweep(self) -> None:
        """Give up what takes too long; say how it goes."""
        before = self._clock() - self.plan.timeout_s
        for connection in [one for one in self._connections if one.asked and one.began < before]:
            connection.fail("timeout")
        if self._ended:  # what never got a connection is not waited for for ever
            while self._late and self._late[0] < before:
                self.recorder.fail("timeout", self._late.popleft())
            self._settle()
        self._sort()
        self._tell()

    def _sort(self) -> None:
        """A few answers at a time, with an ear for the network in between."""
        if self.recorder.sort(SORTED_AT_ONCE) and not self._over.is_set():
            self._loop.call_soon(self._sort)

    def _time_is_up(self) -> None:
        """Whether it is; an event loop's timers may also be early."""
        left = self.began + self.plan.seconds - self._clock()
        if left > 0:
            self._loop.call_later(left, self._time_is_up)
            return
        self._send_due()
        self.end()

    def end(self) -> None:
        """No more requests; what is in the air is waited for."""
        if not self._ended:
            self._ended, self.ended = True, self._clock()
            self._settle()

    def _settle(self) -> None:
        if not self._late and not self._in_air:
            self._over.set()

    async def _close(self) -> None:
        for task in tuple(self._opening):
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for connection in tuple(self._connections):
            connection.close()
        self.recorder.sort()

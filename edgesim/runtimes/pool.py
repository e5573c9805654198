"""The execution environments of one function: warm ones first, more on demand, then a queue.

As in Lambda an environment takes one event at a time. The one used last is used next, so that
those beyond the need stay cold. Waiting in line and starting do not count against a time limit.

Those beyond the need end once they have been idle for long, as in Lambda, where that means some
minutes and nobody says how many.

All of a pool run the same code: once a file is edited nobody new is started beside those that
have the old one, for the edit may be half written, and the deployment that has it comes soon.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

from ..cloudfront.function import Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError
from . import failures
from .base import Sink
from .code import Fingerprint, fingerprint
from .cold_start import waited_for
from .environment import Environment
from .host import Host
from .memory import LOOK_EVERY_S


class Pool:
    """Runs the function of `host` in as many processes as needed and allowed."""

    def __init__(self, host: Host, log: Sink, clock: Callable[[], float] = monotonic) -> None:
        self._host, self._log, self._clock = host, log, clock
        self._looking: asyncio.TimerHandle | None = None
        self._recycling: asyncio.TimerHandle | None = None
        self._environments: set[Environment] = set()
        self._unproven: set[Environment] = set()
        self._code: Fingerprint = frozenset()
        self._idle: list[Environment] = []
        self._line: deque[asyncio.Future[Environment | None]] = deque()
        self._stopped = False

    @property
    def size(self) -> int:
        """How many processes there are."""
        return len(self._environments)

    async def start(self) -> None:
        """Have one environment warm. Raises `FunctionError` if the code cannot be loaded."""
        if not self._environments:
            self._code = fingerprint(self._host.function)
        environment = Environment(self._host, self._log, self._release, self._forget)
        self._environments.add(environment)
        self._unproven.add(environment)
        self._watch()
        await environment.start()

    async def invoke(self, trigger: Trigger, event: Json) -> object:
        """What the function returns for `event`. Raises `FunctionError`, `FunctionTimeout`."""
        idle = self._idle
        environment = idle.pop() if idle else await self._another(trigger)
        if self._looking is None:
            self._watch()
        return await environment.invoke(trigger, event)

    def recycle(self) -> None:
        """End the environments that were idle for too long; the next look comes by itself."""
        idle, limit_s = self._idle, self._host.function.idle_timeout_s
        while idle and self._clock() - idle[0].idle_since >= limit_s:
            idle.pop(0).stop()
        self._recycling = None
        if idle:
            rest_s = idle[0].idle_since + limit_s - self._clock()
            self._recycling = asyncio.get_running_loop().call_later(rest_s, self.recycle)

    async def stop(self) -> None:
        """Kill every process and wait until they are gone; safe to call twice."""
        self._stopped = True
        for timer in (self._looking, self._recycling):
            if timer is not None:
                timer.cancel()
        while self._line:
            self._call_next(None)
        for environment in list(self._environments):
            environment.stop()
        while self._environments:
            await asyncio.wait([environment.over for environment in self._environments])

    async def _another(self, trigger: Trigger) -> Environment:
        """An idle environment, once there is one: started for this, or given back by another."""
        where = f"function {self._host.function.name} at {trigger}"
        while True:
            if self._stopped:
                raise failures.stopped(where)
            if self._idle:
                return self._idle.pop()
            if len(self._environments) < self._host.environments and not self._edited():
                began = monotonic()
                try:
                    await self.start()
                    waited_for(monotonic() - began)
                except FunctionError as error:
                    if self._edited() and not self._stopped:
                        continue
                    error.where = where
                    raise
            elif (given := await self._wait_in_line()) is not None:
                return given

    def _watch(self) -> None:
        """Look at the memory of those at work, soon and for as long as there are any."""
        if self._looking is None:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        self._looking = None
        busy = [environment.look() for environment in list(self._environments)]
        if any(busy):
            self._watch()

    def _edited(self) -> bool:
        """Whether one started now would differ from those there are."""
        return bool(self._environments) and fingerprint(self._host.function) != self._code

    async def _wait_in_line(self) -> Environment | None:
        """The environment next given back, or None to look again."""
        place: asyncio.Future[Environment | None] = asyncio.get_running_loop().create_future()
        self._line.append(place)
        try:
            return await place
        except asyncio.CancelledError:
            if place.cancelled():
                self._line.remove(place)
            elif (given := place.result()) is not None:
                self._release(given)  # it was ours already: the next in line may have it
            else:
                self._call_next(None)
            raise

    def _release(self, environment: Environment) -> None:
        if environment in self._unproven:
            self._unproven.discard(environment)
            if len(self._environments) > 1 and self._edited():
                environment.stop()
                return
        if not self._call_next(environment):
            environment.idle_since = self._clock()
            self._idle.append(environment)
            if self._recycling is None and not self._stopped:
                limit_s = self._host.function.idle_timeout_s
                self._recycling = asyncio.get_running_loop().call_later(limit_s, self.recycle)

    def _forget(self, environment: Environment) -> None:
        self._environments.discard(environment)
        self._unproven.discard(environment)
        if environment in self._idle:
            self._idle.remove(environment)
        self._call_next(None)  # there is room for a new one now

    def _call_next(self, environment: Environment | None) -> bool:
        while self._line:
            place = self._line.popleft()
            if not place.done():
                place.set_result(environment)
                return True
        return False

"""The execution environments of one function: warm ones first, more on demand, then a queue.

As in Lambda an environment takes one event at a time. The one used last is used next, so that
those beyond the need stay cold. Waiting in line and starting do not count against a time limit.

All of a pool run the same code: once a file is edited nobody new is started beside those that
have the old one, for the edit may be half written, and the deployment that has it comes soon.
"""

from __future__ import annotations

import asyncio
from collections import deque

from ..cloudfront.distribution import Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError
from . import failures
from .base import LogSink
from .code import Fingerprint, fingerprint
from .environment import Environment, Host

DEFAULT_LIMIT = 10
"""Environments of one function; Lambda has a thousand for an account, a laptop has not."""


class Pool:
    """Runs the function of `host` in at most `limit` processes."""

    def __init__(self, host: Host, log: LogSink, limit: int = DEFAULT_LIMIT) -> None:
        self._host, self._log, self._limit = host, log, limit
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
        await environment.start()

    async def invoke(self, trigger: Trigger, event: Json) -> object:
        """What the function returns for `event`. Raises `FunctionError`, `FunctionTimeout`."""
        idle = self._idle
        environment = idle.pop() if idle else await self._another(trigger)
        return await environment.invoke(trigger, event)

    async def stop(self) -> None:
        """Kill every process and wait until they are gone; safe to call twice."""
        self._stopped = True
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
            if len(self._environments) < self._limit and not self._edited():
                try:
                    await self.start()
                except FunctionError as error:
                    if self._edited() and not self._stopped:
                        continue
                    error.where = where
                    raise
            elif (given := await self._wait_in_line()) is not None:
                return given

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
            self._idle.append(environment)

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

"""Drives lifecycles in virtual time: a heap of moments, no sleeping, one seed."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from math import inf
from typing import Any, TypeVar, assert_never

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..cloudfront.origin import Origin
from ..effects import Effect, Fetch, HandOver, Invoke, Join, Peek, Spawn, Steps, Travel
from ..errors import EdgesimError
from ..http.message import Request
from ..values import value

T = TypeVar("T")


@value(frozen=True, slots=True)
class Timed:
    """A reply, or the error in its place, and the seconds it takes to come."""

    value: Any
    seconds: float = 0.0


FakeOrigin = Callable[[Origin, Request], Timed]
FakeRuntime = Callable[[Function, Trigger, Json], Timed]
Watcher = Callable[[Steps[Any], Effect, Timed], None]
"""Told of each effect that is waited for: whose it was, what, with which reply after how long."""


class Simulation:
    """Any number of lifecycles on one virtual clock.

    `start` is its first reading, in seconds since 1970.
    """

    def __init__(
        self,
        origin: FakeOrigin,
        runtime: FakeRuntime,
        *,
        start: float = 0.0,
        watcher: Watcher | None = None,
    ) -> None:
        self.now = start
        self.origin = origin
        self.runtime = runtime
        self.watcher = watcher
        self._moments: list[tuple[float, int, Steps[Any], Any]] = []
        self._order = count()

    def clock(self) -> float:
        return self.now

    @property
    def next_moment(self) -> float:
        """When something happens next; infinity if nothing does any more."""
        return self._moments[0][0] if self._moments else inf

    def at(self, moment: float, steps: Steps[Any], reply: Any = None) -> None:
        """Resume `steps` at `moment`, or begin them, if that is what comes next."""
        heapq.heappush(self._moments, (moment, next(self._order), steps, reply))

    def begin(self, moment: float, steps: Steps[Any]) -> None:
        """Begin `steps` at `moment`, before which nothing else is left to happen."""
        self.now = max(self.now, moment)
        self._go_on(steps, None)

    def run(self, until: float | None = None) -> None:
        """Let everything happen that happens before `until`, or at all, and go there."""
        while self._moments and (until is None or self._moments[0][0] <= until):
            self.step()
        if until is not None:
            self.now = max(self.now, until)

    def finish(self, steps: Steps[T]) -> T:
        """Run until `steps` is done, and no longer; its result."""
        results: list[T] = []

        def noting() -> Steps[None]:
            results.append((yield from steps))

        self.at(self.now, noting())
        while not results:
            self.step()
        return results[0]

    def step(self) -> None:
        """Go to the next moment and let happen what happens then."""
        moment, _, steps, reply = heapq.heappop(self._moments)
        self.now = max(self.now, moment)  # a moment that is over comes now
        self._go_on(steps, reply)

    def _go_on(self, steps: Steps[Any], reply: Any) -> None:
        try:
            self._resume(steps, reply)
        except BaseException:
            steps.close()  # its flights land, so that nobody waits for them
            raise

    def _resume(self, steps: Steps[Any], reply: Any) -> None:
        while True:
            try:
                failed = isinstance(reply, EdgesimError)
                effect = steps.throw(reply) if failed else steps.send(reply)
            except StopIteration:
                return
            match effect:
                case Travel(seconds=seconds):
                    self._later(steps, effect, Timed(None, seconds))
                    return
                case Fetch(origin, request):
                    self._later(steps, effect, self.origin(origin, request))
                    return
                case Invoke(function, trigger, event):
                    self._later(steps, effect, self.runtime(function, trigger, event))
                    return
                case Join(flight):
                    flight.on_landing.append(self._landing(steps, effect))
                    return
                case Spawn(work):
                    self.at(self.now, work)
                    reply = None
                case Peek(_, limit_bytes):
                    reply = bytes(limit_bytes)  # virtual uploads are sizes without content
                case HandOver():
                    raise TypeError("an edge in virtual time is never divided")
                case _:
                    assert_never(effect)

    def _later(self, steps: Steps[Any], effect: Effect, reply: Timed) -> None:
        if self.watcher is not None:
            self.watcher(steps, effect, reply)
        self.at(self.now + reply.seconds, steps, reply.value)

    def _landing(self, steps: Steps[Any], effect: Effect) -> Callable[[], None]:
        began = self.now

        def landed() -> None:
            if self.watcher is not None:
                self.watcher(steps, effect, Timed(None, self.now - began))
            self.at(self.now, steps)

        return landed

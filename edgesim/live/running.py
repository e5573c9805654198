"""A deployment that is serving: its edge, its functions, its memo, and who is still inside."""

from __future__ import annotations

import asyncio
from collections.abc import MutableSequence
from secrets import token_urlsafe
from time import perf_counter

from ..edge import Edge, Served
from ..effects import Invoke, Waiting, start
from ..errors import EdgesimError
from ..http.message import Request, Viewer
from ..lifecycle import serve
from ..runtimes.base import SynchronousRuntime
from .driver import Driver
from .memo import HeadMemo
from .ports import Step


class Running:
    """One deployment from the first request it serves until the last has left."""

    def __init__(self, edge: Edge, driver: Driver) -> None:
        self.edge = edge
        self.driver = driver
        self.memo = HeadMemo()
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    def begin(
        self, request: Request, viewer: Viewer, request_id: str, timeline: MutableSequence[Step]
    ) -> Served | Waiting[Served]:
        """Serve `request` as far as that goes without waiting; functions that ran at once go
        into `timeline`.
        """
        outcome = start(serve(self.edge, request, viewer, request_id))
        while isinstance(outcome, Waiting) and isinstance(outcome.effect, Invoke):
            runtime = self.driver.runtimes.at_once(outcome.effect.function)
            if runtime is None:
                break
            outcome = ran(runtime, outcome, outcome.effect, timeline)
        return outcome

    def enter(self) -> None:
        """A request that has to wait is inside from here on."""
        self._inside += 1
        self._empty.clear()

    def leave(self) -> None:
        self._inside -= 1
        if not self._inside:
            self._empty.set()

    async def drained(self) -> None:
        """Wait until nobody is inside."""
        await self._empty.wait()


def ran(
    runtime: SynchronousRuntime,
    waiting: Waiting[Served],
    effect: Invoke,
    timeline: MutableSequence[Step],
) -> Served | Waiting[Served]:
    """How it goes on after a function that never waits."""
    steps, began = waiting.steps, perf_counter()
    try:
        try:
            reply = runtime.run(effect.trigger, effect.event)
        except EdgesimError as error:
            timeline.append(Step(effect, perf_counter() - began, error))
            return Waiting(steps, steps.throw(error))
        timeline.append(Step(effect, perf_counter() - began))
        return Waiting(steps, steps.send(reply))
    except StopIteration as done:
        served: Served = done.value
        return served


class RequestIds:
    """Values for x-amz-cf-id: 54 characters that look random, and `==`, never one twice."""

    def __init__(self) -> None:
        self._prefix = token_urlsafe(30)
        self._count = 0

    def next(self) -> str:
        self._count += 1
        return f"{self._prefix}{self._count * 0x9E3779B97F4A7 & 0xFFFFFFFFFFFFFF:014x}=="

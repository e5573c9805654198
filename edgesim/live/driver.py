"""Drives lifecycles with asyncio, from the first effect on."""

from __future__ import annotations

import asyncio
from collections.abc import MutableSequence
from time import perf_counter
from typing import Any, TypeVar, assert_never

from ..effects import (
    Effect,
    Fetch,
    HandOver,
    Invoke,
    Join,
    Peek,
    Spawn,
    Steps,
    Travel,
    Waiting,
    start,
)
from ..errors import EdgesimError
from ..runtimes.cold_start import cold_start_s
from .interim import heard_by
from .ports import Asked, Beyond, Origins, Runtimes, Step

T = TypeVar("T")


class Driver:
    """Replies to effects in real time.

    `latency_scale` stretches the links: 0 makes them instant, 1 as long as in the world.
    """

    def __init__(
        self,
        origins: Origins,
        runtimes: Runtimes,
        *,
        latency_scale: float = 0.0,
        beyond: Beyond | None = None,
    ) -> None:
        self.origins = origins
        self.runtimes = runtimes
        self.latency_scale = latency_scale
        self.beyond = beyond
        self._background: set[asyncio.Task[Any]] = set()

    async def finish(self, waiting: Waiting[T], timeline: MutableSequence[Step]) -> T:
        """The end of a lifecycle that has to wait; what it waited for goes into `timeline`.

        Cancelled, it closes the lifecycle, whose flights land.
        """
        steps, effect = waiting.steps, waiting.effect
        try:
            while True:
                step, reply = await self.step(effect)
                timeline.append(step)
                timeline.extend(step.beyond)
                effect = steps.send(reply) if step.failure is None else steps.throw(step.failure)
        except StopIteration as done:
            result: T = done.value
            return result
        finally:
            steps.close()

    async def step(self, effect: Effect, asked: Asked | None = None) -> tuple[Step, Any]:
        """What came of `effect`, for which an origin may have been `asked`, and the reply."""
        began = perf_counter() if asked is None else asked.began
        if isinstance(effect, HandOver) and self.beyond is not None:
            came = await self.beyond.go_on(effect)
            took = perf_counter() - began
            return Step(effect, took, came.failure, beyond=came.steps), came.served
        try:
            reply = await (self._perform(effect) if asked is None else asked.rest())
        except EdgesimError as error:
            return Step(effect, perf_counter() - began, error), None
        said = reply if isinstance(effect, Invoke | Fetch) else None
        return Step(effect, perf_counter() - began, None, cold_start_s(), said), reply

    async def _perform(self, effect: Effect) -> Any:
        match effect:
            case Fetch(origin, request, interim):
                if interim:
                    return await self.origins.fetch(origin, request)
                with heard_by(None):
                    return await self.origins.fetch(origin, request)
            case Invoke(function, trigger, event):
                return await self.runtimes.invoke(function, trigger, event)
            case Peek(body, limit_bytes):
                return await body.peek(limit_bytes)
            case Travel(seconds=seconds):
                if self.latency_scale:
                    await asyncio.sleep(seconds * self.latency_scale)
            case Join(flight):
                if not flight.landed:  # it may have, since the fast lane laid this request aside
                    landed = asyncio.Event()
                    flight.on_landing.append(landed.set)
                    await landed.wait()
            case Spawn(work):
                self.begin(work)
            case HandOver():
                raise TypeError("nobody has the caches behind the first")
            case _:
                assert_never(effect)
        return None

    def begin(self, work: Steps[Any]) -> None:
        """Start `work` in the background."""
        outcome = start(work)
        if isinstance(outcome, Waiting):
            self.carry_on(outcome)

    def carry_on(self, waiting: Waiting[Any]) -> None:
        """Finish in the background what nobody waits for any more, such as a viewer that left."""
        with heard_by(None):
            task = asyncio.ensure_future(self.finish(waiting, []))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def stop(self) -> None:
        """End all background work."""
        for task in tuple(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

"""A deployment that is serving: its edge, its functions, its memo, and who is still inside."""

from __future__ import annotations

import asyncio
from collections.abc import MutableSequence
from secrets import token_urlsafe
from time import perf_counter

from ..cloudfront.access import is_indifferent, looks_at_viewer
from ..cloudfront.endpoint import identification
from ..config.deployment import Geo
from ..edge import Edge, Served
from ..effects import Invoke, Waiting, start
from ..errors import EdgesimError
from ..http.message import Request, Viewer
from ..lifecycle import serve
from ..runtimes.base import SynchronousRuntime
from .driver import Driver
from .geography import Geography
from .memo import Answer, HeadMemo
from .places import Places
from .ports import Step


def _memos() -> dict[str, HeadMemo]:
    """One for each scheme."""
    return {scheme: HeadMemo() for scheme in ("http", "https")}


class Running:
    """One deployment from the first request it serves until the last has left."""

    def __init__(
        self,
        nowhere: Edge,
        driver: Driver,
        geography: Geography | None = None,
        places: Places | None = None,
    ) -> None:
        self.nowhere = nowhere
        """The edge on no map, of which those on the map are made."""
        self.geography = geography or Geography(Geo())
        self.places = places or Places()
        self.driver = driver
        self.edge = self.places.usual_edge(nowhere)
        """Where viewers come in whom nothing places elsewhere."""
        self.memos = _memos()
        self._is_cloudfront = nowhere.is_cloudfront
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    def begin(
        self,
        request: Request,
        viewer: Viewer,
        request_id: str,
        timeline: MutableSequence[Step],
        edge: Edge | None = None,
    ) -> Served | Waiting[Served]:
        """Serve `request` as far as that goes without waiting; functions that ran at once go
        into `timeline`.
        """
        placed = self.geography.placed(viewer)
        outcome = start(serve(edge or self.edge, request, placed, request_id))
        while isinstance(outcome, Waiting) and isinstance(outcome.effect, Invoke):
            runtime = self.driver.runtimes.at_once(outcome.effect.function)
            if runtime is None:
                break
            outcome = ran(runtime, outcome, outcome.effect, timeline)
        return outcome

    def recall(self, head: bytes, viewer: Viewer) -> Answer | None:
        """What these very bytes were answered with, if that is still the answer."""
        return self.memos[viewer.scheme].recall(head, self.edge.clock())

    def learn(self, head: bytes, viewer: Viewer, answer: Answer) -> None:
        """Remember a hit, unless the answer depends on more than the bytes of the request."""
        hit, behavior = answer.served.hit, answer.served.behavior
        if hit is None or behavior is None or head.startswith(b"HEAD "):
            return  # what a GET brings meanwhile is what the next HEAD is answered from
        if not looks_at_viewer(self.edge.distribution, behavior):
            memo, indifferent = self.memos[viewer.scheme], is_indifferent(behavior)
            memo.learn(head, hit, answer, self.edge.clock(), indifferent=indifferent)

    def move(self, nowhere: Edge, edge: Edge) -> None:
        """Let viewers come in elsewhere from now on."""
        self.nowhere, self.edge = nowhere, edge
        self.memos = _memos()

    def identified(self, request_id: str) -> bytes:
        """The lines of a response's head that name its request."""
        if self._is_cloudfront:  # the memo's answers have this, so it is spelt out
            return f"X-Amz-Cf-Id: {request_id}\r\n".encode("ascii")
        fields = identification(self.edge.distribution.routing, request_id)
        return "".join(f"{name}: {value}\r\n" for name, value in fields).encode("ascii")

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

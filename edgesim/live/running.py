"""A deployment that is serving: its edge, its functions, its memo, and who is still inside."""

from __future__ import annotations

import asyncio
from collections.abc import MutableSequence
from dataclasses import replace
from secrets import token_urlsafe
from time import perf_counter

from ..cloudfront.access import is_indifferent, looks_at_viewer
from ..cloudfront.endpoint import identification
from ..cloudfront.viewer_headers import asked_for
from ..config.deployment import Geo
from ..edge import Edge, Served
from ..effects import Fetch, Invoke, Waiting, start
from ..errors import EdgesimError
from ..http.message import Request, Viewer
from ..lifecycle import serve
from ..runtimes.base import HasToWait
from .driver import Driver
from .geography import Geography
from .memo import Answer, HeadMemo
from .places import Places
from .ports import Step
from .rehearsal import is_rehearsable, without_bodies


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
        into `timeline`. What has been done for it already is there.
        """
        placed, done = self.geography.placed(viewer), tuple(timeline)
        ran = iter(done)
        outcome = start(serve(edge or self.edge, request, placed, request_id))
        while isinstance(outcome, Waiting):
            step = next(ran, None)
            if step is None:
                step = self.tried(outcome.effect) if isinstance(outcome.effect, Invoke) else None
                if step is None:
                    break
                timeline.append(step)
            outcome = _resumed(outcome, step)
        fetched_s = sum(step.seconds for step in done if isinstance(step.effect, Fetch))
        if fetched_s and isinstance(outcome, Served):
            return replace(outcome, origin_s=fetched_s)  # the lifecycle saw no time pass
        return outcome

    def tried(self, effect: Invoke, before: object = None) -> Step | None:
        """How a function went; None if it is one that has to wait. For `before` see `AtOnce`."""
        runtime = self.driver.runtimes.at_once(effect.function)
        if runtime is None:
            return None
        began = perf_counter()
        try:
            reply = runtime.run(effect.trigger, effect.event, before)
        except HasToWait:
            return None
        except EdgesimError as error:
            return Step(effect, perf_counter() - began, error)
        return Step(effect, perf_counter() - began, reply=reply)

    def recall(self, head: bytes, viewer: Viewer) -> Answer | None:
        """What these very bytes were answered with, if that is still the answer."""
        return self.memos[viewer.scheme].recall(head, self.edge.clock())

    def recall_alike(self, head: bytes, viewer: Viewer) -> Answer | None:
        """What others that differ in nothing that matters were answered with."""
        return self.memos[viewer.scheme].recall_alike(head, self.edge.clock())

    def rehearsed(self, head: bytes, viewer: Viewer) -> Answer | None:
        """The same for one on whose way functions ran."""
        return self.memos[viewer.scheme].rehearsed(head, viewer.ip, self.edge.clock())

    def learn(self, head: bytes, viewer: Viewer, answer: Answer, since: float) -> None:
        """Remember an answer, unless it depends on more than the bytes of the request.

        If functions ran for it, or an origin was asked that no cache stands before: on more than
        those, the viewer's address and what came of that.
        Nor a hit that has grown a second older `since` its lifecycle began: a function may have
        taken its time after the response was found fresh.
        """
        hit, behavior = answer.served.hit, answer.served.behavior
        if behavior is None or head.startswith(b"HEAD "):
            return  # what a GET brings meanwhile is what the next HEAD is answered from
        if looks_at_viewer(self.edge.distribution, behavior):
            return
        memo, now = self.memos[viewer.scheme], self.edge.clock()
        if hit is not None and int(hit.current_age(since)) != int(hit.current_age(now)):
            return
        if hit is not None and not answer.steps:
            memo.learn(head, hit, answer, now, indifferent=is_indifferent(behavior))
            return
        shown = asked_for(behavior.cache_policy, behavior.origin_request_policy)
        if not shown and is_rehearsable(answer):
            memo.rehearse(head, viewer.ip, hit, without_bodies(answer), now)

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


def _resumed(waiting: Waiting[Served], step: Step) -> Served | Waiting[Served]:
    """How a lifecycle goes on after a function that ran at once."""
    steps = waiting.steps
    try:
        if step.failure is not None:
            return Waiting(steps, steps.throw(step.failure))
        return Waiting(steps, steps.send(step.reply))
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

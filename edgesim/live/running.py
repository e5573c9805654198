"""A deployment that is serving: its edge, its functions, its memo, and who is still inside."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableSequence
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

    def rehearsed(self, head: bytes, viewer: Viewer) -> Answer | None:
        """What this was answered with if functions ran on its way, or an origin was asked."""
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


IDS_AT_A_TIME = 512


class RequestIds:
    """Values for x-amz-cf-id: 54 characters that look random, and `==`, never one twice."""

    def __init__(self) -> None:
        self._prefix = token_urlsafe(30)
        self._ends = [f"{number * 0x9E37 & 0xFFFF:04x}==" for number in range(IDS_AT_A_TIME)]
        self._blocks = 0
        self._made: Iterator[str] = iter(())

    def next(self) -> str:
        return next(self._made, "") or self._first_of_more()

    def _first_of_more(self) -> str:
        self._blocks += 1
        start = f"{self._prefix}{self._blocks * 0x9E3779B97F & 0xFFFFFFFFFF:010x}"
        self._made = iter([start + end for end in self._ends])
        return next(self._made)

"""A request that goes as one before it went: what was done for that is done again.

Its functions run on the same events, and where no cache has a say its origin is asked the same.
As long as they answer as they did then, so does the edge (`memo.py`). If one does not, the
lifecycle begins after all, and is told what came of it; nothing is done twice for one request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING

from ..cloudfront import function_event, lambda_event
from ..effects import Effect, Fetch, Invoke
from ..http.message import Response, Viewer
from .memo import Answer
from .ports import Asked, Step

if TYPE_CHECKING:
    from .running import Running


@dataclass(slots=True, eq=False)
class Rehearsal:
    """What was done for one request, so far."""

    running: Running
    head: bytes
    viewer: Viewer
    request_id: str
    before: Answer
    """How it went the last time."""
    began: float
    timeline: list[Step] = field(default_factory=list)
    goes_as_before: bool = True
    next: Effect | None = None
    """What comes next, if that is known already."""
    asked: Asked | None = None
    """What an origin has been sent for that."""

    def at_once(self) -> bool:
        """Do what need not wait. Whether there is nothing left to do."""
        for then in self.before.steps[len(self.timeline) :]:
            self.next = self.next or _for_request(then.effect, self.request_id)
            now = self._tried(self.next, then)
            if now is None:
                return False
            if not self._went(now, then):
                break
        return True

    def ask(self, heard: Callable[[], None]) -> bool:
        """Ask the origin, if that is what comes next and takes no waiting for a connection.

        It was asked if this returns True; `heard` is called when there is something `at_once`.
        """
        if not isinstance(self.next, Fetch):
            return False
        self.asked = self.running.driver.origins.ask(self.next.origin, self.next.request)
        if self.asked is None:
            return False
        self.asked.when_heard(heard)
        return True

    async def awaited(self) -> None:
        """Do what has to wait."""
        while not self.at_once():
            then = self.before.steps[len(self.timeline)]
            assert self.next is not None, "it could not be done at once"  # noqa: S101
            now, _ = await self.running.driver.step(self.next, self.asked)
            if not self._went(now, then):
                break

    def _tried(self, effect: Effect, then: Step) -> Step | None:
        if isinstance(effect, Invoke):
            return self.running.tried(effect, then.reply)
        asked = self.asked
        response = asked.response() if asked is not None else None
        if asked is None or response is None:
            return None
        return Step(effect, perf_counter() - asked.began, reply=response)

    def _went(self, now: Step, then: Step) -> bool:
        """Whether it went as before; if not, nothing after it does."""
        self.timeline.append(now)
        self.next = self.asked = None
        self.goes_as_before = now.failure is None and _is_same(now.reply, then.reply)
        return self.goes_as_before

    @property
    def answer(self) -> Answer | None:
        """What it is answered with, if all went as before and the memo still knows that."""
        if not self.goes_as_before:
            return None
        known = self.running.rehearsed(self.head, self.viewer)
        if known is None:
            return None
        if known is not self.before and not _is_alike(known, self.before):
            return None  # learnt meanwhile, from one that went another way
        body, served = known.body, known.served
        for step in self.timeline:
            if isinstance(step.reply, Response) and isinstance(step.reply.body, bytes):
                body = step.reply.body
                served = served.again(served.response.with_body(body), step.seconds)
        return Answer(known.framing, body, known.request, served, self.timeline)


def is_rehearsable(answer: Answer) -> bool:
    """Whether nothing but the request, its viewer's address and what is done for it bears on it.

    That holds for a hit, and for an origin's answer that no cache would have kept from coming and
    whose body went through as it was. Without a Date the answer has the time in it.
    """
    served, asked = answer.served, _asked(answer)
    if not asked:
        return served.hit is not None
    policy = served.behavior.cache_policy if served.behavior is not None else None
    if policy is None or policy.caches or served.failure is not None or served.closes:
        return False
    if len(asked) != 1 or not isinstance(asked[0].effect, Fetch):
        return False
    fetch, came = asked[0].effect, asked[0].reply
    return (
        isinstance(came, Response)
        and came.status < 400
        and came.headers.has_any(("date",))
        and came.headers.has_any(("content-length",))
        and came.body == answer.body == served.response.body
        and "x-amz-cf-id" in fetch.request.headers
    )


def without_bodies(answer: Answer) -> Answer:
    """`answer` as it is remembered: an origin's body is another each time."""
    if not _asked(answer):
        return answer
    steps = [replace(step, reply=_without_body(step.reply)) for step in answer.steps]
    response = answer.served.response.with_body(b"")
    served = replace(answer.served, response=response)
    return replace(answer, body=b"", served=served, steps=steps)


def _asked(answer: Answer) -> list[Step]:
    """What was done for it but for running functions."""
    return [step for step in answer.steps if not isinstance(step.effect, Invoke)]


def _without_body(reply: object) -> object:
    return reply.with_body(b"") if isinstance(reply, Response) else reply


def _is_alike(one: Answer, other: Answer) -> bool:
    """Whether both were made of the same."""
    pairs = zip(one.steps, other.steps, strict=False)
    same = all(_is_same(mine.reply, its.reply) for mine, its in pairs)
    return same and len(one.steps) == len(other.steps)


def _is_same(now: object, then: object) -> bool:
    if not isinstance(then, Response):
        return now is then or now == then
    return (
        isinstance(now, Response)
        and isinstance(now.body, bytes)
        and (now.status, now.reason, now.headers) == (then.status, then.reason, then.headers)
    )


def _for_request(effect: Effect, request_id: str) -> Effect:
    """The same for another request."""
    if isinstance(effect, Fetch):
        request = effect.request
        headers = request.headers.with_("X-Amz-Cf-Id", request_id)
        return Fetch(effect.origin, request.with_headers(headers))
    assert isinstance(effect, Invoke), "the memo has nothing else"  # noqa: S101
    event, function = effect.event, effect.function
    shown = function_event if function.is_cloudfront_function else lambda_event
    return Invoke(function, effect.trigger, shown.for_request(event, request_id))

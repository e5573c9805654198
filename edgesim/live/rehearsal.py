"""A request that goes as one before it went: its functions run again, on the same events.

As long as they return what they returned then, the answer is the same (`memo.py`). If one does not,
the lifecycle begins after all, and is told what they returned; nothing runs twice for one request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..cloudfront import function_event, lambda_event
from ..effects import Invoke
from ..http.message import Viewer
from .memo import Answer
from .ports import Step

if TYPE_CHECKING:
    from .running import Running


@dataclass(slots=True, eq=False)
class Rehearsal:
    """The functions of one request, so far."""

    running: Running
    head: bytes
    viewer: Viewer
    request_id: str
    before: Answer
    """How it went the last time."""
    began: float
    timeline: list[Step] = field(default_factory=list)
    """Those that have run."""
    goes_as_before: bool = True

    def at_once(self) -> bool:
        """Run what need not wait. Whether there is nothing left to run."""
        for then in self.before.steps[len(self.timeline) :]:
            now = self.running.tried(_for_request(then, self.request_id), then.reply)
            if now is None:
                return False
            if not self._went(now, then):
                break
        return True

    async def awaited(self) -> None:
        """Run the others too."""
        for then in self.before.steps[len(self.timeline) :]:
            effect = _for_request(then, self.request_id)
            now = self.running.tried(effect, then.reply)
            if now is None:
                now, _ = await self.running.driver.step(effect)
            if not self._went(now, then):
                break

    def _went(self, now: Step, then: Step) -> bool:
        """Whether it went as before; if not, nothing after it does."""
        self.timeline.append(now)
        self.goes_as_before = now.failure is None and now.reply == then.reply
        return self.goes_as_before

    @property
    def answer(self) -> Answer | None:
        """What it is answered with, if all went as before and the memo still holds."""
        before, running = self.before, self.running
        if not self.goes_as_before or running.rehearsed(self.head, self.viewer) is not before:
            return None
        return Answer(before.framing, before.body, before.request, before.served, self.timeline)


def _for_request(step: Step, request_id: str) -> Invoke:
    """The same invocation for another request."""
    effect = step.effect
    assert isinstance(effect, Invoke), "the memo has nothing else"  # noqa: S101
    event, function = effect.event, effect.function
    shown = function_event if function.is_cloudfront_function else lambda_event
    return Invoke(function, effect.trigger, shown.for_request(event, request_id))

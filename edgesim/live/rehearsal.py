"""A request that goes as one before it went: its functions run again, on the same events.

As long as they return what they returned then, the answer is the same (`memo.py`). If one does not,
the lifecycle begins after all, and is told what they returned; nothing runs twice for one request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..cloudfront import function_event, lambda_event
from ..effects import Invoke
from ..http.message import Viewer
from .memo import Answer
from .ports import Step

if TYPE_CHECKING:
    from .running import Running


@dataclass(frozen=True, slots=True)
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

    def at_once(self) -> bool:
        """Run what need not wait. Whether there is nothing left to run."""
        for effect in self._left():
            step = self.running.tried(effect)
            if step is None:
                return False
            self.timeline.append(step)
        return True

    async def awaited(self) -> None:
        """Run the others too."""
        for effect in self._left():
            step = self.running.tried(effect)
            if step is None:
                step, _ = await self.running.driver.step(effect)
            self.timeline.append(step)

    @property
    def answer(self) -> Answer | None:
        """What it is answered with, if all went as before and the memo still holds."""
        before, running = self.before, self.running
        if not self._as_before or running.rehearsed(self.head, self.viewer) is not before:
            return None
        return Answer(before.framing, before.body, before.request, before.served, self.timeline)

    @property
    def _as_before(self) -> bool:
        pairs = zip(self.timeline, self.before.steps, strict=False)
        return all(new.failure is None and new.reply == old.reply for new, old in pairs)

    def _left(self) -> Iterator[Invoke]:
        """What is still to run, until one does not do as it did before."""
        while len(self.timeline) < len(self.before.steps) and self._as_before:
            effect = self.before.steps[len(self.timeline)].effect
            assert isinstance(effect, Invoke), "nothing else is in the memo"  # noqa: S101
            yield _for_request(effect, self.request_id)


def _for_request(effect: Invoke, request_id: str) -> Invoke:
    """The same invocation for another request."""
    event, function = effect.event, effect.function
    shown = function_event if function.is_cloudfront_function else lambda_event
    return Invoke(function, effect.trigger, shown.for_request(event, request_id))

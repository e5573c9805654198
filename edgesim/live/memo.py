"""A memo from request bytes to response bytes.

Not a cache: it holds no response that a tier's store does not hold. A lifecycle that never waited
and was answered by one stored response is a pure function of the request's head, that stored
response and its age in whole seconds, so its result may be given again while all three are the
same. (Lifetimes are whole seconds, so nothing goes stale in between.) If functions ran on its way
they run every time, on the events that they were given then, unless it is known what they return
(`AtOnce` in `runtimes/base.py`); as long as that is the same, so is what the lifecycle returns.
Where the behavior is indifferent to some fields (`cloudfront/access.py`), they may differ: browsers
rarely send the same Cookie and User-Agent. Delete this file and only speed is lost: `test_memo.py`
and `test_rehearsal.py` hold it to that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from math import inf

from lru import LRU

from ..cache.freshness import StoredResponse
from ..cloudfront.access import INDIFFERENT
from ..edge import Served
from ..http.head import Framing
from ..http.message import Request
from ..values import value
from .ports import Step

MAX_HEADS = 8192

MAX_BARED_BYTES = 16_384
"""Longer heads may be refused for their length, to which each field counts."""

_INDIFFERENT = re.compile(
    rb"\r\n(?:%b):[\t -~]*(?=\r\n[^\t ])" % "|".join(sorted(INDIFFERENT)).encode(), re.IGNORECASE
)
"""A line that any parser takes for a field of its own: not folded, nothing but ASCII in it."""


def bared(head: bytes) -> bytes:
    """`head` without the fields to which most behaviors are indifferent."""
    return _INDIFFERENT.sub(b"", head) if len(head) <= MAX_BARED_BYTES else head


@value(frozen=True, slots=True)
class Answer:
    """A response as it is written, and what there is to tell about it."""

    framing: Framing
    body: bytes
    """As it is written after the head."""
    request: Request | None
    """None where it was another's, alike but for fields that make no difference."""
    served: Served
    steps: Sequence[Step] = ()
    """What was done for it: functions that ran, an origin that was asked."""


TURN_S = 1e-6
"""Just before an age turns over, a sum of floats may be on either side of that."""


@value(frozen=True, slots=True)
class _Line:
    stored: StoredResponse | None
    """None where no cache has a say."""
    since: float
    until: float
    """Before this and not before `since`, what is stored has the same age in whole seconds."""
    answer: Answer

    def holds(self, now: float) -> bool:
        if not self.since <= now < self.until:
            return False
        stored = self.stored
        return stored is None or stored.live


def _line(stored: StoredResponse | None, answer: Answer, now: float) -> _Line:
    if stored is None:
        return _Line(None, -inf, inf, answer)
    age = stored.current_age(now)
    whole = max(0, int(age))
    turned = now - age + whole
    return _Line(stored, turned if whole else -inf, turned + 1 - TURN_S, answer)


class HeadMemo:
    """What request heads were answered with under one deployment."""

    def __init__(self, max_heads: int = MAX_HEADS) -> None:
        self._lines: LRU[bytes, _Line] = LRU(max_heads)
        self._bared: LRU[bytes, _Line] = LRU(max_heads)
        self._rehearsed: LRU[tuple[bytes, str], _Line] = LRU(max_heads)

    def recall(self, head: bytes, now: float) -> Answer | None:
        """What these very bytes were answered with, if it is still the answer."""
        line = self._lines.get(head)
        return line.answer if line is not None and line.holds(now) else None

    def recall_alike(self, head: bytes, now: float) -> Answer | None:
        """What others were that differ only in fields that make no difference."""
        line = self._bared.get(bared(head))
        return line.answer if line is not None and line.holds(now) else None

    def learn(
        self,
        head: bytes,
        stored: StoredResponse,
        answer: Answer,
        now: float,
        *,
        indifferent: bool = False,
    ) -> None:
        """`indifferent` if fields in `INDIFFERENT` make no difference to `answer`."""
        self._lines[head] = _line(stored, answer, now)
        if indifferent:
            self._bared[bared(head)] = _line(stored, replace(answer, request=None), now)

    def rehearsed(self, head: bytes, ip: str, now: float) -> Answer | None:
        """What these bytes from this address were answered with, if it is still the answer:
        that is, if the functions on its way do as they did.
        """
        line = self._rehearsed.get((head, ip))
        return line.answer if line is not None and line.holds(now) else None

    def rehearse(
        self, head: bytes, ip: str, stored: StoredResponse | None, answer: Answer, now: float
    ) -> None:
        """Remember an answer on whose way functions ran or an origin was asked, and what came
        of that. `stored` is None where no cache has a say.
        """
        self._rehearsed[head, ip] = _line(stored, answer, now)

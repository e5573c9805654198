"""A memo from request bytes to response bytes.

Not a cache: it holds no response that a tier's store does not hold. A lifecycle
that never waited and was answered by one stored response is a pure function of the
request's head, that stored response and its age in whole seconds, so its result may
be given again while all three are the same. (Lifetimes are whole seconds, so nothing
goes stale in between.) Delete this file and only speed is lost; `tests/live/test_memo.py`
holds it to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lru import LRU

from ..cache.freshness import StoredResponse
from ..edge import Served
from ..http.message import Request
from .ports import Step

MAX_HEADS = 8192


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it is written, and what there is to tell about it."""

    head: bytes
    """All of the head but its request id and the empty line."""
    body: bytes
    request: Request
    served: Served
    steps: Sequence[Step] = ()
    """The functions that ran for it."""


@dataclass(frozen=True, slots=True)
class _Line:
    stored: StoredResponse
    age_s: int
    answer: Answer


class HeadMemo:
    """What request heads were answered with under one deployment."""

    def __init__(self, max_heads: int = MAX_HEADS) -> None:
        self._lines: LRU[bytes, _Line] = LRU(max_heads)

    def recall(self, head: bytes, now: float) -> Answer | None:
        """What these very bytes were answered with, if that is still the answer."""
        line = self._lines.get(head)
        if line is None or not line.stored.live:
            return None
        return line.answer if int(line.stored.current_age(now)) == line.age_s else None

    def learn(self, head: bytes, stored: StoredResponse, answer: Answer, now: float) -> None:
        self._lines[head] = _Line(stored, int(stored.current_age(now)), answer)

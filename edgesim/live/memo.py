"""A memo from request bytes to response bytes.

Not a cache: it holds no response that a tier's store does not hold. A lifecycle
that never waited and was answered by one stored response is a pure function of the
request's head, that stored response and its age in whole seconds, so its result may
be given again while all three are the same. (Lifetimes are whole seconds, so nothing
goes stale in between.) Delete this file and only speed is lost; `tests/live/test_memo.py`
holds it to that.
"""

from __future__ import annotations

from dataclasses import dataclass

from lru import LRU

from ..cache.freshness import StoredResponse
from ..http.message import Request
from ..lifecycle import Served

MAX_HEADS = 8192


@dataclass(frozen=True, slots=True)
class Line:
    """What one request head was answered with."""

    stored: StoredResponse
    age_s: int
    head: bytes
    """The response's head but for its request id and the empty line."""
    body: bytes
    request: Request
    served: Served


class HeadMemo:
    """The lines learnt under one deployment."""

    def __init__(self, max_heads: int = MAX_HEADS) -> None:
        self._lines: LRU[bytes, Line] = LRU(max_heads)

    def recall(self, head: bytes, now: float) -> Line | None:
        """What these very bytes were answered with, if that is still the answer."""
        line = self._lines.get(head)
        if line is None or not line.stored.live:
            return None
        return line if int(line.stored.current_age(now)) == line.age_s else None

    def learn(self, head: bytes, line: Line) -> None:
        self._lines[head] = line

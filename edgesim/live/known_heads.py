"""Heads of responses that came before: the same bytes are read as they were then.

To do without: `recall` returns None. Nothing differs then but the time it takes.
"""

from __future__ import annotations

from lru import LRU

from ..http.message import Response
from ..values import value

MOST = 256


@value(frozen=True, slots=True)
class KnownHead:
    """The head of a response that tells its length, after which another may follow."""

    response: Response
    """Without its body."""
    length: int
    """How long that is."""


class KnownHeads:
    """Those that one origin answered requests with lately, except HEAD."""

    def __init__(self, most: int = MOST) -> None:
        self._heads: LRU[bytes, KnownHead] = LRU(most)

    def recall(self, head: bytes) -> KnownHead | None:
        """What was read from `head`, which ends with its empty line."""
        return self._heads.get(head)

    def learn(self, head: bytes, response: Response, length: int) -> None:
        self._heads[head] = KnownHead(response, length)

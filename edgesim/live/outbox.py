"""Answers that are ready in one turn of the event loop, written together when it is over.

A peer that sleeps has to be woken to read, which costs whoever writes to it. Woken by the first
answer, it is still awake for the others, the more of them the better.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence


class Outbox:
    """What is still to be written, in the order it came. To do without: `put` writes at once."""

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.Transport, Sequence[bytes]]] = []

    def put(self, transport: asyncio.Transport, pieces: Sequence[bytes]) -> None:
        """Write these soon: before any callback that is not scheduled yet."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self._waiting.append((transport, pieces))

    def flush(self) -> None:
        """Write everything now."""
        waiting, self._waiting = self._waiting, []
        for transport, pieces in waiting:
            if not transport.is_closing():
                transport.writelines(pieces)

"""A clock, and an alarm that is precise: an event loop's own timers are a millisecond late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from time import perf_counter, sleep
from typing import Protocol

Clock = Callable[[], float]
"""Seconds since some moment; it never goes back."""


class Waker(Protocol):
    """Calls somebody at a moment, once it is set; then it may be set again."""

    def set(self, moment: float) -> None:
        """Ring at `moment`, a reading of the clock."""

    def stop(self) -> None:
        """Ring no more."""


class Alarm:
    """Calls `ring` in the running loop at the moments it is set to, one at a time."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._loop, self._ring = asyncio.get_running_loop(), ring
        self._moments: SimpleQueue[float | None] = SimpleQueue()
        self._thread = Thread(target=self._wait, name="edgesim-bench-alarm", daemon=True)
        self._thread.start()

    def set(self, moment: float) -> None:
        """Ring at `moment`, a reading of `perf_counter`; once it has rung it may be set again."""
        self._moments.put(moment)

    def stop(self) -> None:
        """Ring no more."""
        self._moments.put(None)

    def _wait(self) -> None:
        while (moment := self._moments.get()) is not None:
            left = moment - perf_counter()
            if left > 0:
                sleep(left)
            if self._loop.is_closed():
                return
            self._loop.call_soon_threadsafe(self._ring)

"""The one thread that writes to a cache directory: the event loop never waits for a disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any

from .cache_index import Index

AT_ONCE = 256
"""Changes that are written together, at most."""

Change = Callable[[Index], object]


class CacheWriter:
    """Makes changes in the order they come, and counts them.

    If one cannot be made, nothing is any more, and `failed` is told why, in this thread.
    """

    def __init__(self, index: Index, failed: Callable[[Exception], None]) -> None:
        self.made = 0
        """Changes that are on the disk; greater than what `submit` said once that one is."""
        self._index = index
        self._failed = failed
        self._submitted = 0
        self._broken = False
        self._queue: SimpleQueue[tuple[Change, Future[Any] | None] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="cache-dir", daemon=True)
        self._thread.start()

    @property
    def behind(self) -> int:
        """Changes that are not made yet."""
        return self._submitted - self.made

    def submit(self, change: Change) -> int:
        """Make `change` soon; its number."""
        self._queue.put((change, None))
        self._submitted += 1
        return self._submitted

    def ask(self, change: Change) -> Future[Any]:
        """What `change` returns, once that and all before it is on the disk; None if it failed."""
        answer: Future[Any] = Future()
        self._queue.put((change, answer))
        self._submitted += 1
        return answer

    def stop(self) -> None:
        """Make all changes that were submitted, and end. This waits."""
        self._queue.put(None)
        self._thread.join()
        self._index.close()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            batch = [self._queue.get()]
            while batch[-1] is not None and len(batch) < AT_ONCE and not self._queue.empty():
                batch.append(self._queue.get())
            stopping = batch[-1] is None
            self._make([one for one in batch if one is not None])

    def _make(self, batch: list[tuple[Change, Future[Any] | None]]) -> None:
        results: list[object] = [None] * len(batch)
        if not self._broken:
            try:
                with self._index.transaction():
                    results = [change(self._index) for change, _ in batch]
            except (sqlite3.Error, OSError) as error:
                self._broken = True
                self._failed(error)
        self.made += len(batch)
        for (_, answer), result in zip(batch, results, strict=True):
            if answer is not None:
                answer.set_result(result)

"""Python's garbage collector, kept from pausing everybody to look at what is stored.

A full collection goes through every object there is: at a million stored responses, for almost
two seconds in which nobody is answered (`bench/bench_store.py`). It would find nothing there.
What is stored leaves without it when it is evicted or invalidated.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AFTER_PUTS = 1000
"""So many more stored responses are worth sparing: some milliseconds of a full collection."""


@contextmanager
def sparing(puts: Callable[[], int]) -> Iterator[None]:
    """Let collections look only at what is younger than the last thousand stored responses.

    `puts` says how many have been put so far. What lives at that moment is spared for ever
    (`gc.freeze`): a cycle among it that nobody holds any more would never be collected. Hence not
    after each collection, but only where a thousand responses, which are in no cycle, outweigh
    the few others of that age.
    """
    spared = puts()

    def spare(phase: str, collection: dict[str, int]) -> None:
        nonlocal spared
        if phase == "stop" and collection["generation"] > 0 and puts() >= spared + AFTER_PUTS:
            gc.freeze()
            spared = puts()

    gc.collect()
    gc.freeze()  # edgesim itself and its libraries
    gc.callbacks.append(spare)
    try:
        yield
    finally:
        gc.callbacks.remove(spare)

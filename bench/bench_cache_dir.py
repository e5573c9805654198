"""What `--cache-dir` costs: the start, a lookup, a put, and pauses of the event loop.

python -m bench.bench_cache_dir                a hundred thousand entries
python -m bench.bench_cache_dir 1000 100000    those sizes

Pauses are wall-clock times by which the event loop is late for a timer, so whatever else the
machine does is in them: the first line is the same without a directory.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter, thread_time

from bench.bench_store import BODY_BYTES, UNLIMITED_BYTES, entry, key_of
from edgesim.cache.store import Store
from edgesim.live.cache_dir import CacheDir
from edgesim.live.cache_index import NAME
from edgesim.live.garbage import sparing

TURN_S = 0.002
AT_ONCE = 20
"""Entries that one turn of the loop puts."""


def say(what: str, value: float, unit: str) -> None:
    print(f"  {what:44} {value:12,.2f} {unit}")


class Turns:
    """How late a loop comes back to somebody who waits for a moment, at the latest."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        before = perf_counter()
        while True:
            await asyncio.sleep(TURN_S)
            now = perf_counter()
            self.longest_s, before = max(self.longest_s, now - before - TURN_S), now


@asynccontextmanager
async def watched(what: str) -> AsyncIterator[None]:
    turns = Turns()
    watching = asyncio.ensure_future(turns.watch())
    await asyncio.sleep(0)
    yield
    watching.cancel()
    say(f"longest pause {what}", turns.longest_s * 1e3, "ms")


def opened(folder: Path) -> tuple[CacheDir, Store]:
    directory, store = CacheDir(folder, print), Store(UNLIMITED_BYTES)
    directory.attach("pop", store)
    return directory, store


async def measure(size: int, folder: Path) -> None:
    print(f"{size:,} entries of ten fields and {BODY_BYTES} bytes")
    directory, store = opened(folder)
    await fill_memory(size)
    with sparing(lambda: store.puts):
        await fill(size, directory, store)
    say("on the disk", (folder / NAME).stat().st_size / size, "B an entry")
    await after_a_restart(size, folder)


async def fill_memory(size: int) -> None:
    store = Store(UNLIMITED_BYTES)
    async with watched("while they are put into memory only"):
        with sparing(lambda: store.puts):
            for number in range(size):
                store.put(key_of(number), entry(number))
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)


async def fill(size: int, directory: CacheDir, store: Store) -> None:
    async with watched("while they are put and written"):
        began, spent = perf_counter(), 0.0
        for number in range(size):
            key, stored = key_of(number), entry(number)
            before = thread_time()
            store.put(key, stored)
            spent += thread_time() - before
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
            while directory.behind > 5_000:
                await asyncio.sleep(0.001)
        await directory.forgotten()
    say("put, on the loop", spent / size * 1e6, "µs CPU")
    say("put, until it is on the disk", (perf_counter() - began) / size * 1e6, "µs")
    await directory.close()


async def after_a_restart(size: int, folder: Path) -> None:
    began = perf_counter()
    directory, store = opened(folder)
    say("start", (perf_counter() - began) * 1e3, "ms")
    began = perf_counter()
    assert store.find(key_of(size // 2))
    say("first lookup", (perf_counter() - began) * 1e3, "ms")
    numbers = range(0, size, max(1, size // 2000))
    began, longest = perf_counter(), 0.0
    for number in numbers:
        before = perf_counter()
        assert store.find(key_of(number))
        longest = max(longest, perf_counter() - before)
    say("lookup from the disk", (perf_counter() - began) / len(numbers) * 1e6, "µs")
    say("the longest of them", longest * 1e3, "ms")
    async with watched("while a hundredth is invalidated"):
        began = perf_counter()
        store.invalidate("/section-3/*")
        await directory.forgotten()
    say("… until that is on the disk", (perf_counter() - began) * 1e3, "ms")
    async with watched("while everything is invalidated"):
        began = perf_counter()
        store.invalidate("/*")
        await directory.forgotten()
    say("… until that is on the disk", (perf_counter() - began) * 1e3, "ms")
    await directory.close()


def main() -> None:
    for size in [int(argument) for argument in sys.argv[1:]] or [100_000]:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(size, Path(folder)))


if __name__ == "__main__":
    main()

"""What the store costs as it fills: time for each operation, memory for each entry, pauses.

python -m bench.bench_store                    a thousand, a hundred thousand, a million entries
python -m bench.bench_store 1000 100000        those sizes; a million take some 3 GB and two minutes

Pauses are in CPU time of this thread, so that other work on the machine does not count. While a
store fills up, Python's garbage collector is as `edgesim dev` has it (`live/garbage.py`), and a put
in which it collects counts as long as that takes.
"""

from __future__ import annotations

import gc
import os
import random
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, thread_time_ns
from typing import Any

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.store import CacheKey, Store
from edgesim.http.dates import format_date
from edgesim.http.headers import Headers
from edgesim.http.message import Response, Stream
from edgesim.live.garbage import sparing

SIZES = (1_000, 100_000, 1_000_000)
BODY_BYTES = 200
NOW_S = 1_767_225_600
SECTIONS = 100
STORM_BYTES = 200 * 1024 * 1024
UNLIMITED_BYTES = 1 << 50
CALLS = 20_000


class Large:
    """A body that weighs without taking memory."""

    def __init__(self, length: int) -> None:
        self.length: int | None = length

    def __aiter__(self) -> AsyncIterator[bytes]:
        raise AssertionError

    def kept(self, settled: Callable[[Stream | bytes | None], None], limit_bytes: int) -> Stream:
        raise AssertionError

    def part(self, first: int, stop: int) -> Stream:
        raise AssertionError


def key_of(number: int) -> CacheKey:
    return (f"/section-{number % SECTIONS}/products/{number}?size=l", "accept-encoding=br,gzip")


def entry(number: int) -> StoredResponse:
    """As it comes from an origin: every string is its own, decoded from bytes."""
    head = (
        b"Date: %s\nContent-Type: text/html; charset=utf-8\n"
        b'Cache-Control: public, max-age=3600\nETag: "%d-1a"\nServer: nginx/1.27.3\n'
        b"Last-Modified: %s\nVary: Accept-Encoding\n"
        b"Content-Length: 200\nX-Request-Id: %032d\nStrict-Transport-Security: max-age=31536000\n"
    )
    date = format_date(NOW_S + number / 1000).encode()
    modified = format_date(NOW_S - number * 60).encode()
    lines = (head % (date, number, modified, number)).decode("latin-1").splitlines()
    headers = Headers((name, value) for name, _, value in (line.partition(": ") for line in lines))
    headers.get("etag")  # a lifecycle looks some of them up
    response = Response(200, headers, b"%0200d" % number)
    return StoredResponse(response, 0.0, 0.0, 0.0, 0, 3600)


PAYLOAD_BYTES = (
    BODY_BYTES
    + sum(map(len, key_of(500_000)))
    + sum(len(name) + len(value) for name, value in entry(500_000).response.headers)
)
"""The bytes of an entry that are content: what is more is overhead."""


def rss_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class Pauses:
    """How long calls take: on average, and the longest one."""

    def __init__(self) -> None:
        self.calls = 0
        self.total_ns = 0
        self.longest_ns = 0

    def time(self, call: Callable[..., Any], *arguments: Any) -> None:
        began = thread_time_ns()
        call(*arguments)
        took = thread_time_ns() - began
        self.calls += 1
        self.total_ns += took
        self.longest_ns = max(self.longest_ns, took)

    def __str__(self) -> str:
        mean_us = self.total_ns / max(1, self.calls) / 1000
        return f"{mean_us:10.2f} µs mean {self.longest_ns / 1e6:10.3f} ms longest"


@contextmanager
def collections() -> Iterator[Pauses]:
    """The pauses that Python's garbage collector makes meanwhile."""
    pauses, began = Pauses(), 0

    def watch(phase: str, _: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = thread_time_ns()
        else:
            took = thread_time_ns() - began
            pauses.calls += 1
            pauses.total_ns += took
            pauses.longest_ns = max(pauses.longest_ns, took)

    gc.callbacks.append(watch)
    try:
        yield pauses
    finally:
        gc.callbacks.remove(watch)


def filled(size: int) -> Store:
    """A store of `size` entries, and what it took to fill it."""
    store, puts = Store(UNLIMITED_BYTES), Pauses()
    gc.collect()
    before = rss_bytes()
    with collections() as pauses, sparing(lambda: store.puts):
        for number in range(size):
            puts.time(store.put, key_of(number), entry(number))
    gc.collect()
    per_entry = (rss_bytes() - before) / size
    say("put", puts)
    say("garbage collections while filling", pauses)
    print(
        f"  {'memory for an entry':38} {per_entry:10,.0f} B, content {PAYLOAD_BYTES} B, overhead "
        f"{per_entry - PAYLOAD_BYTES:,.0f} B; counted as {store.size_bytes / size:,.0f} B"
    )
    return store


def say(what: str, pauses: Pauses) -> None:
    print(f"  {what:38} {pauses}")


def measure(size: int) -> None:
    print(f"{size:,} entries of ten fields and {BODY_BYTES} bytes")
    store = filled(size)
    gc.disable()  # its pauses are shown above; from here on the store's own
    chosen = random.Random(0)
    keys = [key_of(chosen.randrange(size)) for _ in range(CALLS)]
    began = perf_counter()
    for key in keys:
        store.find(key)
    print(f"  {'find':38} {(perf_counter() - began) / CALLS * 1e6:10.2f} µs mean")
    afterwards(store, keys, "invalidate one path", key_of(size // 2)[0])
    refill(store, [size // 2])
    afterwards(store, keys, "invalidate a hundredth, by wildcard", "/section-3/*")
    refill(store, range(3, size, SECTIONS))
    storm(store, keys)
    refill(store, range(size))
    afterwards(store, keys, "invalidate everything", "/*")
    gc.enable()
    del store


def refill(store: Store, numbers: Any) -> None:
    store.capacity_bytes = UNLIMITED_BYTES
    for number in numbers:
        if not store.find(key_of(number)):
            store.put(key_of(number), entry(number))


def afterwards(store: Store, keys: list[CacheKey], what: str, pattern: str) -> None:
    """An invalidation, and the lookups after it, which may have work left over from it."""
    invalidations, finds = Pauses(), Pauses()
    invalidations.time(store.invalidate, pattern)
    for key in keys:
        finds.time(store.find, key)
    say(what, invalidations)
    say("… and find after it", finds)


def storm(store: Store, keys: list[CacheKey]) -> None:
    """One large body that pushes out as much as it weighs."""
    puts, finds = Pauses(), Pauses()
    before, store.capacity_bytes = len(store), max(store.size_bytes, STORM_BYTES + 100_000)
    if store.size_bytes < STORM_BYTES:
        store.capacity_bytes = store.size_bytes
    large = entry(0)
    length = min(STORM_BYTES, store.capacity_bytes // 2)
    large.response = Response(200, large.response.headers, Large(length))
    puts.time(store.put, ("/large",), large)
    over = store.size_bytes - store.capacity_bytes
    assert over <= 0, over
    for key in keys:
        finds.time(store.find, key)
    say(f"put {length / 2**20:,.1f} MB, pushing out {before - len(store) + 1:,}", puts)
    say("… and find after it", finds)
    store.forget(("/large",))


def main() -> None:
    for size in [int(argument) for argument in sys.argv[1:]] or SIZES:
        measure(size)


if __name__ == "__main__":
    main()

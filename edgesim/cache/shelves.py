"""The keys of a store: found in constant time, in the order they were used last.

lru-dict keeps such an order, in a dictionary that grows by being copied, which takes a tenth of a
second and more at a million keys. So there are many tables, each with its share of the keys, and
a growing one is small. Which key of all is the oldest: one of those that are the oldest of their
tables, and a heap has these in order.
"""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from itertools import chain
from operator import attrgetter
from typing import Protocol

from lru import LRU

from .reuse import Variants

CacheKey = tuple[str, ...]
"""What a stored response is found by. The first member is the path and query it was asked by,
which is also what an invalidation's patterns are held against."""

TABLES = 256
_UNLIMITED = 2**31 - 1


class Keeper(Protocol):
    """Whoever has shelves: a store."""

    moment: int
    """Invalidations until now."""

    def holds(self, shelf: Shelf) -> bool:
        """Whether `shelf` is neither evicted nor invalidated."""
        ...


class Shelf:
    """The variants under one key, and what tells its keeper whether they still count."""

    __slots__ = ("era", "index", "keeper", "key", "seen", "size_bytes", "used", "variants")

    def __init__(self, keeper: Keeper, key: CacheKey) -> None:
        self.keeper = keeper
        self.key = key
        self.variants: Variants = ()
        self.size_bytes = 0
        self.used = 0
        """Greater than that of any shelf that was used before."""
        self.era = -1
        """When it was last used (`eras.py`)."""
        self.seen = keeper.moment
        """The last invalidation that it is known to have survived."""
        self.index = 0
        """Where it is among all the shelves of its store."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Those of every variant."""
        return tuple(chain.from_iterable(stored.tags for stored in self.variants))

    def holds(self) -> bool:
        return self.keeper.holds(self)


class Shelves:
    """All shelves of one store."""

    def __init__(self, tables: int = TABLES) -> None:
        self._none: LRU[CacheKey, Shelf] = LRU(1)
        """In place of every table that had no key yet: most caches of a world never have many."""
        self._tables = [self._none] * tables
        self._count = tables
        self._uses = 0
        self._all: list[Shelf] = []
        self._tails: list[tuple[int, int]] = []
        """A heap: when the oldest shelf of a table was used, as far as known, and the table."""
        self._listed = [False] * tables
        """Whether a table is in that heap."""

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, index: int) -> Shelf:
        """One of them, in no particular order; removing one may move the last into its place."""
        return self._all[index]

    def by_use(self) -> list[Shelf]:
        """All of them, the one that was used least recently first."""
        return sorted(self._all, key=attrgetter("used"))

    def get(self, key: CacheKey) -> Shelf | None:
        """The shelf of `key`, which is the last to be evicted from now on."""
        shelf = self._tables[hash(key) % self._count].get(key)
        if shelf is not None:
            shelf.used = self._uses = self._uses + 1
        return shelf

    def add(self, shelf: Shelf) -> None:
        """Take in the shelf of a new key, which counts as used now."""
        shelf.index = len(self._all)
        self._all.append(shelf)
        shelf.used = self._uses = self._uses + 1
        number = hash(shelf.key) % self._count
        if self._tables[number] is self._none:
            self._tables[number] = LRU(_UNLIMITED)
        self._tables[number][shelf.key] = shelf
        if not self._listed[number]:
            self._listed[number] = True
            heappush(self._tails, (shelf.used, number))

    def remove(self, shelf: Shelf) -> None:
        self._tables[hash(shelf.key) % self._count].pop(shelf.key, None)
        last = self._all.pop()
        if last is not shelf:
            self._all[shelf.index] = last
            last.index = shelf.index

    def oldest(self) -> Shelf | None:
        """The one that was used least recently.

        A table's oldest only ever gets younger, so what the heap knows of it comes too early,
        never too late: the first that is as it says is the oldest of all.
        """
        tails = self._tails
        while tails:
            known, number = tails[0]
            item = self._tables[number].peek_last_item()
            if item is None:
                heappop(tails)
                self._listed[number] = False
            elif item[1].used == known:
                shelf: Shelf = item[1]
                return shelf
            else:
                heapreplace(tails, (item[1].used, number))
        return None

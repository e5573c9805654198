"""Where a tier keeps its stored responses: least recently used out first.

However much it holds, nothing takes long. An invalidation is noted (`bans.py`) and what it
concerns counts no more; to make room for something large, the oldest *eras* stop counting, an
era being the use of some thousand keys. The memory of what counts no more is given back in
slices, by the lookups and puts that follow.
"""

from __future__ import annotations

from itertools import chain

from lru import LRU

from ..http.message import Response, size_bytes
from .bans import Bans, Doomed
from .freshness import StoredResponse
from .reuse import Variants
from .storing import NotStored

CacheKey = tuple[str, ...]
"""What a stored response is found by. The first member is the path and query it was asked by,
which is also what an invalidation's patterns are held against."""

ENTRY_BYTES = 1024
"""What an entry costs besides its key, head and body: objects, dictionary slots."""

FIELD_BYTES = 128
"""What a field line costs besides its text; `bench/bench_store.py` shows both are enough."""

MAX_VARIANTS = 64
"""Variants of one key, so that a `Vary: User-Agent` cannot fill a store by itself."""

ENDLESS_TYPES = frozenset({"text/event-stream", "multipart/x-mixed-replace"})
"""Bodies that go on for as long as somebody listens."""

AT_ONCE = 1024
"""Keys that one put may evict, or one invalidation look at, before it leaves the rest for later.

A put gives back at least as much memory as it takes: so many entries take more than the
longest body that is held in memory (`live/recording.py`).
"""
IN_PASSING = 16
"""Keys that a lookup does of such work."""

KEYS_OF_AN_ERA = 1024

_UNLIMITED = 2**31 - 1


class Shelf:
    """The variants under one key, and what tells whether they still count."""

    __slots__ = ("era", "index", "key", "seen", "size_bytes", "store", "variants")

    def __init__(self, store: Store, key: CacheKey) -> None:
        self.store = store
        self.key = key
        self.variants: Variants = ()
        self.size_bytes = 0
        self.era = -1
        """When it was last used. Older than the oldest era that counts, it is evicted."""
        self.seen = store.moment
        """The last invalidation that it is known to have survived."""
        self.index = 0
        """Where it is among all the shelves of its store."""

    def holds(self) -> bool:
        """Whether it is neither evicted nor invalidated."""
        store = self.store
        if self.era < store.oldest_era:
            return False
        if self.seen != store.moment:
            if store.outdates(self):
                return False
            self.seen = store.moment
        return True


class Store:
    """A byte budget of stored responses, one or several variants under each key."""

    def __init__(self, capacity_bytes: int = 256 * 1024 * 1024) -> None:
        self.capacity_bytes = capacity_bytes
        self.size_bytes = 0
        """What is held, without what was evicted; what was invalidated leaves it bit by bit."""
        self.moment = 0
        """Invalidations until now."""
        self.oldest_era = 0
        self._era = 0
        self._used = 0
        self._era_bytes: dict[int, int] = {}
        self._shelves: LRU[CacheKey, Shelf] = LRU(_UNLIMITED)
        self._all: list[Shelf] = []
        self._unswept = 0
        """So many shelves, from the first, may not have been held against the bans."""
        self._bans: list[Bans] = []
        """Those that the present sweep is about, then those that came after it had begun."""
        self._burying = False

    def __len__(self) -> int:
        """Keys that take memory."""
        return len(self._all)

    def find(self, key: CacheKey) -> Variants:
        """What is stored under `key`, which counts as used now."""
        if self._burying or self._unswept:
            self.tidy(IN_PASSING)
        shelf = self._shelves.get(key)
        if shelf is None:
            return ()
        if shelf.era != self._era or shelf.seen != self.moment:
            if not shelf.holds():
                self._remove(shelf)
                return ()
            self._use(shelf)
        return shelf.variants

    def refusal(self, response: Response) -> NotStored | None:
        """Why `response` cannot be kept here at all, whatever its fields allow."""
        if size_bytes(response.body) > self.capacity_bytes:
            return NotStored.TOO_LARGE
        kind = (response.headers.get("content-type") or "").partition(";")[0].strip().lower()
        return NotStored.ENDLESS if kind in ENDLESS_TYPES else None

    def put(self, key: CacheKey, stored: StoredResponse) -> None:
        """Keep `stored`, in place of the variant that the same request fields select."""
        shelf = self._shelf(key)
        if shelf is None:
            shelf = Shelf(self, key)
            shelf.index = len(self._all)
            self._all.append(shelf)
            self._shelves[key] = shelf
        kept = [old for old in shelf.variants if old.selecting != stored.selecting]
        kept = kept[max(0, len(kept) + 1 - MAX_VARIANTS) :]
        for old in shelf.variants:
            old.place = shelf if old in kept else None
        stored.response = stored.response.with_headers(stored.response.headers.shared())
        stored.size_bytes = _cost_bytes(key, stored)
        stored.place = shelf
        shelf.variants = (*kept, stored)
        self._weigh(shelf)

    def settle(self, key: CacheKey, stored: StoredResponse) -> None:
        """Count anew what `stored` costs, now that its body is complete. This is a use of it."""
        shelf = self._shelf(key)
        if shelf is not None and stored.place is shelf:
            stored.size_bytes = _cost_bytes(key, stored)
            self._weigh(shelf)

    def drop(self, key: CacheKey, stored: StoredResponse) -> None:
        """Forget one variant, as when its body broke off."""
        shelf = self._shelf(key)
        if shelf is None or stored.place is not shelf:
            return
        stored.place = None
        shelf.variants = tuple(other for other in shelf.variants if other is not stored)
        if shelf.variants:
            self._weigh(shelf)
        else:
            self._remove(shelf)

    def forget(self, key: CacheKey) -> None:
        """Forget every variant under `key`."""
        shelf = self._shelves.get(key)
        if shelf is not None:
            self._remove(shelf)

    def invalidate(self, path_pattern: str) -> int:
        """Forget what matches, as a CloudFront invalidation does.

        Returns how many keys that were: of a large store, those that came to light at once.
        """
        self.moment += 1
        self._latest_bans().add(path_pattern, self.moment)
        return self.tidy(AT_ONCE)

    def forget_where(self, doomed: Doomed) -> int:
        """Forget the keys of whose path and query `doomed` is true; returns as `invalidate`."""
        self.moment += 1
        self._latest_bans().add_where(doomed, self.moment)
        return self.tidy(AT_ONCE)

    def outdates(self, shelf: Shelf) -> bool:
        """Whether an invalidation came after `shelf` was looked at last, and concerns it."""
        return any(bans.outdate(shelf.key[0], shelf.seen) for bans in self._bans)

    def tidy(self, limit: int) -> int:
        """Give back what counts no more, among `limit` keys; how many were invalidated."""
        for _ in range(limit if self._burying else 0):
            oldest = self._oldest()
            if oldest is None or oldest.era >= self.oldest_era:
                self._burying = False
                break
            self._remove(oldest)
        invalidated = 0
        for _ in range(min(limit, self._unswept)):
            self._unswept -= 1
            shelf = self._all[self._unswept]
            if not shelf.holds():
                invalidated += shelf.era >= self.oldest_era
                self._remove(shelf)
        if self._bans and not self._unswept:
            del self._bans[0]
            self._unswept = len(self._all) if self._bans else 0
        return invalidated

    def _latest_bans(self) -> Bans:
        """Those of the coming sweep; if none is under way, it begins now."""
        if not self._bans:
            self._unswept = len(self._all)
            self._bans.append(Bans())
        elif len(self._bans) == 1:
            self._bans.append(Bans())
        return self._bans[-1]

    def _shelf(self, key: CacheKey) -> Shelf | None:
        """The shelf of `key`, unless it counts no more; it is now the last to be evicted."""
        shelf = self._shelves.get(key)
        if shelf is None or shelf.holds():
            return shelf
        self._remove(shelf)
        return None

    def _oldest(self) -> Shelf | None:
        item = self._shelves.peek_last_item()
        return None if item is None else item[1]

    def _use(self, shelf: Shelf) -> None:
        if shelf.era != self._era:
            self._count(shelf, -shelf.size_bytes)
            shelf.era = self._era
            self._count(shelf, shelf.size_bytes)
            self._used += 1
            if self._used >= KEYS_OF_AN_ERA:
                self._begin_era()

    def _begin_era(self) -> None:
        self._used, self._era = 0, self._era + 1

    def _count(self, shelf: Shelf, more_bytes: int) -> None:
        """Add to what `shelf` takes, if it is counted at all."""
        if shelf.era >= self.oldest_era:
            self.size_bytes += more_bytes
            in_era = self._era_bytes.get(shelf.era, 0) + more_bytes
            if in_era:
                self._era_bytes[shelf.era] = in_era
            else:
                self._era_bytes.pop(shelf.era, None)

    def _weigh(self, shelf: Shelf) -> None:
        """Count anew what `shelf` takes, which is used now, and make room for it."""
        self._count(shelf, -shelf.size_bytes)
        shelf.size_bytes = sum(stored.size_bytes for stored in shelf.variants)
        over = self.size_bytes + shelf.size_bytes - self.capacity_bytes
        if over > 0 and (self._burying or over > AT_ONCE * ENTRY_BYTES):
            self._begin_era()  # so that no era before has to spare it
        self._count(shelf, shelf.size_bytes)
        self._use(shelf)
        if self._burying or self.size_bytes > self.capacity_bytes:
            self._make_room()

    def _make_room(self) -> None:
        for _ in range(AT_ONCE):
            oldest = self._oldest()
            self._burying = oldest is not None and oldest.era < self.oldest_era
            if oldest is None or not (self._burying or self.size_bytes > self.capacity_bytes):
                break
            self._remove(oldest)
        while self.size_bytes > self.capacity_bytes:
            era = min(self._era_bytes)
            self.size_bytes -= self._era_bytes.pop(era)
            self.oldest_era = era + 1
            self._era = max(self._era, self.oldest_era)
            self._burying = True

    def _remove(self, shelf: Shelf) -> None:
        for stored in shelf.variants:
            stored.place = None
        self._count(shelf, -shelf.size_bytes)
        self._shelves.pop(shelf.key, None)
        last = self._all.pop()
        if last is not shelf:
            self._all[shelf.index] = last
            last.index = shelf.index
        self._unswept = min(self._unswept, len(self._all))


def _cost_bytes(key: CacheKey, stored: StoredResponse) -> int:
    response = stored.response
    head = FIELD_BYTES * len(response.headers) + sum(map(len, chain(*response.headers)))
    return ENTRY_BYTES + sum(map(len, key)) + head + size_bytes(response.body)

"""Where a tier keeps its stored responses: least recently used out first.

However much it holds, nothing takes long. An invalidation is noted (`bans.py`) and what it
concerns counts no more; to make room for something large, the oldest eras stop counting
(`eras.py`). The memory of what counts no more is given back in slices, by the lookups and puts
that follow.
"""

from __future__ import annotations

from ..http.message import Response, size_bytes
from .backing import Backing
from .bans import Bans, Doomed
from .eras import Eras
from .freshness import StoredResponse
from .reuse import Variants
from .shelves import CacheKey, Shelf, Shelves
from .storing import NotStored

__all__ = ["CacheKey", "Store"]

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


class Store:
    """A byte budget of stored responses, one or several variants under each key."""

    def __init__(self, capacity_bytes: int = 256 * 1024 * 1024) -> None:
        self.capacity_bytes = capacity_bytes
        self.backing: Backing | None = None
        """Where more is than there is here, and what is here will be after a restart."""
        self.puts = 0
        """Responses that came in until now."""
        self.moment = 0
        """Invalidations until now."""
        self._eras = Eras()
        self._shelves = Shelves()
        self._unswept = 0
        """So many shelves, from the first, may not have been held against the bans."""
        self._bans: list[Bans] = []
        """Those that the present sweep is about, then those that came after it had begun."""
        self._burying = False

    def __len__(self) -> int:
        """Keys that take memory."""
        return len(self._shelves)

    def keys_by_use(self) -> list[CacheKey]:
        """All that take memory, the one that was used least recently first."""
        return [shelf.key for shelf in self._shelves.by_use()]

    @property
    def size_bytes(self) -> int:
        """What is held, without what was evicted; what was invalidated leaves it bit by bit."""
        return self._eras.size_bytes

    def find(self, key: CacheKey) -> Variants:
        """What is stored under `key`, which counts as used now."""
        if self._burying or self._unswept:
            self.tidy(IN_PASSING)
        shelf = self._shelves.get(key)
        if shelf is None:
            return () if self.backing is None else self._recalled(key, self.backing)
        if shelf.era != self._eras.now or shelf.seen != self.moment:
            if not self.holds(shelf):
                self._remove(shelf)
                return () if self.backing is None else self._recalled(key, self.backing)
            self._eras.use(shelf)
        return shelf.variants

    def refusal(self, response: Response) -> NotStored | None:
        """Why `response` cannot be kept here at all, whatever its fields allow."""
        if size_bytes(response.body) > self.capacity_bytes:
            return NotStored.TOO_LARGE
        kind = (response.headers.get("content-type") or "").partition(";")[0].strip().lower()
        return NotStored.ENDLESS if kind in ENDLESS_TYPES else None

    def put(self, key: CacheKey, stored: StoredResponse) -> None:
        """Keep `stored`, in place of the variant that the same request fields select."""
        replaced = self._place(key, stored)
        if self.backing is not None:
            for old in replaced:
                self.backing.drop(key, old)
            if isinstance(stored.response.body, bytes):
                self.backing.put(key, stored)
            else:
                self.backing.drop(key, stored)  # until its body is complete there is none

    def settle(self, key: CacheKey, stored: StoredResponse) -> None:
        """Count anew what `stored` costs, now that its body is complete. This is a use of it."""
        shelf = self._shelf(key)
        if shelf is not None and stored.place is shelf:
            stored.size_bytes = _cost_bytes(key, stored)
            self._weigh(shelf)
            if self.backing is not None:
                self.backing.put(key, stored)

    def drop(self, key: CacheKey, stored: StoredResponse) -> None:
        """Forget one variant, as when its body broke off."""
        shelf = self._shelf(key)
        if shelf is None or stored.place is not shelf:
            return
        if self.backing is not None:
            self.backing.drop(key, stored)
        stored.place = None
        shelf.variants = tuple(other for other in shelf.variants if other is not stored)
        if shelf.variants:
            self._weigh(shelf)
        else:
            self._remove(shelf)

    def forget(self, key: CacheKey) -> None:
        """Forget every variant under `key`."""
        if self.backing is not None:
            self.backing.forget(key)
        shelf = self._shelves.get(key)
        if shelf is not None:
            self._remove(shelf)

    def invalidate(self, path_pattern: str) -> int:
        """Forget what matches, or has this `#tag`, as a CloudFront invalidation does.

        One variant with the tag takes the others under its key with it. Returns how many keys
        that were: of a large store, those that came to light at once.
        """
        if self.backing is not None:
            self.backing.invalidate(path_pattern)
        self.moment += 1
        self._latest_bans().add(path_pattern, self.moment)
        return self.tidy(AT_ONCE)

    def forget_where(self, doomed: Doomed) -> int:
        """Forget the keys of whose path and query `doomed` is true; returns as `invalidate`."""
        if self.backing is not None:
            self.backing.forget_where(doomed)
        self.moment += 1
        self._latest_bans().add_where(doomed, self.moment)
        return self.tidy(AT_ONCE)

    def holds(self, shelf: Shelf) -> bool:
        """Whether `shelf` is neither evicted nor invalidated."""
        if not self._eras.counts(shelf):
            return False
        if shelf.seen != self.moment:
            url, tags = shelf.key[0], shelf.tags
            if any(bans.outdate(url, shelf.seen, tags) for bans in self._bans):
                return False
            shelf.seen = self.moment
        return True

    def tidy(self, limit: int) -> int:
        """Give back what counts no more, among `limit` keys; how many were invalidated."""
        for _ in range(limit if self._burying else 0):
            oldest = self._shelves.oldest()
            if oldest is None or self._eras.counts(oldest):
                self._burying = False
                break
            self._remove(oldest)
        invalidated = 0
        for _ in range(min(limit, self._unswept)):
            self._unswept -= 1
            shelf = self._shelves[self._unswept]
            if not self.holds(shelf):
                invalidated += self._eras.counts(shelf)
                self._remove(shelf)
        if self._bans and not self._unswept:
            del self._bans[0]
            self._unswept = len(self._shelves) if self._bans else 0
        return invalidated

    def _latest_bans(self) -> Bans:
        """Those of the coming sweep; if none is under way, it begins now."""
        if not self._bans:
            self._unswept = len(self._shelves)
            self._bans.append(Bans())
        elif len(self._bans) == 1:
            self._bans.append(Bans())
        return self._bans[-1]

    def _place(self, key: CacheKey, stored: StoredResponse) -> Variants:
        """Put `stored` on the shelf of `key`; what had to go from there for it."""
        self.puts += 1
        shelf = self._shelf(key)
        if shelf is None:
            shelf = Shelf(self, key)
            self._shelves.add(shelf)
        kept = [old for old in shelf.variants if old.selecting != stored.selecting]
        kept = kept[max(0, len(kept) + 1 - MAX_VARIANTS) :]
        replaced = tuple(old for old in shelf.variants if old not in kept)
        for old in replaced:
            old.place = None
        stored.response = stored.response.with_headers(stored.response.headers.shared())
        stored.size_bytes = _cost_bytes(key, stored)
        stored.place = shelf
        shelf.variants = (*kept, stored)
        self._weigh(shelf)
        return replaced

    def _recalled(self, key: CacheKey, backing: Backing) -> Variants:
        """What the backing has under `key`, here as well from now on."""
        for stored in backing.find(key):
            self._place(key, stored)
        shelf = self._shelves.get(key)
        return () if shelf is None or not self.holds(shelf) else shelf.variants

    def _shelf(self, key: CacheKey) -> Shelf | None:
        """The shelf of `key`, unless it counts no more; it is now the last to be evicted."""
        shelf = self._shelves.get(key)
        if shelf is None or self.holds(shelf):
            return shelf
        self._remove(shelf)
        return None

    def _weigh(self, shelf: Shelf) -> None:
        """Count anew what `shelf` takes, which is used now, and make room for it."""
        self._eras.add(shelf, -shelf.size_bytes)
        shelf.size_bytes = sum(stored.size_bytes for stored in shelf.variants)
        over = self.size_bytes + shelf.size_bytes - self.capacity_bytes
        if over > 0 and (self._burying or over > AT_ONCE * ENTRY_BYTES):
            self._eras.begin()  # so that no era before has to spare it
        self._eras.add(shelf, shelf.size_bytes)
        self._eras.use(shelf)
        if self._burying or self.size_bytes > self.capacity_bytes:
            self._make_room()

    def _make_room(self) -> None:
        for _ in range(AT_ONCE):
            oldest = self._shelves.oldest()
            self._burying = oldest is not None and not self._eras.counts(oldest)
            if oldest is None or not (self._burying or self.size_bytes > self.capacity_bytes):
                break
            self._remove(oldest)
        while self.size_bytes > self.capacity_bytes:
            self._eras.forget_oldest()
            self._burying = True

    def _remove(self, shelf: Shelf) -> None:
        for stored in shelf.variants:
            stored.place = None
        self._eras.add(shelf, -shelf.size_bytes)
        self._shelves.remove(shelf)
        self._unswept = min(self._unswept, len(self._shelves))


def _cost_bytes(key: CacheKey, stored: StoredResponse) -> int:
    response = stored.response
    head = sum([FIELD_BYTES + len(name) + len(value) for name, value in response.headers])
    return ENTRY_BYTES + sum(map(len, key)) + head + size_bytes(response.body)

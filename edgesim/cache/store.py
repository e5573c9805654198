"""Where a tier keeps its stored responses: least recently used out first."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from lru import LRU

from ..http.message import Response, size_bytes
from .freshness import StoredResponse
from .reuse import Variants
from .storing import NotStored

CacheKey = tuple[str, ...]
"""What a stored response is found by. The first member is the path and query it was asked by,
which is also what an invalidation's patterns are held against."""

ENTRY_BYTES = 1024
"""What an entry costs besides its key, head and body: objects, dictionary slots."""

MAX_VARIANTS = 64
"""Variants of one key, so that a `Vary: User-Agent` cannot fill a store by itself."""

ENDLESS_TYPES = frozenset({"text/event-stream", "multipart/x-mixed-replace"})
"""Bodies that go on for as long as somebody listens."""

_UNLIMITED = 2**31 - 1


class Store:
    """A byte budget of stored responses, one or several variants under each key."""

    def __init__(self, capacity_bytes: int = 256 * 1024 * 1024) -> None:
        self.capacity_bytes = capacity_bytes
        self.size_bytes = 0
        self._variants: LRU[CacheKey, Variants] = LRU(_UNLIMITED)

    def __len__(self) -> int:
        return len(self._variants)

    def find(self, key: CacheKey) -> Variants:
        """What is stored under `key`, which counts as used now."""
        return self._variants.get(key, ())

    def refusal(self, response: Response) -> NotStored | None:
        """Why `response` cannot be kept here at all, whatever its fields allow."""
        if size_bytes(response.body) > self.capacity_bytes:
            return NotStored.TOO_LARGE
        kind = (response.headers.get("content-type") or "").partition(";")[0].strip().lower()
        return NotStored.ENDLESS if kind in ENDLESS_TYPES else None

    def put(self, key: CacheKey, stored: StoredResponse) -> None:
        """Keep `stored`, in place of the variant that the same request fields select."""
        kept = []
        for old in self._variants.get(key, ()):
            if old.selecting == stored.selecting:
                self._forget(old)
            else:
                kept.append(old)
        surplus = max(0, len(kept) + 1 - MAX_VARIANTS)
        for old in kept[:surplus]:
            self._forget(old)
        kept = kept[surplus:]
        stored.size_bytes = _cost_bytes(key, stored)
        self.size_bytes += stored.size_bytes
        self._variants[key] = (*kept, stored)
        self._make_room()

    def settle(self, key: CacheKey, stored: StoredResponse) -> None:
        """Count anew what `stored` costs, now that its body is complete."""
        if stored.live:
            cost = _cost_bytes(key, stored)
            self.size_bytes += cost - stored.size_bytes
            stored.size_bytes = cost
            self._make_room()

    def drop(self, key: CacheKey, stored: StoredResponse) -> None:
        """Forget one variant, as when its body broke off."""
        if stored.live:
            self._forget(stored)
            rest = tuple(other for other in self.find(key) if other is not stored)
            if rest:
                self._variants[key] = rest
            else:
                del self._variants[key]

    def forget(self, key: CacheKey) -> None:
        """Forget every variant under `key`."""
        for stored in self._variants.pop(key, ()):
            self._forget(stored)

    def invalidate(self, path_pattern: str) -> int:
        """Forget what matches, as a CloudFront invalidation does; returns how many keys."""
        return self.forget_where(invalidation_pattern(path_pattern).fullmatch)

    def forget_where(self, doomed: Callable[[str], object]) -> int:
        """Forget the keys of whose path and query `doomed` is true; returns how many."""
        keys = [key for key in self._variants.keys() if doomed(key[0])]  # noqa: SIM118
        for key in keys:
            self.forget(key)
        return len(keys)

    def _make_room(self) -> None:
        while self.size_bytes > self.capacity_bytes and len(self._variants):
            _, variants = self._variants.popitem()
            for stored in variants:
                self._forget(stored)

    def _forget(self, stored: StoredResponse) -> None:
        stored.live = False
        self.size_bytes -= stored.size_bytes


def _cost_bytes(key: CacheKey, stored: StoredResponse) -> int:
    head = sum(len(name) + len(value) for name, value in stored.response.headers)
    return ENTRY_BYTES + sum(map(len, key)) + head + size_bytes(stored.response.body)


@lru_cache(maxsize=64)
def invalidation_pattern(path_pattern: str) -> re.Pattern[str]:
    """`*` stands for any characters, but only at the end (CloudFront: "Invalidate files")."""
    exact = re.escape(path_pattern.removesuffix("*"))
    return re.compile(exact + (".*" if path_pattern.endswith("*") else ""), re.DOTALL)

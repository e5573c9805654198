"""What may lie behind a store's memory, larger than it and slower: a directory, say."""

from __future__ import annotations

from typing import Protocol

from .bans import Doomed
from .freshness import StoredResponse
from .reuse import Variants
from .shelves import CacheKey


class Backing(Protocol):
    """Learns of every change of a store but evictions, at once and in order.

    So it may still have what was evicted, but never what was replaced, dropped, forgotten or
    invalidated.
    """

    def find(self, key: CacheKey) -> Variants:
        """What is kept there under `key`, oldest first, as it was put."""
        ...

    def put(self, key: CacheKey, stored: StoredResponse) -> None:
        """Keep `stored`, whose body is complete, in place of the variant for the same fields."""
        ...

    def drop(self, key: CacheKey, stored: StoredResponse) -> None:
        """Forget the variant that the same request fields select as `stored`."""
        ...

    def forget(self, key: CacheKey) -> None:
        """Forget every variant under `key`."""
        ...

    def invalidate(self, path_pattern: str) -> None:
        """Forget what matches, or has this `#tag`."""
        ...

    def forget_where(self, doomed: Doomed) -> None:
        """Forget the keys of whose path and query `doomed` is true; it may be asked in a thread."""
        ...

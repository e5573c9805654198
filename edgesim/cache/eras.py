"""What a store holds, by when it was used: an era is the use of some thousand keys.

To make room for something large, the oldest eras stop counting, all at once and at no cost.
"""

from __future__ import annotations

from .shelves import Shelf

KEYS_OF_AN_ERA = 1024


class Eras:
    """The bytes of each era, and which eras count."""

    def __init__(self) -> None:
        self.size_bytes = 0
        """Of all eras that count."""
        self.oldest = 0
        """The first that counts."""
        self.now = 0
        self._used = 0
        self.bytes_in: dict[int, int] = {}

    def counts(self, shelf: Shelf) -> bool:
        """Whether it is not evicted."""
        return shelf.era >= self.oldest

    def use(self, shelf: Shelf) -> None:
        """Note that `shelf` is used now."""
        if shelf.era != self.now:
            self.add(shelf, -shelf.size_bytes)
            shelf.era = self.now
            self.add(shelf, shelf.size_bytes)
            self._used += 1
            if self._used >= KEYS_OF_AN_ERA:
                self.begin()

    def begin(self) -> None:
        """Let a new era begin."""
        self._used, self.now = 0, self.now + 1

    def add(self, shelf: Shelf, more_bytes: int) -> None:
        """Add to what `shelf` takes, if it is counted at all."""
        if self.counts(shelf):
            self.size_bytes += more_bytes
            in_era = self.bytes_in.get(shelf.era, 0) + more_bytes
            if in_era:
                self.bytes_in[shelf.era] = in_era
            else:
                self.bytes_in.pop(shelf.era, None)

    def forget_oldest(self) -> None:
        """Stop counting the oldest era in which there is anything."""
        era = min(self.bytes_in)
        self.size_bytes -= self.bytes_in.pop(era)
        self.oldest = era + 1
        self.now = max(self.now, self.oldest)

"""Under which URLs things are stored that viewers asked for by others."""

from __future__ import annotations

from lru import LRU

from .bans import invalidation_pattern

REMEMBERED = 8192
"""Pairs of URLs; those used least recently are forgotten."""


class Rewritten:
    """What functions made of the URLs of requests, so that an invalidation may name either."""

    def __init__(self) -> None:
        self._pairs: LRU[tuple[str, str], None] = LRU(REMEMBERED)

    def note(self, asked: str, stored: str) -> None:
        """Somebody asked for `asked` and is answered by what is stored under `stored`."""
        self._pairs[asked, stored] = None

    def behind(self, path_pattern: str) -> set[str]:
        """The URLs, not matching themselves, that stand for one that matches."""
        return {stored for _, stored in self.concerning(path_pattern)}

    def concerning(self, path_pattern: str) -> frozenset[tuple[str, str]]:
        """The pairs of one that matches and one, not matching itself, that stands for it."""
        matches, pairs = invalidation_pattern(path_pattern).fullmatch, self._pairs.keys()
        return frozenset(pair for pair in pairs if matches(pair[0]) and not matches(pair[1]))

"""What was invalidated since, so that an invalidation need not look at everything at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

TAG = "#"
"""What an invalidation of a cache tag begins with, instead of a slash."""

Doomed = Callable[[str], object]
"""Whether what was asked for by this path and query is to be forgotten."""


@lru_cache(maxsize=64)
def invalidation_pattern(path_pattern: str) -> re.Pattern[str]:
    """`*` stands for any characters, but only at the end (CloudFront: "Invalidate files")."""
    exact = re.escape(path_pattern.removesuffix("*"))
    return re.compile(exact + (".*" if path_pattern.endswith("*") else ""), re.DOTALL)


class Bans:
    """Invalidations with the moments they came at, counted 1, 2, 3.

    Asking takes the same time however many paths there are: what ends in a star is looked up
    by the beginning of the URL, once for each length there is.
    """

    def __init__(self) -> None:
        self._exact: dict[str, int] = {}
        """Paths, and tags behind their `#`."""
        self._beginnings: dict[int, dict[str, int]] = {}
        self._others: list[tuple[Doomed, int]] = []

    def add(self, path_pattern: str, moment: int) -> None:
        if path_pattern.endswith("*"):
            beginning = path_pattern[:-1]
            self._beginnings.setdefault(len(beginning), {})[beginning] = moment
        else:
            self._exact[path_pattern] = moment

    def add_where(self, doomed: Doomed, moment: int) -> None:
        self._others.append((doomed, moment))

    def outdate(self, url: str, since: int, tags: Iterable[str] = ()) -> bool:
        """Whether one of them that came after the moment `since` concerns `url`, or a tag."""
        if self._exact.get(url, 0) > since:
            return True
        if any(self._exact.get(TAG + tag, 0) > since for tag in tags):
            return True
        for length, moments in self._beginnings.items():
            if moments.get(url[:length], 0) > since:
                return True
        return any(moment > since and doomed(url) for doomed, moment in self._others)

"""Header fields: ordered, case-insensitive, immutable (RFC 9110 §5)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache


class Headers:
    """Field lines in the order they came, looked up without regard to case."""

    __slots__ = ("_by_name", "_lines")

    def __init__(self, lines: Iterable[tuple[str, str]] = ()) -> None:
        self._lines = tuple(lines)
        # a list only where a name has several lines: most have one, and it is kept per response
        self._by_name: dict[str, str | list[str]] | None = None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, name: object) -> bool:
        return name in self._index()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._lines == other._lines

    def __hash__(self) -> int:
        return hash(self._lines)

    def __repr__(self) -> str:
        return f"Headers({list(self._lines)!r})"

    def _index(self) -> dict[str, str | list[str]]:
        by_name = self._by_name
        if by_name is None:
            by_name = {}
            for name, value in self._lines:
                lower = _lower(name)
                earlier = by_name.get(lower)
                if earlier is None:
                    by_name[lower] = value
                elif isinstance(earlier, str):
                    by_name[lower] = [earlier, value]
                else:
                    earlier.append(value)
            self._by_name = by_name
        return by_name

    def get(self, name: str) -> str | None:
        """All values of `name` (lower case) as one list value, or None (RFC 9110 §5.3)."""
        values = self._index().get(name)
        return ", ".join(values) if isinstance(values, list) else values

    def all(self, name: str) -> list[str]:
        """The value of each field line called `name` (lower case)."""
        values = self._index().get(name, [])
        return [values] if isinstance(values, str) else list(values)

    def has_any(self, names: Iterable[str]) -> bool:
        """Whether there is a field with one of `names` (lower case)."""
        return not self._index().keys().isdisjoint(names)

    def names(self) -> set[str]:
        """The field names, lower case."""
        return set(self._index())

    def with_(self, name: str, value: str) -> Headers:
        """A copy in which `value` is the only one of `name`, in the place of the first."""
        wanted, index = name.lower(), self._by_name
        if index is not None and wanted not in index:
            copy = self.plus((name, value))
        else:
            copy = Headers(self._with(wanted, (name, value)))
        if index is not None:
            copy._by_name = {**index, wanted: value}
        return copy

    def _with(self, wanted: str, only: tuple[str, str]) -> list[tuple[str, str]]:
        lines, placed = [], False
        for line in self._lines:
            if line[0].lower() != wanted:
                lines.append(line)
            elif not placed:
                lines.append(only)
                placed = True
        return lines if placed else [*lines, only]

    def shared(self) -> Headers:
        """Equal fields that take less memory, where many responses have the same ones."""
        if len(_LINES) > MAX_SHARED_LINES:
            _LINES.clear()  # those that many have are soon back, those of one response are gone
        lines = []
        for line in self._lines:
            known = _LINES.get(line)
            if known is None:
                known = _LINES[line] = (sys.intern(line[0]), line[1])
            lines.append(known)
        return Headers(lines)

    def plus(self, *lines: tuple[str, str]) -> Headers:
        """A copy with `lines` added at the end."""
        return Headers((*self._lines, *lines))

    def without(self, *names: str) -> Headers:
        """A copy that lacks `names` (lower case); itself if it has none of them."""
        if not self.has_any(names):
            return self
        return Headers([line for line in self._lines if _lower(line[0]) not in names])

    def only(self, names: Iterable[str]) -> Headers:
        """A copy that has no field but those in `names` (lower case)."""
        wanted = set(names)
        return Headers([line for line in self._lines if _lower(line[0]) in wanted])


@lru_cache(maxsize=1024)
def _lower(name: str) -> str:
    """One string for each name, however many responses have it."""
    return sys.intern(name.lower())


MAX_SHARED_LINES = 4096
_LINES: dict[tuple[str, str], tuple[str, str]] = {}
"""Lines that were seen lately, so that equal ones are one object."""

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Fields that concern one connection only (RFC 9110 §7.6.1, with Proxy-* as CloudFront has it)."""


def end_to_end(headers: Headers) -> Headers:
    """`headers` without those meant for one connection, named ones included (RFC 9110 §7.6.1)."""
    listed = headers.get("connection")
    if listed is None:
        return headers.without(*HOP_BY_HOP)
    named = {name.strip().lower() for name in listed.split(",")}
    return headers.without(*HOP_BY_HOP, *named)

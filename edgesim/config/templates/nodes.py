"""A template as nodes: every value knows where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..positions import KeyPath

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value: `value` is a scalar, a tuple of nodes, or a mapping of nodes."""

    value: Any
    line: int = 0
    """Where its key stands, or it itself in a list; 0 where there is no line."""
    path: KeyPath = ()
    text: str = ""
    """A scalar as it is written: an account's leading zeros are no octal number."""

    @property
    def fields(self) -> Mapping[str, Node]:
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def members(self) -> tuple[Node, ...]:
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def is_scalar(self) -> bool:
        return not isinstance(self.value, Mapping | tuple)

    def get(self, *keys: str) -> Node | None:
        """What `keys` lead to; None if one of them is missing."""
        found: Node | None = self
        for key in keys:
            found = found.fields.get(key) if found is not None else None
        return found

    def text_at(self, *keys: str) -> str:
        """The text that `keys` lead to; empty without one."""
        found = self.get(*keys)
        return found.text if found is not None else ""

    def here(self, value: Any) -> Node:
        """Another value at the same place."""
        return located(value, self.line, self.path)

    def of(self, fields: Mapping[str, Node]) -> Node:
        """A mapping at the same place."""
        return Node(fields, self.line, self.path)

    def at(self, other: Node) -> Node:
        """The same value, standing where `other` does."""
        return replace(self, line=other.line, path=other.path)

    def plain(self) -> Any:
        """As ordinary data."""
        if isinstance(self.value, Mapping):
            return {key: one.plain() for key, one in self.value.items()}
        if isinstance(self.value, tuple):
            return [one.plain() for one in self.value]
        return self.value

    def leaves(self) -> Iterator[Node]:
        """Every scalar and every empty collection in it."""
        inside = tuple(self.fields.values()) or self.members
        if not inside:
            yield self
        for one in inside:
            yield from one.leaves()


def located(value: Any, line: int = 0, path: KeyPath = ()) -> Node:
    """Ordinary data as nodes that all stand on one line; nodes in it keep their own."""
    if isinstance(value, Node):
        return value
    if isinstance(value, Mapping):
        inside = {str(key): located(one, line, (*path, str(key))) for key, one in value.items()}
        return Node(inside, line, path)
    if isinstance(value, list | tuple):
        members = (located(one, line, (*path, index)) for index, one in enumerate(value))
        return Node(tuple(members), line, path)
    return Node(value, line, path, _text(value))


def _text(value: Scalar) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)

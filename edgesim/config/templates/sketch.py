"""A draft under way: what edgesim.toml would say, and where the template says it."""

from __future__ import annotations

from typing import Any

from ..positions import KeyPath, dotted
from .nodes import Node


class Sketch:
    """Keys of a `Draft` with the nodes that they came from."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self._places: dict[KeyPath, Node] = {}

    def put(self, path: KeyPath, value: object, node: Node) -> None:
        """Set the key at `path`; the tables and lists around it come by themselves."""
        here: Any = self.data
        for depth, part in enumerate(path[:-1]):
            fresh: Any = [] if isinstance(path[depth + 1], int) else {}
            here = _entered(here, part, fresh)
        if isinstance(here, list):
            here.append(value)
        else:
            here[path[-1]] = value
        self.place(path, node)

    def place(self, path: KeyPath, node: Node) -> None:
        """Note where `path` comes from, without a value of its own."""
        self._places.setdefault(path, node)

    def line(self, path: KeyPath) -> int | None:
        node = self._nearest(path)
        return node.line or None if node is not None else None

    def said(self, path: KeyPath) -> str:
        node = self._nearest(path)
        return dotted(node.path if node is not None else path)

    def _nearest(self, path: KeyPath) -> Node | None:
        for length in range(len(path), 0, -1):
            if path[:length] in self._places:
                return self._places[path[:length]]
        return None


def _entered(here: Any, part: str | int, fresh: Any) -> Any:
    if isinstance(here, list):
        if part == len(here):
            here.append(fresh)
        return here[int(part)]
    return here.setdefault(part, fresh)

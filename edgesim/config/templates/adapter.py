"""What the adapters of one template share: the stack, the sketch of a draft, the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ..positions import KeyPath
from .nodes import Node
from .other_properties import RESOURCES
from .report import Report
from .sketch import Sketch
from .stack import Resource, Stack

T = TypeVar("T")

TRUE, FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


@dataclass(frozen=True, slots=True)
class Adapter:
    stack: Stack
    report: Report
    folder: Path
    """What paths in the template are relative to."""
    sketch: Sketch = field(default_factory=Sketch)
    told: set[str] = field(default_factory=set)
    """Logical ids of resources whose properties are in the report."""

    def put(self, path: KeyPath, value: object, node: Node) -> None:
        self.sketch.put(path, value, node)

    def tell(self, resource: Resource) -> bool:
        """Report on a resource besides the distribution; whether this is the first time."""
        if resource.id in self.told:
            return False
        self.told.add(resource.id)
        self.report.tell(RESOURCES[resource.kind], resource.properties)
        return True

    def put_text(self, path: KeyPath, node: Node | None) -> None:
        if (text := self.text(node)) is not None and node is not None:
            self.put(path, text, node)

    def put_whole(self, path: KeyPath, node: Node | None) -> None:
        if (number := self.whole(node)) is not None and node is not None:
            self.put(path, number, node)

    def put_flag(self, path: KeyPath, node: Node | None) -> None:
        if (flag := self.flag(node)) is not None and node is not None:
            self.put(path, flag, node)

    def put_texts(self, path: KeyPath, node: Node | None) -> None:
        if node is not None:
            self.put(path, self.texts(node), node)

    def text(self, node: Node | None) -> str | None:
        """A text that is there and not empty: CloudFormation takes both for left out."""
        if node is None or node.value is None:
            return None
        if not node.is_scalar:
            self.report.refuse(node, "a text is needed here", "one value, no list and no mapping")
            return None
        return node.text or None

    def members(self, node: Node | None) -> tuple[Node, ...]:
        """Of a list; anything else that is there is refused."""
        if node is None or node.value is None:
            return ()
        if not isinstance(node.value, tuple):
            self.report.refuse(node, "a list is needed here", "each member on a line of its own")
        return node.members

    def texts(self, node: Node | None) -> list[str]:
        return [text for one in self.members(node) if (text := self.text(one)) is not None]

    def whole(self, node: Node | None) -> int | None:
        return self._read(node, _whole, "a whole number", "60")

    def number(self, node: Node | None) -> float | None:
        return self._read(node, float, "a number", "0.5")

    def flag(self, node: Node | None) -> bool | None:
        return self._read(node, _flag, "true or false", "true")

    def _read(
        self, node: Node | None, kind: Callable[[str], T], wanted: str, such_as: str
    ) -> T | None:
        text = self.text(node)
        if text is None or node is None:
            return None
        try:
            return kind(text)
        except ValueError:
            what = f"{text!r} stands where {wanted} is needed"
            self.report.refuse(node, what, f"{node.path[-1]}: {such_as}, say")
            return None

    def needed(self, node: Node, *names: str) -> bool:
        """Whether `node` has all of these properties, which CloudFormation wants of it."""
        misspelt = self.report.misspelt
        missing = [
            name for name in names if name not in node.fields and (*node.path, name) not in misspelt
        ]
        if missing:
            hint = "CloudFormation does not deploy it otherwise"
            self.report.refuse(node, f"{' and '.join(missing)} must be given", hint)
        return all(name in node.fields for name in names)


def _whole(text: str) -> int:
    number = float(text)  # serialised as 86400.0 by some tools
    if not number.is_integer():
        raise ValueError(text)
    return int(number)


def _flag(text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise ValueError(text)

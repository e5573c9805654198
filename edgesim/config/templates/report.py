"""What was understood, ignored and refused, property by property. Nothing goes unmentioned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ...errors import ConfigError, ConfigErrors, did_you_mean, suggestion
from ..deployment import Note, NoteKind
from ..positions import KeyPath
from .nodes import Node
from .stack import where


class Status(StrEnum):
    UNDERSTOOD = (
        "understood"  # it changes the deployment, is checked, or has no effect on AWS either
    )
    IGNORED = "ignored"  # nothing that viewers could tell depends on it here
    REFUSED = "refused"  # it bears on access, functions or answers, and edgesim has it not


@dataclass(frozen=True, slots=True)
class Property:
    """What edgesim does with a property of a resource, and why it does not more."""

    status: Status = Status.UNDERSTOOD
    why: str = ""
    harmless: frozenset[str] = frozenset()
    """Values, besides those that switch it off, at which nothing need be refused."""
    or_text: bool = False
    """Whether a text may stand in place of what is below it."""
    rule: str = ""
    """The id of the rule for edge functions that refuses it."""


Table = Mapping[str, Property]
"""By path below Properties, lists as `[]`: `DistributionConfig.Origins[].Id`."""

OFF = frozenset({"", "0", "false", "none"})
"""Scalars that leave what they switch as it is without them."""


@dataclass(frozen=True, slots=True)
class Report:
    """Notes and mistakes of one template."""

    name: str
    without: frozenset[str] = frozenset()
    notes: list[tuple[int, Note]] = field(default_factory=list)
    mistakes: list[tuple[int, ConfigError]] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    misspelt: set[KeyPath] = field(default_factory=set)
    """Properties that are there under a name which was told already."""

    def note(self, kind: NoteKind, node: Node, text: str) -> None:
        self.notes.append((node.line, Note(kind, where(self.name, node), text)))

    def refuse(self, node: Node, what: str, hint: str = "", rule: str = "") -> None:
        error = ConfigError(what, where=where(self.name, node), hint=hint, rule=rule)
        self.mistakes.append((node.line, error))

    def unknown(self, node: Node, kind: str, name: str, known: Iterable[str]) -> None:
        error = ConfigError.unknown(kind, name, known, where(self.name, node))
        self.mistakes.append((node.line, error))

    def leaves_out(self, node: Node, why: str, rule: str = "") -> bool:
        """Whether somebody asked to go on without this property, which is refused otherwise."""
        name = str(node.path[-1]) if node.path else ""
        if name in self.without:
            self.left_out.add(name)
            self.note(NoteKind.IGNORED, node, f"left out as you asked: {why}")
            return True
        hint = f"take it out, or go on without it: --without {name}"
        self.refuse(node, f"edgesim has no {name}: {why}", hint, rule)
        return False

    def tell(self, table: Table, properties: Node) -> None:
        """Look everything in `properties` up in `table`, and note or refuse it."""
        for name, node in properties.fields.items():
            self._tell(table, name, node)

    def _tell(self, table: Table, path: str, node: Node) -> None:
        row = table.get(path)
        if row is None:
            self._unknown(table, path, node)
        elif row.status is Status.IGNORED:
            self.note(NoteKind.IGNORED, node, row.why)
        elif (shape := _shape_needed(table, path, node)) is not None:
            self.refuse(node, f"{shape} is needed here", "see the property's own page")
        elif row.status is Status.REFUSED and not is_off(node, row.harmless):
            self.leaves_out(node, row.why, row.rule)
        elif node.fields:
            for name, inside in node.fields.items():
                self._tell(table, f"{path}.{name}", inside)
        elif any(one.fields for one in node.members):
            for member in node.members:
                for name, inside in member.fields.items():
                    self._tell(table, f"{path}[].{name}", inside)
        else:
            self.note(NoteKind.UNDERSTOOD, node, _shown(node, row.why))

    def _unknown(self, table: Table, path: str, node: Node) -> None:
        inside, _, name = path.rpartition(".")
        known = [other.rpartition(".")[2] for other in table if other.rpartition(".")[0] == inside]
        hint = suggestion(name, known)
        close = {(*node.path[:-1], one) for one in known if hint == did_you_mean(one)}
        self.misspelt.update(close)
        self.refuse(node, f"there is no property {name!r} here", hint)

    def raise_mistakes(self) -> None:
        """Raises `ConfigErrors` with all of them, in the order of the template's lines."""
        if self.mistakes:
            in_order = sorted(self.mistakes, key=lambda found: found[0])
            raise ConfigErrors([mistake for _, mistake in in_order])

    def in_order(self) -> list[Note]:
        return [note for _, note in sorted(self.notes, key=lambda found: found[0])]


def _shape_needed(table: Table, path: str, node: Node) -> str | None:
    """What has to stand at `path` instead; a wrong shape must not look like nothing."""
    row = table[path]
    if node.value is None or row.status is Status.REFUSED or (row.or_text and node.is_scalar):
        return None
    if any(other.startswith(f"{path}[]") for other in table):
        return None if isinstance(node.value, tuple) else "a list"
    if any(other.startswith(f"{path}.") for other in table):
        return None if isinstance(node.value, Mapping) else "a mapping"
    return None if not node.fields else "no mapping but a value or a list"


def is_off(node: Node, harmless: frozenset[str] = frozenset()) -> bool:
    """Whether a property has the values that mean it is not used."""
    enabled = node.get("Enabled")
    leaves = [enabled] if enabled is not None else list(node.leaves())
    return all(one.text.lower() in OFF | harmless for one in leaves)


def _shown(node: Node, why: str) -> str:
    """A value in one line of bearable length, and why nothing comes of it where that is so."""
    text = ", ".join(one.text for one in node.members) or " ".join(node.text.split())
    text = text if node.members or len(text) <= 60 else f"{text[:57]}..."
    return f"{text} ({why})" if why else text

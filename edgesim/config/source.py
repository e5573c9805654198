"""Where a configuration came from, and the mistakes found in it so far."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR
from typing import Literal, Protocol

from ..cloudfront.rule_book import Rule
from ..cloudfront.strictness import Strictness
from ..errors import ConfigError, ConfigErrors
from .deployment import Note, NoteKind
from .positions import KeyPath, Positions


class Places(Protocol):
    """Where the keys of a draft stand in what it was made from."""

    def line(self, path: KeyPath) -> int | None: ...
    def said(self, path: KeyPath) -> str: ...


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a command line that says as much, and what paths in it are relative to."""

    name: str
    folder: Path
    positions: Places = field(default_factory=Positions)

    def where(self, *path: str | int) -> str:
        """`edgesim.toml:12: behaviors[2].origin`."""
        line = self.positions.line(path)
        place = self.name if line is None else f"{self.name}:{line}"
        return f"{place}: {self.positions.said(path)}" if path else place

    def path(self, text: str) -> Path:
        """`text` as a path, relative to the file that says it."""
        path = Path(text.replace("\0", "\N{REPLACEMENT CHARACTER}"))  # no system takes a NUL
        with suppress(RuntimeError):  # `~nobody` is a name like any other
            path = path.expanduser()
        return (self.folder / path).resolve()


@dataclass(frozen=True, slots=True)
class Findings:
    """What resolving comes across: mistakes, so that one run shows them all, and notes."""

    source: Source
    mistakes: list[tuple[int, ConfigError]] = field(default_factory=list)
    """Each with its line, 0 where there is none."""
    notes: list[Note] = field(default_factory=list)
    strictness: Strictness = Strictness.SAFE

    def refuse(self, path: KeyPath, what: str, hint: str = "", rule: str = "") -> None:
        self._add(path, ConfigError(what, where=self.source.where(*path), hint=hint, rule=rule))

    def unknown(self, path: KeyPath, kind: str, name: str, known: Iterable[str]) -> None:
        self._add(path, ConfigError.unknown(kind, name, known, self.source.where(*path)))

    def weigh(self, path: KeyPath, rule: Rule, what: str) -> None:
        """`what` is against `rule`: a mistake, or something to be warned of."""
        if rule.refuses(self.strictness):
            self.refuse(path, what, rule.fix, rule.id)
        else:
            self.note(NoteKind.WARNING, path, f"{what}; {rule.fix} [{rule.id}]")

    def _add(self, path: KeyPath, mistake: ConfigError) -> None:
        self.mistakes.append((self.source.positions.line(path) or 0, mistake))

    def note(self, kind: NoteKind, path: KeyPath, text: str) -> None:
        self.notes.append(Note(kind, self.source.where(*path), text))

    def raise_mistakes(self) -> None:
        """Raises `ConfigErrors` with every mistake, in the order of the file's lines."""
        if self.mistakes:
            in_order = sorted(self.mistakes, key=lambda found: found[0])
            raise ConfigErrors([mistake for _, mistake in in_order])


def kind_of(path: Path) -> Literal["file", "folder", "nothing"]:
    """What is at `path`; nothing too where that cannot be found out."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return "nothing"
    return "folder" if S_ISDIR(mode) else "file"

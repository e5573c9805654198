"""What a configuration says besides its mistakes: how much of each kind, and what matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from ..config.deployment import Note, NoteKind

PLACES = 3
"""How many places are named of what is ignored for one reason."""


def tell(console: Console, notes: Sequence[Note], advice: Iterable[Note], *, verbose: bool) -> None:
    """Counts, then what is ignored, reason by reason, and warnings; the rest with `verbose`."""
    if notes:
        console.print(Text(_counted(notes, verbose=verbose)))
    if verbose:
        for note in notes:
            _line(console, note.kind, f"{note.where}: {note.text}")
    else:
        _grouped(console, [note for note in notes if note.kind is NoteKind.IGNORED])
        for note in notes:
            if note.kind is NoteKind.WARNING:
                _line(console, note.kind, f"{note.where}: {note.text}")
    for note in advice:
        _line(console, note.kind, f"{note.where}: {note.text}")


def _counted(notes: Sequence[Note], *, verbose: bool) -> str:
    counts = Counter(note.kind for note in notes)
    said = ", ".join(
        f"{counts[kind]:,} {_of(kind, counts[kind])}" for kind in NoteKind if counts[kind]
    )
    hidden = counts[NoteKind.UNDERSTOOD] and not verbose
    return f"{said}{' (--verbose shows all)' if hidden else ''}"


def _of(kind: NoteKind, count: int) -> str:
    return "warnings" if kind is NoteKind.WARNING and count > 1 else kind.value


def _grouped(console: Console, notes: Iterable[Note]) -> None:
    """What is ignored for the same reason in one line."""
    reasons: dict[str, list[str]] = {}
    for note in notes:
        reasons.setdefault(note.text, []).append(note.where)
    for text, places in reasons.items():
        more = f" and {len(places) - PLACES} more" if len(places) > PLACES else ""
        _line(console, NoteKind.IGNORED, f"{', '.join(places[:PLACES])}{more}: {text}")


def _line(console: Console, kind: NoteKind, text: str) -> None:
    style = "yellow" if kind is NoteKind.WARNING else "dim"
    console.print(Text.assemble((f"{kind}: ", style), text))

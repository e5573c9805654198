"""What a configuration comes to: every name resolved, nothing left to look up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..cloudfront.distribution import Distribution, Function, Origin


class NoteKind(StrEnum):
    """What `edgesim check` tells besides mistakes."""

    UNDERSTOOD = "understood"
    IGNORED = "ignored"  # a key that CloudFront has and edgesim does nothing with, as yet
    WARNING = "warning"  # allowed, and probably not what was meant


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth saying about a configuration that is no mistake."""

    kind: NoteKind
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """A distribution ready to be served, and what to watch for changes."""

    distribution: Distribution
    functions: tuple[Function, ...]
    """Those that are associated with a trigger of some behavior."""
    source: str
    """The file's name, or `--origin URL`."""
    watched: tuple[Path, ...] = ()
    """The file itself and the code of every function."""
    notes: tuple[Note, ...] = ()
    elsewhere: tuple[str, ...] = ()
    """Origins that a template places on AWS; where they are on this machine nobody has said."""

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Every origin that some behavior uses, once."""
        behaviors = self.distribution.behaviors
        return tuple({o.name: o for one in behaviors for o in one.origins}.values())

    def function(self, name: str) -> Function | None:
        return next((one for one in self.functions if one.name == name), None)

"""What a configuration comes to: every name resolved, nothing left to look up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..cloudfront.continuous_deployment import ContinuousDeployment
from ..cloudfront.distribution import Distribution
from ..cloudfront.function import Function
from ..cloudfront.origin import Origin
from ..http.message import ViewerPlace


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
class Geo:
    """How viewers' addresses become places."""

    databases: tuple[str, ...] = ()
    """Files in MaxMind's format; a later one says what an earlier one did not."""
    default: ViewerPlace | None = None
    """Of viewers that no database knows, such as those of this machine."""


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
    geo: Geo = Geo()
    continuous_deployment: ContinuousDeployment | None = None
    staging: Callable[[], Deployment] | None = field(default=None, compare=False)
    """Reads the staging distribution of `continuous_deployment`. Raises `ConfigError`."""
    beside: tuple[Callable[[], Deployment], ...] = field(default=(), compare=False)
    """Each reads another tenant of the same multi-tenant distribution. Raises `ConfigError`."""
    elsewhere: tuple[str, ...] = ()
    """Origins that a template places on AWS; where they are on this machine nobody has said."""

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Every origin that some behavior uses, once."""
        behaviors = self.distribution.behaviors
        return tuple({o.name: o for one in behaviors for o in one.origins}.values())

    def function(self, name: str) -> Function | None:
        return next((one for one in self.functions if one.name == name), None)

"""What a command line or a test's marker says besides the template itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Given:
    parameters: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    """What `Fn::ImportValue` gives, by export name."""
    functions: Mapping[str, str] = field(default_factory=dict)
    """Where code is that the template does not say, or says otherwise: by logical id or name."""
    without: frozenset[str] = frozenset()
    """Properties that edgesim refuses and that are to be left out, by their last name."""
    distribution: str = ""
    """The logical id of the distribution; may be empty where there is one only."""

"""What becomes of a function that does what AWS says nothing about."""

from __future__ import annotations

from enum import StrEnum

from ..errors import ConfigError, suggestion


class Strictness(StrEnum):
    """How the rules are read on which AWS is silent; the others hold in any case."""

    SAFE = "safe"  # each rule has its own choice, the one that surprises least on AWS
    STRICT = "strict"  # what may fail on AWS fails
    LENIENT = "lenient"  # it passes, with a warning in the log

    @classmethod
    def named(cls, name: str) -> Strictness:
        """Raises `ConfigError` if there is no such reading."""
        if name not in set(cls):
            hint = suggestion(name, [one.value for one in cls])
            raise ConfigError(f"{name!r} is no strictness", hint=hint)
        return cls(name)

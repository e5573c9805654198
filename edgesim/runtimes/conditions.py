"""Under which conditions functions run on this machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conditions:
    """What whoever starts functions may choose; the defaults suit a laptop."""

    debug: bool = False
    """Python functions run in this process, where debuggers find them, without limits."""
    inspect_port: int | None = None
    """From which port on Node.js opens its inspector, one for each function; None for none."""
    cold_starts: bool = False
    """Whether a cold start lasts as long as people report it from AWS."""
    concurrent_executions: int | None = None
    """Of all functions together, an account's quota in a region; beyond it they are throttled."""
    aws_sdk: str = ""
    """A folder with the node_modules that stand for what Lambda's Node.js brings; "" for none."""

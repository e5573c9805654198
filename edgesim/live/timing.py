"""Where a request's time went, for Server-Timing and for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from ..effects import Fetch, HandOver, Invoke, Join, Peek, Spawn, Travel
from .ports import Step

COLD_START = "cold-start"
"""A part of the trigger before it, for who reads Server-Timing."""


def spent(steps: Iterable[Step]) -> list[tuple[str, str, float]]:
    """What was waited for: kind, name, seconds; links of one name together."""
    found: dict[tuple[str, str], float] = {}
    for step in steps:
        match step.effect:
            case Invoke(function, trigger):
                what = (trigger.value, function.name)
            case Fetch(origin):
                what = ("origin", origin.name)
            case Travel(link):
                what = ("link", link.name)
            case Join():
                what = ("join", "another request")
            case Peek():
                what = ("upload", "")
            case Spawn() | HandOver():  # what was waited for there has steps of its own
                continue
            case _:
                assert_never(step.effect)
        found[what] = found.get(what, 0.0) + step.seconds
        if step.cold_start_s:
            cold = (COLD_START, what[1])
            found[cold] = found.get(cold, 0.0) + step.cold_start_s
    return [(kind, name, seconds) for (kind, name), seconds in found.items()]


def server_timing(steps: Sequence[Step], seconds: float) -> str:
    """The field's value (W3C Server Timing): each thing waited for, then the whole."""
    members = [f'{kind};desc="{name}";dur={took * 1000:.1f}' for kind, name, took in spent(steps)]
    return ", ".join([*members, f"edge;dur={seconds * 1000:.1f}"])


def timing_line(steps: Sequence[Step], seconds: float) -> bytes:
    """The field as a line of a head."""
    return f"Server-Timing: {server_timing(steps, seconds)}\r\n".encode("latin-1", "replace")

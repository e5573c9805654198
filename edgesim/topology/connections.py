"""Which connections are open, so that a request over one of them needs no handshake."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_IDLE = 64
"""Idle connections that are remembered for one stretch."""


@dataclass(slots=True, eq=False)
class Connections:
    """Connections that nobody uses just now, by what they connect. The one owner of that."""

    _idle_until: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def take(self, ends: tuple[str, str], now: float) -> bool:
        """Use an open connection, if there is one; it is nobody else's until it is given back."""
        idle = self._idle_until.get(ends)
        while idle:
            if idle.pop() > now:  # the one used last, as connection pools do
                return True
        return False

    def give_back(self, ends: tuple[str, str], until: float) -> None:
        """Keep a connection open that has done its work, until `until` at the latest."""
        idle = self._idle_until.setdefault(ends, [])
        idle.append(until)
        if len(idle) > MAX_IDLE:
            del idle[0]

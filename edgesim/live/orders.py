"""What the first process of several tells its workers to do, and what they answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ..runtimes.metrics import Metrics
from .crossing import Crossing, Kind, loaded
from .process_counters import process_counters
from .server import LiveServer


@dataclass(frozen=True, slots=True)
class Listen:
    """Deploy, and accept viewers at `host`; nothing answers."""

    host: str
    port: int
    tls_port: int | None


@dataclass(frozen=True, slots=True)
class Deploy:
    """Read the configuration again; `changed` are functions whose code is new.

    What is handed over from then on began under the deployment of that `generation`.
    """

    server: int
    generation: int
    changed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rewritings:
    """Tell what `path_pattern` concerns under other URLs: pairs of what is asked and stored."""

    server: int
    path_pattern: str


@dataclass(frozen=True, slots=True)
class Invalidate:
    """Forget what matches, knowing `rewritten`; how many keys is the answer."""

    server: int
    path_pattern: str
    rewritten: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Switch:
    """Put a place or a stretch out of order, or in order again."""

    names: tuple[str, ...]
    on: bool


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell what you have done: a `Told` answers."""


Stored = dict[str, tuple[int, int]]
"""How many responses and bytes, by the tier's label."""

Order = Listen | Deploy | Rewritings | Invalidate | Switch | Tell


@dataclass(frozen=True, slots=True)
class Told:
    """What one worker has done."""

    process: dict[str, int | float]
    stored: tuple[Stored, ...]
    """For each distribution."""
    metrics: tuple[Metrics, ...]


class OrderLine:
    """Tells one worker what to do, one thing at a time."""

    def __init__(self, crossing: Crossing) -> None:
        self._crossing = crossing
        self._lock = asyncio.Lock()

    async def give(self, order: Order) -> object:
        """What it answers. Raises `EdgesimError` if it cannot, `OSError` if it has gone."""
        async with self._lock:
            self._crossing.put_value(Kind.ORDER, order)
            try:
                kind, data = await self._crossing.next()
            except asyncio.IncompleteReadError as error:
                raise ConnectionResetError("the worker has gone") from error
        if kind is Kind.BROKEN:
            raise loaded(data)
        return loaded(data)

    def close(self) -> None:
        """It ends, then."""
        self._crossing.close()


def told(servers: Sequence[LiveServer]) -> Told:
    """What this process has done for `servers`."""
    stored = tuple(
        {tier.label: (len(tier.store), tier.store.size_bytes) for tier in server.caches}
        for server in servers
    )
    return Told(
        process_counters(server.origins for server in servers),
        stored,
        tuple(server.metrics for server in servers),
    )

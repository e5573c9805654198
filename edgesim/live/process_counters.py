"""What the process of a live edge has used, for whoever measures it from outside."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

from ..cloudfront.origin import Origin
from ..http.message import Request, Response
from .ports import Asked, Origins

_STATM = Path("/proc/self/statm")


class Counted:
    """`origins`, and how often one was asked: once for each `Fetch`, whatever came of it."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self.requests = 0

    async def fetch(self, origin: Origin, request: Request) -> Response:
        self.requests += 1
        return await self._origins.fetch(origin, request)

    def ask(self, origin: Origin, request: Request) -> Asked | None:
        asked = self._origins.ask(origin, request)
        self.requests += asked is not None
        return asked

    async def close(self) -> None:
        await self._origins.close()


def process_counters(origins: Iterable[Counted]) -> dict[str, int | float]:
    """Counters since the process began, by the names of the control port's `GET /status`.

    `cpu_s` is user and system time of this process alone, without functions that run in others.
    """
    return {
        "pid": os.getpid(),
        "cpu_s": process_time(),
        "resident_bytes": _resident_bytes(),
        "origin_requests": sum(one.requests for one in origins),
    }


def counted_together(every: Iterable[Mapping[str, int | float]]) -> dict[str, int | float]:
    """Those of several processes, added up; `pid` is that of the first.

    Memory that they share counts for each of them.
    """
    first, *others = every
    return {
        name: count if name == "pid" else count + sum(one[name] for one in others)
        for name, count in first.items()
    }


def _resident_bytes() -> int:
    """What is resident now; where only the peak is told, that; where nothing is told, 0."""
    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415  does not exist on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if TYPE_CHECKING:
    _conforms: type[Origins] = Counted

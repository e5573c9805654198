"""What an edge of ours tells of itself on its control port, before and after a test."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from .summary import ServerSide


@dataclass(frozen=True, slots=True)
class Reading:
    """Counters since the edge's process began."""

    pid: int
    cpu_s: float
    resident_bytes: int
    origin_requests: int


def read(control: str) -> Reading | None:
    """The counters of the edge whose control port is at `control`; None if none answers there."""
    try:
        answer = httpx.get(f"{control}/status", timeout=2)
        told = answer.raise_for_status().json()["process"]
        counters = ("pid", "cpu_s", "resident_bytes", "origin_requests")
        return Reading(**{name: told[name] for name in counters})
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None


def between(before: Reading | None, after: Reading | None) -> ServerSide | None:
    """What the edge did from `before` to `after`; None if it is not the same one any more."""
    if before is None or after is None or before.pid != after.pid:
        return None
    return ServerSide(
        cpu_s=after.cpu_s - before.cpu_s,
        resident_bytes=after.resident_bytes,
        origin_requests=after.origin_requests - before.origin_requests,
    )

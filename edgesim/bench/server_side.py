"""What an edge of ours tells of itself on its control port, before and after a test."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from .summary import ServerSide


@dataclass(frozen=True, slots=True)
class Reading:
    """Counters since the edge began."""

    cpu_s: float
    resident_bytes: int
    origin_requests: int


def read(control: str) -> Reading | None:
    """The counters of the edge whose control port is at `control`; None if none answers there."""
    try:
        answer = httpx.get(f"{control}/status", timeout=2)
        told = answer.raise_for_status().json()["process"]
        return Reading(told["cpu_s"], told["resident_bytes"], told["origin_requests"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None


def between(before: Reading | None, after: Reading | None) -> ServerSide | None:
    """What the edge did from `before` to `after`."""
    if before is None or after is None:
        return None
    return ServerSide(
        cpu_s=after.cpu_s - before.cpu_s,
        resident_bytes=after.resident_bytes,
        origin_requests=after.origin_requests - before.origin_requests,
    )

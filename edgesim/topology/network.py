"""The places a request passes, and the stretches between them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of network between two tiers, or a tier and the origin."""

    name: str
    rtt_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Pop:
    """An edge location: where viewers enter. `code` is what x-amz-cf-pop says."""

    code: str = "FRA56-P1"
    city: str = "Frankfurt am Main"

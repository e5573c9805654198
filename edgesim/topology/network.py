"""The places a request passes, and the stretches between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .handshakes import Handshake
from .transfer import extra_round_trips


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of network between two tiers, a tier and the origin, or a viewer and its POP.

    Connections between tiers are always open. `fresh` says that this one has to be made first:
    `setup_round_trips` for its handshakes, and more for a large body (TCP slow start).
    """

    name: str
    rtt_s: float = 0.0
    setup_round_trips: int = 0
    fresh: bool = False

    def connecting(self, handshake: Handshake) -> Link:
        """The same stretch before there is a connection over it."""
        return replace(self, setup_round_trips=handshake.round_trips, fresh=True)

    def request_s(self, size_bytes: int) -> float:
        """From the wish to ask until the whole request has arrived; seconds."""
        return self.rtt_s * (self.setup_round_trips + 0.5 + self._growing(size_bytes))

    def response_s(self, size_bytes: int) -> float:
        """From the response's first byte leaving to its last one arriving; seconds."""
        return self.rtt_s * (0.5 + self._growing(size_bytes))

    def _growing(self, size_bytes: int) -> int:
        return extra_round_trips(size_bytes) if self.fresh else 0


@dataclass(frozen=True, slots=True)
class Pop:
    """An edge location: where viewers enter. `code` is what x-amz-cf-pop says."""

    code: str = "FRA56-P1"
    city: str = "Frankfurt am Main"

"""What a lifecycle has to do with: the edge, one visit to it, and the answer that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from .cache.bans import invalidation_pattern
from .cache.freshness import StoredResponse
from .cache.store import CacheKey, Store
from .cache.verdict import Verdict
from .cloudfront.distribution import Behavior, Distribution, Trigger
from .cloudfront.result_type import ResultType
from .effects import Flight
from .errors import EdgesimError
from .http.message import Request, Response, Viewer
from .topology.network import Link, Pop


@dataclass(slots=True, eq=False)
class Tier:
    """One cache on the way to the origin, and the link that leads on from it."""

    name: str
    uplink: Link
    region: str = ""
    """The Region it is in; "" where that does not matter."""
    store: Store = field(default_factory=Store)
    flights: dict[CacheKey, Flight] = field(default_factory=dict)
    """Those that others may join."""
    aloft: set[Flight] = field(default_factory=set)
    """All of them, also those that nobody joins."""

    def invalidate(self, path_pattern: str) -> int:
        """Forget what matches, in the store and in the air; how many keys of the store."""
        matches = invalidation_pattern(path_pattern).fullmatch
        for flight in self.aloft:
            if matches(flight.key[0]):
                self._outdate(flight)
        return self.store.invalidate(path_pattern)

    def forget(self, key: CacheKey) -> None:
        """Forget what is stored under `key`, or would be soon."""
        for flight in self.aloft:
            if flight.key == key:
                self._outdate(flight)
        self.store.forget(key)

    def take_off(self, flight: Flight, *, leads: bool) -> None:
        """Forward a request; if it `leads`, others may join it, unless they have one to join."""
        self.aloft.add(flight)
        if leads:
            self.flights.setdefault(flight.key, flight)

    def land(self, flight: Flight) -> None:
        """Its response is here, or never will be."""
        self.aloft.discard(flight)
        self._close(flight)
        flight.land()

    def _outdate(self, flight: Flight) -> None:
        """What it brings is not for those who ask from now on."""
        flight.outdated = True
        self._close(flight)

    def _close(self, flight: Flight) -> None:
        if self.flights.get(flight.key) is flight:
            del self.flights[flight.key]


@dataclass(frozen=True, slots=True)
class Shield:
    """Origin Shield: one more cache on the way to those origins that want it in this Region."""

    tier: Tier
    inbound: Link
    """What leads to it from the edge's last tier, instead of that one's own uplink."""


def shields_for(
    distribution: Distribution,
    standing: Mapping[str, Shield],
    inbound: Link = Link("regional-shield"),
    uplink: Link = Link("shield-origin"),
) -> dict[str, Shield]:
    """One for each Region that an origin names; those `standing` there go on, others begin."""
    behaviors = distribution.behaviors
    regions = {origin.shield_region for behavior in behaviors for origin in behavior.origins}
    return {
        region: standing.get(region)
        or Shield(Tier(f"shield-{region}", uplink, region=region), inbound)
        for region in sorted(regions - {""})
    }


@dataclass(frozen=True, slots=True)
class Edge:
    """Where requests enter: the distribution, the tiers from POP to origin, the time."""

    distribution: Distribution
    tiers: tuple[Tier, ...]
    """Those that every origin lies behind."""
    clock: Callable[[], float]
    """Seconds since 1970."""
    shields: Mapping[str, Shield] = field(default_factory=dict)
    """By Region."""
    pop: Pop = Pop()
    via: str = "0123456789abcdef0123456789abcdef.cloudfront.net"
    explains: bool = True
    """Whether responses carry Cache-Status, which CloudFront itself never sends."""

    @property
    def caches(self) -> tuple[Tier, ...]:
        """Every tier, for whichever origin."""
        return (*self.tiers, *(shield.tier for shield in self.shields.values()))


@dataclass(frozen=True, slots=True)
class Visit:
    """What stays the same for one request wherever it is."""

    edge: Edge
    behavior: Behavior
    viewer: Viewer
    request_id: str

    def tiers(self, request: Request) -> tuple[Tier, ...]:
        """The caches on the way to the behavior's origin, the nearest first."""
        shield = self.shield(request)
        return self.edge.tiers if shield is None else (*self.edge.tiers, shield.tier)

    def shield(self, request: Request) -> Shield | None:
        """The one before the behavior's origin, if `request` passes it.

        It is none of its own where the edge's regional cache is the one in that Region.
        """
        region, edge = self.behavior.origin.shield_region, self.edge
        if not region or self.behavior.skips_shield(request):
            return None
        if any(tier.region == region for tier in edge.tiers):
            return None
        return edge.shields.get(region)


@dataclass(frozen=True, slots=True)
class Served:
    """An answer and where it came from."""

    response: Response
    origin_status: int
    """The status the origin gave; a function at origin-response may have made another of it."""
    hit: StoredResponse | None = None
    """The fresh stored response of the nearest tier, if that answered by itself."""
    verdicts: tuple[Verdict, ...] = ()
    """One for each tier that was asked, the nearest first."""
    behavior: Behavior | None = None
    generated_at: Trigger | None = None
    failure: EdgesimError | None = None
    """Why `response` is an error page, or why a stale response had to stand in."""
    result_type: ResultType = ResultType.MISS

    def with_response(self, response: Response) -> Served:
        return self if response is self.response else replace(self, response=response)

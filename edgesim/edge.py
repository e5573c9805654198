"""What a lifecycle has to do with: the edge, one visit to it, and the answer that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .cache.bans import TAG, invalidation_pattern
from .cache.freshness import StoredResponse
from .cache.rewritten import Rewritten
from .cache.store import CacheKey, Store
from .cache.verdict import Verdict
from .cloudfront.distribution import Behavior, Distribution, Routing
from .cloudfront.function import Trigger
from .cloudfront.result_type import ResultType
from .cloudfront.rule_book import Warned
from .effects import Flight
from .errors import EdgesimError
from .http.message import Request, Response, Viewer
from .topology.connections import Connections
from .topology.handshakes import origin_handshake
from .topology.network import Link, Pop
from .topology.routing import Path
from .values import value


@dataclass(slots=True, eq=False)
class Tier:
    """One cache on the way to the origin, and the link that leads on from it."""

    name: str
    uplink: Link
    region: str = ""
    """The code of the Region or the POP it is in; "" where that does not matter."""
    store: Store = field(default_factory=Store)
    flights: dict[CacheKey, Flight] = field(default_factory=dict)
    """Those that others may join."""
    aloft: set[Flight] = field(default_factory=set)
    """All of them, also those that nobody joins."""
    rewritten: Rewritten = field(default_factory=Rewritten)
    """By which other URLs viewers asked for what is stored here."""

    @property
    def label(self) -> str:
        """Its name, and where it is."""
        return self.name if self.name.endswith(self.region) else f"{self.name} {self.region}"

    def invalidate(self, path_pattern: str) -> int:
        """Forget what matches, or has this `#tag`, here and in the air; how many keys were here.

        Which tags a response in the air will have nobody knows, so a tag outdates all of them.
        CloudFront: "What you need to know when invalidating files" wants both URLs named where
        a function changes them; here one is enough.
        """
        if any_tag := path_pattern.startswith(TAG):
            path_pattern = path_pattern.lower()
        matches = invalidation_pattern(path_pattern).fullmatch
        behind = self.rewritten.behind(path_pattern)
        for flight in self.aloft:
            if any_tag or matches(flight.key[0]) or flight.key[0] in behind:
                self._outdate(flight)
        forgotten = self.store.invalidate(path_pattern)
        return forgotten + (self.store.forget_where(behind.__contains__) if behind else 0)

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
    return {
        region: standing.get(region)
        or Shield(Tier(f"shield-{region}", uplink, region=region), inbound)
        for region in distribution.shield_regions
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
    https_port: int | None = None
    """Where viewers find it with TLS, if they do; redirects to HTTPS lead there."""
    entry: Link = Link("viewer-pop")
    """What leads from the viewer to the first tier."""
    path: Path | None = None
    """Where in the world all this is; None for an edge that is nowhere."""
    connections: Connections = field(default_factory=Connections)
    """Those to origins that are open, in a world where they take time to be made."""
    divided: bool = False
    """Whether what lies behind the first tier is in another process, which all share."""

    @property
    def is_cloudfront(self) -> bool:
        """Whether viewers come in at a POP, and not at an endpoint in a region."""
        return self.distribution.routing is Routing.EDGE_OPTIMIZED

    @property
    def caches(self) -> tuple[Tier, ...]:
        """Every tier, for whichever origin."""
        return (*self.tiers, *(shield.tier for shield in self.shields.values()))


@value(frozen=True, slots=True)
class Visit:
    """What stays the same for one request wherever it is."""

    edge: Edge
    behavior: Behavior
    viewer: Viewer
    request_id: str
    began: float = 0.0
    """By the edge's clock."""
    alone: bool = field(default=False, kw_only=True)
    """Whether it waited for another's response in vain: it joins nobody any more, in no tier."""
    arrived: Request | None = field(default=None, kw_only=True)
    """As the viewer sent it."""
    warnings: list[Warned] = field(default_factory=list, kw_only=True)
    """What its functions did against a rule, and were let."""

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

    def skips_regional(self, request: Request) -> bool:
        """Whether `request` goes from the POP past the regional cache.

        CloudFront: "How CloudFront works with regional edge caches": what no cache may answer,
        and all for an S3 bucket in the Region of that cache.
        """
        behavior, origin = self.behavior, self.behavior.origin
        if behavior.skips_regional(request):
            return True
        beside = origin.is_s3 and self.edge.tiers[-1].region == origin.region
        return beside and behavior.cache_policy is not None and not origin.shield_region

    def ways(self, tiers: tuple[Tier, ...], depth: int, farther: int) -> list[Link]:
        """The stretches from the tier at `depth` to the one at `farther`, the first one first.

        If that is past the edge's own tiers, what leads out of them is not among them: which of
        several origins lies there is yet to be seen. On the map a request that goes past a cache
        does not go there; elsewhere it is as far past a cache as through it.
        """
        last = len(self.edge.tiers)
        if depth == last:
            return [self.way_from(tiers[depth])]
        if self.edge.path is not None and farther - depth > 1:
            return []
        links = [tier.uplink for tier in tiers[depth:farther]]
        return links[:-1] if farther == last else links

    def way_out(self, shield: Shield | None, *, direct: bool) -> Link:
        """Out of the edge, `direct` from the POP, to the behavior's origin or its Shield."""
        path = self.edge.path
        if path is None:
            return self.edge.tiers[-1].uplink if shield is None else shield.inbound
        if shield is not None:
            return path.onward(shield.tier.region, direct=direct)
        return self.connected(path.onward(self.behavior.origin.region, direct=direct))

    def way_from(self, shield: Tier) -> Link:
        """From the Shield to the behavior's origin."""
        path = self.edge.path
        if path is None:
            return shield.uplink
        return self.connected(path.between(shield.region, self.behavior.origin.region))

    def connected(self, link: Link) -> Link:
        """`link` as it is if a connection to the origin is open over it, else with its making."""
        edge, origin = self.edge, self.behavior.origin
        if edge.connections.take((link.name, origin.name), edge.clock()):
            return link
        return link.connecting(origin_handshake(origin.protocol))

    def done_with(self, link: Link) -> None:
        """Leave the connection to the origin open for as long as the origin's settings have it."""
        edge, origin = self.edge, self.behavior.origin
        if edge.path is not None:
            until = edge.clock() + origin.keepalive_timeout_s
            edge.connections.give_back((link.name, origin.name), until)


@value(frozen=True, slots=True)
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
    origin_s: float = 0.0
    """How long the origin took to answer."""
    closes: bool = field(default=False, kw_only=True)
    """Whether the viewer's connection ends with it."""
    warnings: tuple[Warned, ...] = field(default=(), kw_only=True)
    """What its functions did against a rule, and were let."""

    def with_response(self, response: Response) -> Served:
        return self if response is self.response else self.again(response, self.origin_s)

    def again(self, response: Response, origin_s: float) -> Served:
        """The same with another response, for which the origin took another time."""
        return Served(  # quicker than `replace`, for every request
            response,
            self.origin_status,
            self.hit,
            self.verdicts,
            self.behavior,
            self.generated_at,
            self.failure,
            self.result_type,
            origin_s,
            closes=self.closes,
            warnings=self.warnings,
        )

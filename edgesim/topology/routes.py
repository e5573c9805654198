"""The long-haul routes between hubs, and the quickest way over them.

Cables do not follow great circles: they go round capes and through straits, and traffic follows
the cables. The routes are drawn from public cable maps (`data/routes.csv`); how long light and
routers need per kilometre and per hop is fitted to measurements (`bench/latency_model.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count

from .geography import Point, distance_km

ENTRANCES = 3
"""How many of the nearest hubs a place is connected to."""

AT_HUB_KM = 60.0
"""A place that is as near as this to a hub is connected to no other."""

LOCAL_KM = 300.0
"""Two places that are as near as this to each other need no hub between them."""


@dataclass(frozen=True, slots=True)
class Route:
    """A stretch of cable between two hubs."""

    a: str
    b: str
    kind: str
    """`land` or `sea`."""
    km: float


@dataclass(frozen=True, slots=True)
class Trail:
    """What a way over the routes is made of."""

    land_km: float = 0.0
    sea_km: float = 0.0
    hops: int = 0
    local_km: float = 0.0
    """Between places and their hubs."""

    def over(self, route: Route) -> Trail:
        land = route.km if route.kind == "land" else 0.0
        return Trail(
            self.land_km + land, self.sea_km + route.km - land, self.hops + 1, self.local_km
        )

    def locally(self, km: float) -> Trail:
        return Trail(self.land_km, self.sea_km, self.hops, self.local_km + km)


@dataclass(frozen=True, slots=True)
class Pace:
    """Round-trip milliseconds that a way takes."""

    land_ms: float
    """For 100 km over land."""
    sea_ms: float
    """For 100 km under the sea."""
    hop_ms: float
    """For each route, which ends in routers."""
    access_ms: float
    """For getting into the network and out of it, once."""
    local_ms: float = 2.0
    """For 100 km between a place and its hub: light in fibre needs 1, roads are not straight."""

    def rtt_ms(self, trail: Trail) -> float:
        return self.access_ms + self.way_ms(trail)

    def way_ms(self, trail: Trail) -> float:
        """Without the access."""
        cable_ms = self.land_ms * trail.land_km + self.sea_ms * trail.sea_km
        return (cable_ms + self.local_ms * trail.local_km) / 100 + self.hop_ms * trail.hops


class RouteMap:
    """Hubs and routes. It remembers the ways from every place it was asked about."""

    def __init__(self, hubs: Mapping[str, Point], routes: Iterable[Route], pace: Pace) -> None:
        self.hubs = hubs
        self.routes = tuple(routes)
        self.pace = pace
        self._from_hub: dict[str, list[tuple[str, Route]]] = {name: [] for name in hubs}
        for route in self.routes:
            self._from_hub[route.a].append((route.b, route))
            self._from_hub[route.b].append((route.a, route))
        self._entrances: dict[Point, tuple[tuple[str, float], ...]] = {}
        self._ways: dict[Point, dict[str, Trail]] = {}

    def rtt_ms(self, a: Point, b: Point) -> float:
        return self.pace.rtt_ms(self.trail(a, b))

    def trail(self, a: Point, b: Point) -> Trail:
        """The quickest way from `a` to `b`."""
        direct_km = distance_km(a, b)
        found = [Trail(local_km=direct_km)] if direct_km <= LOCAL_KM else []
        ways = self._ways_from(a)
        found += [ways[hub].locally(km) for hub, km in self.entrances(b)]
        return min(found, key=self.pace.way_ms)

    def entrances(self, place: Point) -> tuple[tuple[str, float], ...]:
        """The hubs that `place` is connected to, the nearest first, and how far they are (km)."""
        known = self._entrances.get(place)
        if known is None:
            distances = sorted((distance_km(place, at), name) for name, at in self.hubs.items())
            nearest = distances[: 1 if distances[0][0] < AT_HUB_KM else ENTRANCES]
            known = self._entrances[place] = tuple((name, km) for km, name in nearest)
        return known

    def _ways_from(self, place: Point) -> dict[str, Trail]:
        """The quickest way to every hub (Dijkstra's algorithm; equal ones by the hub's name)."""
        known = self._ways.get(place)
        if known is not None:
            return known
        ways: dict[str, Trail] = {}
        entrances = [(name, Trail(local_km=km)) for name, km in self.entrances(place)]
        order = count()
        ahead = [(self.pace.way_ms(one), name, next(order), one) for name, one in entrances]
        heapify(ahead)
        while ahead:
            _, hub, _, trail = heappop(ahead)
            if hub in ways:
                continue
            ways[hub] = trail
            for neighbour, route in self._from_hub[hub]:
                if neighbour not in ways:
                    longer = trail.over(route)
                    way_ms = self.pace.way_ms(longer)
                    heappush(ahead, (way_ms, neighbour, next(order), longer))
        self._ways[place] = ways
        return ways

"""Which way a viewer's requests take: where they enter, and which cache lies behind.

Three models (API Gateway: "API endpoint types", CloudFront: "How CloudFront delivers content"):
edge-optimized goes in at the POP nearest by latency, regional crosses the whole distance, private
lets only machines in the network in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from ..cloudfront.distribution import PriceClass, Routing
from ..errors import EdgesimError
from .handshakes import Handshake
from .last_mile import access_s
from .latency import Site
from .network import Link
from .world import EdgeCity, Region, ViewerCity, World

T = TypeVar("T")

BORDER_S = 0.08
"""What crossing mainland China's border adds; 60 to 150 ms are usual. No global POP is inside."""


@dataclass(frozen=True, slots=True)
class Outages:
    """What is out of order."""

    places: frozenset[str] = frozenset()
    """Codes of edge cities, and of regions whose regional cache is gone."""
    links: frozenset[frozenset[str]] = frozenset()
    """Stretches that are cut, by the names of their two ends."""

    def cut(self, a: str, b: str) -> bool:
        """Whether nothing goes from `a` to `b`."""
        return bool(self.links) and frozenset((a, b)) in self.links

    def switched(self, what: frozenset[str], *, on: bool) -> Outages:
        """With one more place out of order, or a stretch between two; or with one less."""
        if len(what) == 1:
            return replace(self, places=self.places | what if on else self.places - what)
        links = self.links | {what} if on else self.links - {what}
        return replace(self, links=links)


@dataclass(frozen=True, slots=True)
class Path:
    """From a viewer to the last cache; from there, `onward` leads on."""

    world: World
    viewer: ViewerCity
    routing: Routing
    network: Link
    """From the viewer to where they enter, without the last mile."""
    pop: EdgeCity | None
    """None where there is no POP: the viewer goes to the region itself."""
    regional: Region
    """Whose cache lies behind the POP, or who is asked directly."""
    admitted: bool = True
    """Whether the viewer may enter at all."""

    @property
    def site(self) -> Site:
        """Where the viewer enters."""
        return self.regional.site if self.pop is None else self.pop.site

    @property
    def uplink(self) -> Link:
        """From the POP to its regional cache."""
        return self.world.link(self.site, self.regional.site)

    def entry(self, handshake: Handshake | None = None, share: float = 0.5) -> Link:
        """From the viewer to where they enter: over a new connection if there is a `handshake`.

        `share` draws the last mile: 0.5 is its median, `Random.random()` one case of many.
        """
        rtt_s = round(self.network.rtt_s + access_s(self.viewer.access, share), 6)
        link = Link(self.network.name, rtt_s)
        return link if handshake is None else link.connecting(handshake)

    def onward(self, region: str, *, direct: bool = False) -> Link:
        """On to `region`: from the last cache, or `direct` from where viewers enter.

        CloudFront: "How CloudFront works with regional edge caches", dynamic requests.
        """
        start = self.site if direct else self.regional.site
        return self.world.link(start, self.world.region(region).site)

    def between(self, region: str, other: str) -> Link:
        """From one region to another, as from Origin Shield to an origin."""
        return self.world.link(self.world.region(region).site, self.world.region(other).site)


def path_for(
    world: World,
    viewer: ViewerCity,
    *,
    routing: Routing = Routing.EDGE_OPTIMIZED,
    region: str = "us-east-1",
    price_class: PriceClass = PriceClass.ALL,
    outages: Outages = Outages(),
) -> Path:
    """The way of `viewer`'s requests; `region` is where regional and private endpoints stand.

    Raises `ConfigError` for an unknown region and `EdgesimError` if nothing is left to go to.
    """
    if routing is not Routing.EDGE_OPTIMIZED:
        home = world.region(region)
        if home.code in outages.places or outages.cut(viewer.site.name, home.code):
            raise unreachable(f"{home.code} cannot be reached from {viewer.name}")
        admitted = routing is Routing.REGIONAL or bool(viewer.region)
        network = _across_border(viewer, home.country, world.link(viewer.site, home.site))
        return Path(world, viewer, routing, network, None, home, admitted)
    pop, network = _entrance(world, viewer, price_class, outages)
    return Path(world, viewer, routing, network, pop, regional_cache(world, pop.site, outages))


def _entrance(
    world: World, viewer: ViewerCity, price_class: PriceClass, outages: Outages
) -> tuple[EdgeCity, Link]:
    """The POP that latency-based routing would choose."""
    cities = [city for city in world.edge_cities.values() if city.serves(price_class)]
    working = _working(viewer.site, ((city.code, city) for city in cities), outages)
    links = {
        city.code: _across_border(viewer, city.country, world.link(viewer.site, city.site))
        for city in working
    }
    if not links:
        raise unreachable(f"no edge location of {price_class} is left for {viewer.name}")
    nearest = min(working, key=lambda city: (links[city.code].rtt_s, city.code))
    return nearest, links[nearest.code]


def regional_cache(world: World, site: Site, outages: Outages = Outages()) -> Region:
    """The nearest region with a regional edge cache."""
    regions = [region for region in world.regions.values() if region.has_regional_cache]
    working = _working(site, ((region.code, region) for region in regions), outages)
    if not working:
        raise unreachable(f"no regional edge cache is left for {site.name}")
    return min(working, key=lambda one: (world.link(site, one.site).rtt_s, one.code))


def _working(site: Site, candidates: Iterable[tuple[str, T]], outages: Outages) -> list[T]:
    """Those that are in order, and not cut off from `site`."""
    return [
        one
        for code, one in candidates
        if code not in outages.places and not outages.cut(site.name, code)
    ]


def _across_border(viewer: ViewerCity, country: str, link: Link) -> Link:
    if (viewer.place.country == "CN") is (country == "CN"):
        return link
    return Link(link.name, round(link.rtt_s + BORDER_S, 6))


def unreachable(what: str) -> EdgesimError:
    return EdgesimError(what, code="Unreachable", status=503)

"""The map: regions, edge cities, places where viewers are, and how far they are from each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ..cloudfront.distribution import PriceClass
from ..errors import ConfigError
from ..http.message import ViewerPlace
from .latency import LatencyModel, Site
from .network import Link, Pop

GLOBAL_PARTITION = "aws"


@dataclass(frozen=True, slots=True)
class Region:
    """An AWS region; `site.name` is its code."""

    code: str
    city: str
    country: str
    site: Site
    partition: str = GLOBAL_PARTITION
    has_regional_cache: bool = False
    offers_shield: bool = False


@dataclass(frozen=True, slots=True)
class EdgeCity:
    """A city with edge locations, by the code of its airport."""

    code: str
    pop: Pop
    country: str
    site: Site
    price_class: str
    """The smallest class that contains it; "cn" for China's own partition."""

    def serves(self, price_class: PriceClass) -> bool:
        return self.price_class in _CLASSES[price_class]


_CLASSES = {
    PriceClass.PRICE_CLASS_100: {"100"},
    PriceClass.PRICE_CLASS_200: {"100", "200"},
    PriceClass.ALL: {"100", "200", "all"},
}


@dataclass(frozen=True, slots=True)
class ViewerCity:
    """Where viewers are: a city, or a machine in a region."""

    place: ViewerPlace
    site: Site
    access: str = "none"
    """A row of `last_mile.ACCESS`."""
    weight: float = 0.0
    """Percent of the world's viewers, as far as the map knows them."""
    population: int = 0
    region: str = ""
    """The code of the region whose network it is in, for a machine in a data centre."""

    @property
    def name(self) -> str:
        return self.place.city


class World:
    """Everything there is on the map. It holds no state but distances that were looked up."""

    def __init__(
        self,
        regions: Iterable[Region],
        edge_cities: Iterable[EdgeCity],
        viewer_cities: Iterable[ViewerCity],
        latency: LatencyModel,
    ) -> None:
        self.regions = {region.code: region for region in regions}
        self.edge_cities = {city.code: city for city in edge_cities}
        self.viewer_cities = {city.name: city for city in viewer_cities}
        self.latency = latency
        self._links: dict[tuple[Site, Site], Link] = {}

    def region(self, code: str, where: str = "") -> Region:
        """Raises `ConfigError`."""
        if code not in self.regions:
            raise ConfigError.unknown("region", code, self.regions, where)
        return self.regions[code]

    def edge_city(self, code: str, where: str = "") -> EdgeCity:
        """By its code or its name: NRT, Tokyo. Raises `ConfigError`."""
        known = self.edge_cities.get(code.upper())
        if known is not None:
            return known
        wanted = _plain(code)
        for city in self.edge_cities.values():
            if wanted in (_plain(city.pop.city), _plain(city.pop.code)):
                return city
        names = [*self.edge_cities, *(city.pop.city for city in self.edge_cities.values())]
        raise ConfigError.unknown("edge location", code, names, where)

    def viewer(self, name: str, where: str = "") -> ViewerCity:
        """Where a viewer is, by the name of a city, or by a region's code for a machine there.

        Case and accents do not matter, and a name may be cut after a word (New York). Raises
        `ConfigError`.
        """
        wanted = _plain(name)
        for known, city in self.viewer_cities.items():
            if wanted == _plain(known) or _plain(known).startswith(f"{wanted} "):
                return city
        if name in self.regions:
            return self._in_region(self.regions[name])
        for edge_city in self.edge_cities.values():
            if wanted in (_plain(edge_city.pop.city), _plain(edge_city.code)):
                return self._at(edge_city)
        known_names = [*self.viewer_cities, *(city.pop.city for city in self.edge_cities.values())]
        raise ConfigError.unknown("city", name, {*known_names, *self.regions}, where)

    def site(self, name: str, where: str = "") -> Site:
        """Whatever is called so: an edge city's code or name, a region, a city of viewers.

        Raises `ConfigError`.
        """
        if name in self.regions:
            return self.regions[name].site
        try:
            return self.edge_city(name).site
        except ConfigError:
            return self.viewer(name, where).site

    def link(self, a: Site, b: Site) -> Link:
        """The stretch from `a` to `b`, over a connection that is open."""
        known = self._links.get((a, b))
        if known is None:
            link = Link(f"{a.name}-{b.name}", self.latency.rtt_s(a, b))
            known = self._links[a, b] = link
        return known

    def _in_region(self, region: Region) -> ViewerCity:
        place = self._place(region.city, region.country, region.site)
        return ViewerCity(place, region.site, region=region.code)

    def _at(self, city: EdgeCity) -> ViewerCity:
        return ViewerCity(self._place(city.pop.city, city.country, city.site), city.site, "cable")

    def _place(self, city: str, country: str, site: Site) -> ViewerPlace:
        """As much as the map knows about a city that is in no table of viewers."""
        names = {one.place.country: one.place.country_name for one in self.viewer_cities.values()}
        at = site.point
        return ViewerPlace(
            city, country, names.get(country, ""), latitude=at.latitude, longitude=at.longitude
        )


def _plain(name: str) -> str:
    """Without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", letters).strip()

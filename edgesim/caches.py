"""The caches of a world, each made when the first request comes by; and edges made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .cache.store import Store
from .cloudfront.distribution import Distribution
from .edge import Edge, Shield, Tier
from .topology.connections import Connections
from .topology.network import Link, Pop
from .topology.routing import Path


class Caches:
    """One cache at each POP, one in each region. The one owner of their stores."""

    def __init__(self) -> None:
        self.connections = Connections()
        self._pops: dict[str, Tier] = {}
        self._regions: dict[str, Tier] = {}
        self._shields: dict[str, Shield] = {}

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """Every tier there is; some have their store in common."""
        shields = [shield.tier for shield in self._shields.values()]
        return (*self._pops.values(), *self._regions.values(), *shields)

    @property
    def by_place(self) -> dict[str, Tier]:
        """Every cache, by the code of the POP or the region."""
        return {**self._pops, **self._regions}

    def invalidate(self, path_pattern: str) -> int:
        """Forget what matches, everywhere; how many keys that were."""
        return sum(tier.invalidate(path_pattern) for tier in self.by_place.values())

    def edge(
        self,
        distribution: Distribution,
        clock: Callable[[], float],
        path: Path,
        entry: Link | None = None,
    ) -> Edge:
        """The edge at the beginning of `path`; `entry` instead of the path's usual one."""
        regional = self._regional(path.regional.code)
        tiers: tuple[Tier, ...] = (regional,)
        if path.pop is not None:
            tiers = (self._pop(path.pop.code, path.uplink), regional)
        return Edge(
            distribution,
            tiers,
            clock,
            self._shields_of(distribution),
            pop=Pop() if path.pop is None else path.pop.pop,
            entry=path.entry() if entry is None else entry,
            path=path,
            connections=self.connections,
        )

    def reopened(self) -> Caches:
        """The same stores for who comes after; whoever is still here gets new ones."""
        after = Caches()
        after._pops = {code: _reopened(tier) for code, tier in self._pops.items()}
        after._regions = {code: _reopened(tier) for code, tier in self._regions.items()}
        for tier in self.tiers:
            tier.store = Store()
        return after

    def _pop(self, code: str, uplink: Link) -> Tier:
        tier = self._pops.get(code)
        if tier is None:
            tier = self._pops[code] = Tier("pop", uplink)
        tier.uplink = uplink  # another one, after an outage of the regional cache behind it
        return tier

    def _regional(self, code: str) -> Tier:
        tier = self._regions.get(code)
        if tier is None:
            tier = self._regions[code] = Tier("regional", Link("regional-origin"), code)
        return tier

    def _shields_of(self, distribution: Distribution) -> dict[str, Shield]:
        """Origin Shield is the regional cache of its region, under another name.

        CloudFront: "Use Amazon CloudFront Origin Shield".
        """
        return {region: self._shield(region) for region in distribution.shield_regions}

    def _shield(self, region: str) -> Shield:
        shield = self._shields.get(region)
        if shield is None:
            tier = replace(self._regional(region), name=f"shield-{region}")
            shield = self._shields[region] = Shield(tier, Link("regional-shield"))
        return shield


def _reopened(tier: Tier) -> Tier:
    return replace(tier, flights={}, aloft=set())

"""The caches of a world, each made when the first request comes by; and edges made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .cache.store import Store
from .edge import Edge, Shield, Tier
from .topology.connections import Connections
from .topology.network import Link
from .topology.routing import Path


class Caches:
    """One cache at each POP, one in each region. The one owner of their stores."""

    def __init__(self, on_new: Callable[[Tier], None] = lambda _: None) -> None:
        self.on_new = on_new
        """Told of each cache before it is used."""
        self.connections = Connections()
        self._pops: dict[str, Tier] = {}
        self._regions: dict[str, Tier] = {}
        self._shields: dict[str, Shield] = {}

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """Every cache there is, those at POPs first, as it is called before its origins."""
        return (*self._pops.values(), *self._regions.values())

    def invalidate(self, path_pattern: str) -> int:
        """Forget what matches, everywhere; how many keys that were."""
        return sum(tier.invalidate(path_pattern) for tier in self.tiers)

    def placed(self, edge: Edge, path: Path, entry: Link | None = None) -> Edge:
        """`edge` at the beginning of `path`; `entry` instead of the path's usual one."""
        regional = self._regional(path.regional.code)
        tiers: tuple[Tier, ...] = (regional,)
        if path.pop is not None:
            tiers = (self._pop(path.pop.code, path.uplink), regional)
        return replace(
            edge,
            tiers=tiers,
            shields={code: self._shield(code) for code in edge.distribution.shield_regions},
            pop=edge.pop if path.pop is None else path.pop.pop,
            entry=path.entry() if entry is None else entry,
            path=path,
            connections=self.connections,
        )

    def reopened(self) -> Caches:
        """The same stores for who comes after; whoever is still here gets new ones."""
        after = Caches(self.on_new)
        after._pops = {code: _reopened(tier) for code, tier in self._pops.items()}
        after._regions = {code: _reopened(tier) for code, tier in self._regions.items()}
        for tier in (*self.tiers, *(shield.tier for shield in self._shields.values())):
            tier.store = Store()
        return after

    def _pop(self, code: str, uplink: Link) -> Tier:
        tier = self._pops.get(code)
        if tier is None:
            tier = self._pops[code] = Tier("pop", uplink, code)
            self.on_new(tier)
        tier.uplink = uplink  # another one, after an outage of the regional cache behind it
        return tier

    def _regional(self, code: str) -> Tier:
        tier = self._regions.get(code)
        if tier is None:
            tier = self._regions[code] = Tier("regional", Link("regional-origin"), code)
            self.on_new(tier)
        return tier

    def _shield(self, region: str) -> Shield:
        """Origin Shield is the regional cache of its region, under another name.

        CloudFront: "Use Amazon CloudFront Origin Shield".
        """
        shield = self._shields.get(region)
        if shield is None:
            tier = replace(self._regional(region), name=f"shield-{region}")
            shield = self._shields[region] = Shield(tier, Link("regional-shield"))
        return shield


def _reopened(tier: Tier) -> Tier:
    return replace(tier, flights={}, aloft=set())

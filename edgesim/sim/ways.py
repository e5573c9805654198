"""By which way each city's requests go, under a model and with what is out of order just then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ..cache.store import Store
from ..caches import Caches
from ..cloudfront.caching import CloudFrontCaching
from ..cloudfront.distribution import ALL_METHODS, Behavior, Distribution
from ..cloudfront.function import Association, Function
from ..cloudfront.managed_policies import CACHE_POLICIES
from ..cloudfront.origin import Origin
from ..cloudfront.policies import CachePolicy
from ..edge import Edge, Tier
from ..errors import EdgesimError
from ..http.message import Viewer
from ..report.histogram import bucket
from ..topology.handshakes import viewer_handshake
from ..topology.network import Link
from ..topology.routing import Outages, Path, path_for
from ..topology.world import ViewerCity, World
from .arrivals import SHARES
from .catalogue import path_pattern
from .functions import regional_name
from .known import Known
from .scenario import Content, Model, Scenario
from .tally import Group, Tally

MOST_ROUNDS = 40
"""Slow start doubles what has been sent: after so many rounds it is beyond all that there is."""

UNCACHED = CACHE_POLICIES["CachingDisabled"]
CACHED = CachePolicy(name="simulated", min_ttl_s=0)


@dataclass(frozen=True, slots=True)
class Entry:
    """The last mile in one of its cases, and all before the entrance with it."""

    asked_s: float
    answered_s: tuple[float, ...]
    """By the rounds of slow start."""
    hit_buckets: tuple[int, ...]
    """Where the latency of what waits for nothing else is counted, by rounds."""

    @classmethod
    def over(cls, link: Link) -> Entry:
        asked = link.request_s(0)
        if not link.fresh:
            open_s = link.response_s(0)
            return cls(asked, (open_s,) * MOST_ROUNDS, (bucket(asked + open_s),) * MOST_ROUNDS)
        answered = tuple(link.rtt_s * (0.5 + rounds) for rounds in range(MOST_ROUNDS))
        return cls(asked, answered, tuple(bucket(asked + seconds) for seconds in answered))


@dataclass(frozen=True, slots=True)
class Way:
    """From a city to an entrance, and an edge there."""

    edge: Edge
    viewer: Viewer
    entries: tuple[Entry, ...]
    asked_s: tuple[float, ...]
    """Of the entries."""
    group: Group
    store: Store
    """Of the nearest cache."""
    known: dict[int, Known]
    """By the object's number. It belongs to the nearest cache."""


def outages_at(scenario: Scenario, moment: float) -> Outages:
    """What is out of order at `moment`."""
    now = Outages()
    for outage in scenario.outages:
        if outage.at_s <= moment < outage.until_s:
            now = now.switched(outage.what, on=True)
    return now


def path_of(world: World, model: Model, city: ViewerCity, outages: Outages) -> Path | None:
    """None if nothing is left to go to."""
    try:
        return path_for(
            world,
            city,
            routing=model.routing,
            region=model.origin_region,
            price_class=model.price_class,
            outages=outages,
        )
    except EdgesimError as error:
        if error.code == "Unreachable":
            return None
        raise


class Ways:
    """The one owner of a model's caches, and of what is prepared for each city."""

    def __init__(
        self,
        world: World,
        scenario: Scenario,
        model: Model,
        clock: Callable[[], float],
        tally: Tally,
    ) -> None:
        self.world, self.scenario, self.model = world, scenario, model
        self.clock, self.tally = clock, tally
        self.caches = Caches(self._sized)
        self._known: dict[str, dict[int, Known]] = {}
        self._prepared: dict[tuple[str, str, str], tuple[Entry, ...]] = {}
        self._distributions: dict[str, Distribution] = {}

    def ways(self, cities: Mapping[int, ViewerCity], outages: Outages) -> dict[int, Way | None]:
        """One for each city, None where there is none."""
        names = list(self.scenario.viewers)
        return {number: self._way(names[number], city, outages) for number, city in cities.items()}

    def _way(self, name: str, city: ViewerCity, outages: Outages) -> Way | None:
        path = path_of(self.world, self.model, city, outages)
        if path is None:
            return None
        nowhere = Edge(self._distribution(path.regional.code), (), self.clock, explains=False)
        # The viewer's link has no length here: its seconds are in the entries, drawn beforehand.
        edge = self.caches.placed(nowhere, path, Link(path.network.name))
        nearest, entries = edge.tiers[0], self._entries(path)
        return Way(
            edge,
            Viewer(scheme=self.scenario.viewer_scheme, place=city.place),
            entries,
            tuple(entry.asked_s for entry in entries),
            self.tally.groups.setdefault((name, nearest.region), Group()),
            nearest.store,
            self._known.setdefault(nearest.label, {}),
        )

    def _entries(self, path: Path) -> tuple[Entry, ...]:
        """Every case over an open connection, then every one over a new connection."""
        ends = (path.viewer.name, path.viewer.access, path.site.name)
        if ends not in self._prepared:
            handshake = viewer_handshake(self.scenario.viewer_scheme)
            self._prepared[ends] = tuple(
                Entry.over(path.entry(way_in, (case + 0.5) / SHARES))
                for way_in in (None, handshake)
                for case in range(SHARES)
            )
        return self._prepared[ends]

    def forget(self) -> None:
        """Know nothing any more of what was found: the objects have other names now."""
        for known in self._known.values():
            known.clear()

    def _sized(self, tier: Tier) -> None:
        is_pop = tier.name == "pop"
        room = self.model.pop_cache_bytes if is_pop else self.model.regional_cache_bytes
        tier.store.capacity_bytes = room

    def _distribution(self, region: str) -> Distribution:
        """The model's own, with functions whose names say in which region they run."""
        known = self._distributions.get(region)
        if known is None:
            known = self._distributions[region] = distribution(self.scenario, self.model, region)
        return known


def distribution(scenario: Scenario, model: Model, region: str) -> Distribution:
    """A behavior for each content; the last one's is for what no path pattern matches, too."""
    origin = Origin(
        "origin",
        host="origin.example.test",
        port=443,
        protocol="https",
        region=model.origin_region,
        shield_region=model.shield_region,
    )
    behaviors = [_behavior(content, model, origin, region) for content in scenario.contents]
    default = replace(behaviors[-1], path_pattern="*")
    return Distribution(
        (*behaviors[:-1], default), routing=model.routing, price_class=model.price_class
    )


def _behavior(content: Content, model: Model, origin: Origin, region: str) -> Behavior:
    policy = CACHED if content.cached else UNCACHED
    functions = {
        one.trigger: Association(
            Function(regional_name(one.name, region), one.runtime, memory_mb=one.memory_mb)
        )
        for one in model.functions
        if not one.contents or content.name in one.contents
    }
    return Behavior(
        path_pattern(content),
        origin,
        rules=CloudFrontCaching(policy),
        cache_policy=policy,
        allowed_methods=ALL_METHODS,
        functions=functions,
    )

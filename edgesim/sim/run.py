"""One part of a scenario, from its first request to its last, in virtual time.

Every request is a lifecycle (`lifecycle.serve`). One is not begun: where it is known that it would
serve at once what the nearest cache has (`known.py`). Such a hit is only counted. Take
`recalls=False` and only speed is lost (`tests/sim/test_known.py`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from random import Random

from ..cache.reuse import Bypass, Serve
from ..caches import Caches
from ..cloudfront.distribution import Routing
from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..cloudfront.origin import Origin
from ..cloudfront.result_type import ResultType
from ..edge import Served
from ..effects import Steps
from ..http.message import Request, size_bytes
from ..lifecycle import serve
from ..report.histogram import bucket
from ..topology.routing import Outages
from ..topology.transfer import extra_round_trips
from ..topology.world import World
from .arrivals import Arrivals, hourly_rates
from .catalogue import Catalogue
from .driver import Simulation, Timed
from .functions import Functions
from .known import known
from .popularity import chances
from .scenario import SLOTS, Scenario
from .shards import Shard
from .tally import Tally
from .ways import Way, Ways, outages_at

AT_ONCE = 4096
"""Requests that are drawn and sorted together, about."""

MOST_KNOWN = 100_000
"""Objects that are remembered for one cache; then it begins anew."""

REQUEST_ID = "simulated=="

Entering = tuple[float, Way, int, int]
"""A request at its entrance: when, how it came, the case of the last mile, the object."""

MOMENT = itemgetter(0)


class ShardRun:
    """The caches, the origin and the requests of one shard."""

    def __init__(
        self, world: World, scenario: Scenario, shard: Shard, *, recalls: bool = True
    ) -> None:
        self.scenario, self.shard, self.recalls = scenario, shard, recalls
        self.model = scenario.models[shard.model]
        self.tally = Tally()
        self.catalogue = Catalogue(scenario)
        names = list(scenario.viewers)
        self.cities = {index: world.viewer(names[index]) for index in shard.cities}
        seed = f"{scenario.seed} {self.model.name} {shard.cities[0]}"
        self.random = Random(f"{seed} origin")  # noqa: S311 - no secret
        self.sim = Simulation(self._origin, self._function)
        self.functions = Functions(
            {one.name: one for one in self.model.functions},
            Random(f"{seed} functions"),  # noqa: S311 - no secret
            self.sim.clock,
        )
        self.ways = Ways(world, scenario, self.model, self.sim.clock, self.tally)
        likely, whole = chances(scenario.contents), sum(scenario.viewers.values())
        self._arrivals = {
            index: Arrivals(scenario, names[index], self._rates(index, whole), likely)
            for index in self.cities
        }

    def _rates(self, index: int, whole: float) -> tuple[float, ...]:
        city = self.cities[index]
        share = list(self.scenario.viewers.values())[index] / whole
        return hourly_rates(self.scenario, share, city.place.longitude)

    @property
    def caches(self) -> Caches:
        return self.ways.caches

    def run(self, progress: Callable[[float], None] = lambda _: None) -> Tally:
        """All of it. `progress` is told the share of the time that has passed."""
        self._schedule()
        late: list[Entering] = []
        outages: Outages | None = None
        ways: dict[int, Way | None] = {}
        for slot, begin, end in self._slices():
            if outages != outages_at(self.scenario, begin):
                outages = outages_at(self.scenario, begin)
                ways = self.ways.ways(self.cities, outages)
            coming = sorted(late + self._entering(ways, slot, end), key=MOMENT)
            split = bisect_left(coming, end, key=MOMENT)
            late = coming[split:]
            self._let_in(coming[:split])
            progress(end / self.scenario.seconds)
        self._let_in(late)
        self.sim.run()
        return self._counted()

    def _schedule(self) -> None:
        for invalidation in self.scenario.invalidations:
            self.sim.at(invalidation.at_s, self._invalidated(invalidation.path_pattern))
        for deployment in self.scenario.deployments:
            self.sim.at(deployment.at_s, self._deployed(deployment.contents))

    def _invalidated(self, path_pattern: str) -> Steps[None]:
        self.caches.invalidate(path_pattern)
        yield from ()

    def _deployed(self, contents: frozenset[str]) -> Steps[None]:
        self.catalogue.deploy(contents)
        self.ways.forget()
        yield from ()

    def _slices(self) -> Iterator[tuple[int, float, float]]:
        """Parts of slots, in which nothing goes out of order or comes back."""
        expected = self.scenario.requests * self.shard.share / SLOTS
        parts, slot_s = int(expected / AT_ONCE) + 1, self.scenario.slot_s
        changes = {one.at_s for one in self.scenario.outages}
        changes |= {one.until_s for one in self.scenario.outages}
        for slot in range(SLOTS):
            first, last = slot * slot_s, (slot + 1) * slot_s
            cuts = {first + slot_s * part / parts for part in range(parts)}
            cuts |= {moment for moment in changes if first < moment < last}
            ends = sorted(cuts)
            yield from ((slot, *pair) for pair in pairwise([*ends, last]))

    def _entering(self, ways: Mapping[int, Way | None], slot: int, end: float) -> list[Entering]:
        """Those who leave before `end`, by when they arrive at their entrance."""
        entering: list[Entering] = []
        for index, arrivals in self._arrivals.items():
            leaving, way = arrivals.before(end), ways[index]
            self.tally.requests_by_slot[slot] += len(leaving)
            if way is None:
                self.tally.unreachable += len(leaving)
                continue
            asked_s = way.asked_s
            entering += [(moment + asked_s[kind], way, kind, no) for moment, kind, no in leaving]
        return entering

    def _let_in(self, entering: Sequence[Entering]) -> None:
        """Answer them, and let happen in between what others wait for."""
        sim, next_at = self.sim, self.sim.next_moment
        for moment, way, kind, number in entering:
            if next_at <= moment:
                sim.run(until=moment)
                next_at = sim.next_moment
            found = way.known.get(number)
            if found is not None:
                if found.hit(way.store, moment):
                    group = way.group
                    group.latencies[way.entries[kind].hit_buckets[found.rounds]] += 1
                    group.sent_bytes += found.size_bytes
                    continue
                del way.known[number]
            sim.begin(moment, self._visit(way, kind, number))
            next_at = sim.next_moment

    def _visit(self, way: Way, kind: int, number: int) -> Steps[None]:
        """A whole lifecycle, at the entrance; the viewer's own link is in the entry."""
        request, entered = self.catalogue.request(number), self.sim.now
        served = yield from serve(way.edge, request, way.viewer, REQUEST_ID)
        size = size_bytes(served.response.body)
        rounds, entry, group = extra_round_trips(size), way.entries[kind], way.group
        waited_s = self.sim.now - entered
        group.latencies[bucket(entry.asked_s + waited_s + entry.answered_s[rounds])] += 1
        group.results[served.result_type.value] += 1
        group.sent_bytes += size
        self._note_caches(served)
        found = known(served, request) if self.recalls else None
        if found is not None:
            if len(way.known) >= MOST_KNOWN:
                way.known.clear()
            way.known[number] = found

    def _note_caches(self, served: Served) -> None:
        for verdict in served.verdicts:
            name = verdict.tier.partition("-")[0]
            self.tally.shield_requests += name == "shield"
            if not isinstance(verdict.decision, Bypass):
                self.tally.lookups[name] += 1
                self.tally.hits[name] += isinstance(verdict.decision, Serve)

    def _origin(self, origin: Origin, request: Request) -> Timed:
        reply = self.catalogue.answered(request, self.random)
        slot = min(int(self.sim.now / self.scenario.slot_s), SLOTS - 1)
        self.tally.origin_requests[slot] += 1
        self.tally.origin_bytes[slot] += size_bytes(reply.value.body)
        return reply

    def _function(self, function: Function, trigger: Trigger, event: Json) -> Timed:
        return self.functions.ran(function, trigger, event)

    def _counted(self) -> Tally:
        """The tally, with the lifecycles that were not begun: all of them hits in the nearest."""
        tally = self.tally
        nearest = "pop" if self.model.routing is Routing.EDGE_OPTIMIZED else "regional"
        for group in tally.groups.values():
            recalled = group.latencies.total() - group.results.total()
            group.results[ResultType.HIT.value] += recalled
            tally.lookups[nearest] += recalled
            tally.hits[nearest] += recalled
        for tier in self.caches.tiers:
            tally.stored_bytes[tier.name] += tier.store.size_bytes
        tally.runs, tally.cold_starts = self.functions.runs, self.functions.cold
        tally.billed_ms = self.functions.billed_ms
        return tally

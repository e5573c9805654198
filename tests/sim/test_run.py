"""Shards in virtual time: what they count, and that no short cut changes it."""

from __future__ import annotations

from random import Random

import pytest

from edgesim.caches import Caches
from edgesim.cloudfront.distribution import Routing
from edgesim.config.world import world
from edgesim.edge import Edge
from edgesim.lifecycle import serve
from edgesim.report.histogram import bucket
from edgesim.sim.bodies import Sized
from edgesim.sim.catalogue import Catalogue
from edgesim.sim.driver import Simulation, Timed
from edgesim.sim.run import ShardRun
from edgesim.sim.scenario import FLAT, MB, Content, Invalidation, Model, Outage, Scenario
from edgesim.sim.shards import shards
from edgesim.sim.tally import Tally
from edgesim.sim.ways import distribution
from edgesim.topology.handshakes import Handshake
from edgesim.topology.quantiles import Quantiles
from edgesim.topology.routing import Outages, path_for

from .small import small

WORLD = world()
HOME = "Ashburn (Washington)"
FOREVER = (("Cache-Control", "max-age=31536000"),)


def tallied(scenario: Scenario, *, recalls: bool = True) -> list[Tally]:
    tallies = [Tally() for _ in scenario.models]
    for shard in shards(WORLD, scenario):
        tallies[shard.model].add(ShardRun(WORLD, scenario, shard, recalls=recalls).run())
    return tallies


def one(content: Content, *, viewers: tuple[str, ...] = ("Tokyo",), **settings: object) -> Scenario:
    given = {"hours": FLAT, "requests": 1000, "seconds": 36_000.0, **settings}
    given.setdefault("models", (Model("m"),))
    models = given.pop("models")
    weights = dict.fromkeys(viewers, 1.0)
    return Scenario((content,), models, weights, **given)  # type: ignore[arg-type]


def test_what_is_not_begun_would_have_come_to_the_same() -> None:
    """With an outage, an invalidation, a deployment, evictions and functions in between."""
    assert tallied(small()) == tallied(small(), recalls=False)


def test_all_models_get_the_same_requests() -> None:
    edge, shield, regional = tallied(small())
    asked = [sorted((city, group.latencies.total()) for (city, _), group in one.groups.items())
             for one in (shield, regional)]  # fmt: skip
    assert edge.requests == shield.requests == regional.requests
    assert edge.requests_by_slot == regional.requests_by_slot
    assert asked[1] == [
        (city, sum(count for name, count in asked[0] if name == city))
        for city in ("Berlin", "New York City", "Osaka", "Tokyo")
    ]


def test_an_outage_moves_viewers_and_nothing_else_is_lost() -> None:
    edge, _, regional = tallied(small())
    entrances = {entrance for city, entrance in edge.groups if city == "Tokyo"}
    assert entrances == {"NRT", "KIX"}
    assert {entrance for _, entrance in regional.groups} == {"us-east-1"}
    assert edge.unreachable == 0


def test_a_machine_in_a_region_is_one() -> None:
    (tally,) = tallied(one(Content("a", headers=FOREVER), viewers=("us-east-1", HOME)))
    (machine, _), (home, _) = (
        (tally.groups[city, "IAD"].latencies.most_common(1)[0]) for city in ("us-east-1", HOME)
    )
    assert machine < home, "no last mile"


def test_who_finds_nothing_to_go_to_is_counted() -> None:
    down = (Outage(18_000.0, 36_000.0, frozenset({"us-east-1"})),)
    model = Model("m", routing=Routing.REGIONAL)
    (tally,) = tallied(one(Content("a"), models=(model,), outages=down))
    assert tally.unreachable == pytest.approx(500, rel=0.2)
    assert tally.requests + tally.unreachable == tally.requests_by_slot.total()


def test_one_object_is_fetched_once_until_it_is_invalidated() -> None:
    content = Content("a", headers=FOREVER)
    (tally,) = tallied(one(content))
    assert tally.origin_requests.total() == 1
    (again,) = tallied(one(content, invalidations=(Invalidation(18_000.0, "/*"),)))
    assert again.origin_requests.total() == 2
    hits = again.hits["pop"], again.lookups["pop"] - 2
    assert hits[0] == hits[1]


def test_what_may_not_be_cached_goes_past_the_regional_caches() -> None:
    (tally,) = tallied(one(Content("a", cached=False)))
    assert tally.origin_requests.total() == tally.requests
    assert not tally.lookups.total()


def test_a_body_takes_no_memory() -> None:
    huge = Content("a", size_bytes=Quantiles(((0.5, 1e12),)), headers=FOREVER)
    model = Model("m", pop_cache_bytes=10**13, regional_cache_bytes=10**13)
    (tally,) = tallied(one(huge, models=(model,), requests=20))
    assert tally.sent_bytes == 10**12 * tally.requests
    assert tally.stored_bytes["pop"] > 10**12
    assert Sized(10).part(2, 5).length == 3


def test_the_seconds_are_those_of_a_lifecycle_with_the_viewers_link_in_it() -> None:
    """The run takes the viewer's link out of the lifecycle; here it is in."""
    plan = one(Content("a", objects=3, origin_s=Quantiles(((0.5, 0.03),))))
    sim = Simulation(lambda _, asked: shop.answered(asked, Random(1)), lambda *_: Timed(None))
    shop = Catalogue(plan)
    path = path_for(WORLD, WORLD.viewer("Tokyo"))
    entry = path.entry(Handshake.TLS_1_3, 0.5 / 64)
    edge = Edge(distribution(plan, plan.models[0], "ap-northeast-1"), (), sim.clock)
    sim.finish(serve(Caches().placed(edge, path, entry), shop.request(0)))
    with_link = sim.now
    (shard,) = shards(WORLD, plan)
    run = ShardRun(WORLD, plan, shard)
    (way,) = run.ways.ways(run.cities, Outages()).values()
    assert way is not None
    run.sim.finish(run._visit(way, 64, 0))
    (latency,) = run.tally.groups["Tokyo", "NRT"].latencies
    assert latency == bucket(with_link)


def test_hit_ratios_are_those_of_another_simulator() -> None:
    """The LRU of libCacheSim on the same trace: all objects of one size, none of which expires."""
    simulator = pytest.importorskip("libcachesim")
    kept, objects = 100, 1000
    size = 10 * MB
    content = Content("a", objects=objects, size_bytes=Quantiles(((0.5, float(size)),)),
                      headers=FOREVER, origin_s=Quantiles(((0.5, 0.0),)))  # fmt: skip
    model = Model("m", routing=Routing.REGIONAL, regional_cache_bytes=kept * (size + 4096))
    plan = one(content, models=(model,), requests=8_000, seconds=8_000 * 60.0, poisson=False,
               viewers=("us-east-1",))  # fmt: skip
    (shard,) = shards(WORLD, plan)
    run = ShardRun(WORLD, plan, shard)
    trace = [number for _, _, number in run._arrivals[0].before(plan.seconds)]
    tally = ShardRun(WORLD, plan, shard).run()
    lru = simulator.LRU(cache_size=kept, consider_obj_metadata=False)
    hits = 0
    for moment, number in enumerate(trace):
        request = simulator.Request()
        request.obj_id, request.obj_size, request.clock_time = number, 1, moment
        hits += lru.get(request)
    assert tally.requests == len(trace)
    assert tally.hits["regional"] == hits
    assert 0.2 < hits / len(trace) < 0.9

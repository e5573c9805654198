"""Hits that are counted without being begun: whatever is simulated, all figures stay the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cloudfront.distribution import Routing
from edgesim.cloudfront.function import Trigger
from edgesim.config.world import world
from edgesim.effects import Steps
from edgesim.sim.run import ShardRun
from edgesim.sim.scenario import (
    FLAT,
    Content,
    Deployment,
    Invalidation,
    Model,
    Outage,
    Scenario,
    SimulatedFunction,
)
from edgesim.sim.shards import shards
from edgesim.sim.tally import Tally
from edgesim.sim.ways import Way
from edgesim.topology.quantiles import Quantiles

WORLD = world()
HOUR = 3600.0
LASTING = "max-age=31536000"


class Begun(ShardRun):
    """Knows how many lifecycles it began."""

    begun = 0

    def _visit(self, way: Way, kind: int, number: int) -> Steps[None]:
        self.begun += 1
        return super()._visit(way, kind, number)


def counted(scenario: Scenario, *, recalls: bool) -> tuple[list[Tally], int]:
    """What came of each model, and how many lifecycles that took."""
    tallies, begun = [Tally() for _ in scenario.models], 0
    for shard in shards(WORLD, scenario):
        run = Begun(WORLD, scenario, shard, recalls=recalls)
        tallies[shard.model].add(run.run())
        begun += run.begun
    return tallies, begun


def plan(*contents: Content, **settings: object) -> Scenario:
    usual = {"models": (Model("m"),), "hours": FLAT, "requests": 300, "seconds": HOUR}
    return Scenario(contents, viewers={"Tokyo": 2.0, "Osaka": 1.0}, **{**usual, **settings})  # type: ignore[arg-type]


def cached(cache_control: str, objects: int = 3, **settings: object) -> Content:
    return Content("a", objects=objects, headers=(("Cache-Control", cache_control),), **settings)  # type: ignore[arg-type]


def function(trigger: Trigger, runtime: str = "cloudfront-js-2.0") -> SimulatedFunction:
    return SimulatedFunction("f", trigger, runtime, Quantiles(((0.0, 0.001), (1.0, 0.005))))


def with_function(trigger: Trigger, runtime: str) -> Mapping[str, object]:
    return {"models": (Model("m", functions=(function(trigger, runtime),)),)}


SMALL_CACHES = {"models": (Model("m", pop_cache_bytes=30_000, regional_cache_bytes=60_000),)}
ROWS = [
    ({}, cached(LASTING), 0.1, "a hit is a hit"),
    ({}, cached("max-age=60"), 0.9, "until it is stale"),
    ({}, cached("max-age=60, stale-while-revalidate=600"), 0.95, "what is stale is refreshed"),
    ({}, cached("no-store"), 1.0, "what is not kept is no hit"),
    ({}, cached(LASTING, method="HEAD"), 1.0, "HEAD is looked up in two places"),
    ({}, cached(LASTING, cached=False), 1.0, "what goes past the caches is no hit"),
    (SMALL_CACHES, cached(LASTING, 30), 0.95, "what is evicted has to come again"),
    ({"invalidations": (Invalidation(HOUR / 2, "/*"),)}, cached(LASTING), 0.1, "and the invalid"),
    ({"deployments": (Deployment(HOUR / 2, frozenset("a")),)},
     cached(LASTING, hashed_names=True), 0.1, "other names are other objects"),
    ({"outages": (Outage(600.0, 1800.0, frozenset({"NRT"})),)}, cached(LASTING), 0.1,
     "each POP has its own"),
    ({"models": (Model("m", routing=Routing.REGIONAL),)}, cached(LASTING), 0.1, "no POP at all"),
    (with_function(Trigger.VIEWER_REQUEST, "cloudfront-js-2.0"), cached(LASTING), 1.0,
     "a function before the cache runs each time"),
    (with_function(Trigger.VIEWER_RESPONSE, "python3.12"), cached(LASTING), 1.0, "and behind it"),
    (with_function(Trigger.ORIGIN_RESPONSE, "python3.12"), cached(LASTING), 0.1, "not this one"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "content", "most", "why"), ROWS)
def test_what_need_not_be_begun(
    settings: Mapping[str, object], content: Content, most: float, why: str
) -> None:
    scenario = plan(content, **settings)
    (short, begun), (whole, every) = (counted(scenario, recalls=on) for on in (True, False))
    assert short == whole, why
    assert every == sum(tally.requests for tally in whole)
    assert begun <= most * every, why
    assert most < 1 or begun == every, why


MOMENTS = st.sampled_from([0.0, 400.0, 1234.5, 2000.0, 3000.0])
CONTENTS = st.builds(
    Content,
    name=st.just("a"),
    share=st.sampled_from([1.0, 3.0]),
    objects=st.integers(1, 25),
    zipf=st.sampled_from([0.0, 0.9]),
    size_bytes=st.sampled_from([5e3, 2e4, 9e4]).map(lambda at: Quantiles(((0.5, at),))),
    headers=st.sampled_from(
        [LASTING, "max-age=20", "max-age=300", "max-age=0", "no-store", "no-cache",
         "max-age=30, stale-while-revalidate=60", "s-maxage=100, stale-if-error=900"]
    ).map(lambda told: (("Cache-Control", told),)),
    cached=st.sampled_from([True, True, True, False]),
    method=st.sampled_from(["GET", "GET", "GET", "HEAD", "POST"]),
    origin_s=st.sampled_from([0.0, 0.3, 8.0]).map(lambda at: Quantiles(((0.5, at),))),
    hashed_names=st.booleans(),
)  # fmt: skip
TRIGGERS = st.sampled_from(
    [
        (Trigger.VIEWER_REQUEST, "cloudfront-js-2.0"),
        (Trigger.VIEWER_RESPONSE, "python3.12"),
        (Trigger.ORIGIN_REQUEST, "nodejs22.x"),
    ]
)
MODELS = st.builds(
    Model,
    name=st.just("m"),
    routing=st.sampled_from([Routing.EDGE_OPTIMIZED, Routing.EDGE_OPTIMIZED, Routing.REGIONAL]),
    shield_region=st.sampled_from(["", "", "us-east-1"]),
    pop_cache_bytes=st.sampled_from([25_000, 100_000, 10**9]),
    regional_cache_bytes=st.sampled_from([50_000, 200_000, 10**9]),
    functions=st.lists(TRIGGERS.map(lambda one: function(*one)), max_size=1).map(tuple),
)
OUTAGES = st.builds(
    Outage,
    at_s=MOMENTS,
    until_s=st.sampled_from([1500.0, 3100.0]),
    what=st.sampled_from([frozenset({"NRT"}), frozenset({"ap-northeast-1"})]),
).filter(lambda one: one.at_s < one.until_s)
SCENARIOS = st.builds(
    Scenario,
    contents=st.tuples(CONTENTS, CONTENTS.map(lambda one: replace(one, name="b"))),
    models=st.tuples(MODELS),
    viewers=st.just({"Tokyo": 2.0, "Osaka": 1.0, "New York City": 1.0}),
    requests=st.sampled_from([60, 250]),
    seconds=st.just(HOUR),
    poisson=st.booleans(),
    outages=st.lists(OUTAGES, max_size=2).map(tuple),
    invalidations=st.lists(
        st.builds(Invalidation, MOMENTS, st.sampled_from(["/*", "/a/1", "/b/1*"])), max_size=3
    ).map(tuple),
    deployments=st.lists(
        st.builds(Deployment, MOMENTS, st.sampled_from([frozenset("a"), frozenset("ab")])),
        max_size=2,
    ).map(tuple),
    seed=st.integers(1, 5),
)


@settings(max_examples=60, deadline=None)
@given(SCENARIOS)
def test_any_scenario_comes_to_the_same_without_the_short_cut(scenario: Scenario) -> None:
    assert counted(scenario, recalls=True)[0] == counted(scenario, recalls=False)[0]

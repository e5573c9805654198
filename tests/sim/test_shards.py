from __future__ import annotations

from dataclasses import replace

from edgesim.cloudfront.distribution import Routing
from edgesim.config.world import world
from edgesim.sim.scenario import Content, Model, Outage, Scenario
from edgesim.sim.shards import shards

CITIES = dict.fromkeys(["Tokyo", "Osaka", "Berlin", "New York City"], 1.0)
PLAN = Scenario((Content("a"),), (Model("edge"),), CITIES)


def cities(scenario: Scenario) -> list[list[str]]:
    names = list(scenario.viewers)
    return [[names[city] for city in shard.cities] for shard in shards(world(), scenario)]


def test_cities_behind_one_regional_cache_belong_together() -> None:
    assert cities(PLAN) == [["Tokyo", "Osaka"], ["Berlin"], ["New York City"]]
    assert sum(shard.share for shard in shards(world(), PLAN)) == 1


def test_a_region_or_a_shield_is_shared_by_all() -> None:
    for model in (Model("r", routing=Routing.REGIONAL), Model("s", shield_region="eu-west-1")):
        assert cities(replace(PLAN, models=(model,))) == [list(CITIES)], model.name


def test_an_outage_may_bring_cities_together_that_were_apart() -> None:
    outage = Outage(60.0, 120.0, frozenset({"ap-northeast-1"}))
    together = Outage(600.0, 700.0, frozenset({"eu-central-1"}))
    assert cities(replace(PLAN, outages=(outage,)))[0] == ["Tokyo", "Osaka"]
    dublin = replace(PLAN, viewers={**CITIES, "London": 1.0}, outages=(together,))
    assert ["Berlin", "London"] in cities(dublin)
    assert ["Berlin"] in cities(replace(dublin, outages=()))


def test_models_are_apart() -> None:
    two = replace(PLAN, models=(Model("a"), Model("b")))
    assert [shard.model for shard in shards(world(), two)] == [0, 0, 0, 1, 1, 1]

from __future__ import annotations

from edgesim.caches import Caches
from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.origin import Origin
from edgesim.config.world import world
from edgesim.edge import Edge
from edgesim.topology.network import Link
from edgesim.topology.routing import Outages, Routing, path_for

NOWHERE = Edge(Distribution((Behavior("*", Origin("app")),)), (), lambda: 0.0)


def placed(caches: Caches, city: str, edge: Edge = NOWHERE, **settings: object) -> Edge:
    path = path_for(world(), world().viewer(city), **settings)  # type: ignore[arg-type]
    return caches.placed(edge, path)


def shielded(region: str) -> Edge:
    origin = Origin("app", shield_region=region)
    return Edge(Distribution((Behavior("*", origin),)), (), lambda: 0.0)


def test_an_edge_has_the_caches_of_its_path() -> None:
    edge = placed(Caches(), "Osaka")
    assert [(tier.name, tier.region) for tier in edge.tiers] == [
        ("pop", "KIX"),
        ("regional", "ap-northeast-1"),
    ]
    assert edge.tiers[0].uplink.name == "KIX-ap-northeast-1"
    assert (edge.pop.city, edge.entry.name) == ("Osaka", "Osaka-KIX")


def test_a_cache_is_made_when_somebody_comes_by_and_stays_the_same() -> None:
    caches = Caches()
    assert caches.tiers == ()
    tokyo, again, osaka = (placed(caches, city) for city in ("Tokyo", "Tokyo", "Osaka"))
    assert tokyo.tiers[0] is again.tiers[0]
    assert tokyo.tiers[0] is not osaka.tiers[0]
    assert tokyo.tiers[1] is osaka.tiers[1], "one regional cache for both"
    assert [tier.label for tier in caches.tiers] == [
        "pop NRT",
        "pop KIX",
        "regional ap-northeast-1",
    ]
    assert tokyo.connections is osaka.connections


def test_a_regional_endpoint_has_the_cache_of_its_region_alone() -> None:
    edge = placed(Caches(), "Tokyo", routing=Routing.REGIONAL, region="eu-central-1")
    assert [tier.region for tier in edge.tiers] == ["eu-central-1"]


def test_a_pop_keeps_its_cache_when_the_one_behind_it_is_gone() -> None:
    caches = Caches()
    before = placed(caches, "Tokyo")
    outages = Outages(frozenset({"ap-northeast-1"}))
    after = placed(caches, "Tokyo", outages=outages)
    assert after.tiers[0] is before.tiers[0]
    assert after.tiers[0].uplink.name == "NRT-ap-northeast-2"


def test_origin_shield_is_the_regional_cache_that_is_there_anyway() -> None:
    caches = Caches()
    tokyo = placed(caches, "Tokyo", shielded("eu-central-1"))
    shield = tokyo.shields["eu-central-1"].tier
    berlin = placed(caches, "Berlin", shielded("eu-central-1"))
    assert shield.store is berlin.tiers[1].store
    assert shield.flights is berlin.tiers[1].flights, "and one flight serves both"
    assert shield.name == "shield-eu-central-1"


def test_another_way_in_may_be_given() -> None:
    path = path_for(world(), world().viewer("Tokyo"))
    assert Caches().placed(NOWHERE, path, Link("mine", 1.0)).entry == Link("mine", 1.0)


def test_stores_go_over_to_who_comes_after_and_nothing_else_does() -> None:
    caches = Caches()
    edge = placed(caches, "Tokyo", shielded("eu-central-1"))
    stores = [tier.store for tier in caches.tiers]
    after = caches.reopened()
    assert [tier.store for tier in after.tiers] == stores
    assert not {id(tier.store) for tier in edge.caches} & set(map(id, stores)), "left behind"
    assert all(not tier.flights for tier in after.tiers)
    again = placed(after, "Tokyo", shielded("eu-central-1"))
    assert again.shields["eu-central-1"].tier.store in stores

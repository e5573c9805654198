from __future__ import annotations

from typing import Any

import pytest

from edgesim.cloudfront.distribution import PriceClass, Routing
from edgesim.config.world import world
from edgesim.errors import ConfigError, EdgesimError
from edgesim.topology.handshakes import Handshake
from edgesim.topology.routing import BORDER_S, Outages, Path, path_for

WORLD = world()


def path(city: str, **settings: Any) -> Path:
    return path_for(WORLD, WORLD.viewer(city), **settings)


def broken(*places: str, links: tuple[tuple[str, str], ...] = ()) -> Outages:
    return Outages(frozenset(places), frozenset(map(frozenset, links)))


ENTRANCES = [
    ("Tokyo", {}, "NRT", "ap-northeast-1", "the city's own, and the cache in the same place"),
    ("Osaka", {}, "KIX", "ap-northeast-1", "the nearest regional cache is in Tokyo"),
    ("Miami", {}, "MIA", "us-east-1", "Americas, north-east"),
    ("Chicago", {}, "ORD", "us-east-2", "the centre"),
    ("Los Angeles", {}, "LAX", "us-west-1", "the west"),
    ("Buenos Aires", {}, "EZE", "sa-east-1", "South America"),
    ("Bogotá", {}, "BOG", "us-east-1", "but not the north of it"),
    ("Stockholm", {}, "ARN", "eu-central-1", "the rest of Europe"),
    ("Johannesburg", {}, "JNB", "eu-west-2", "Africa by way of its western cables"),
    ("Delhi", {}, "DEL", "ap-south-1", "India"),
    ("Bangkok", {}, "BKK", "ap-southeast-1", "South-East Asia"),
    ("Taipei", {}, "TPE", "ap-northeast-2", "Korea or Japan"),
    ("Auckland", {}, "AKL", "ap-southeast-2", "Oceania"),
    ("Moscow", {}, "HEL", "eu-central-1", "no POP in the country"),
    ("Tokyo", {"price_class": PriceClass.PRICE_CLASS_200}, "NRT", "ap-northeast-1", "in class"),
    ("Tokyo", {"price_class": PriceClass.PRICE_CLASS_100}, "SEA", "us-west-2", "nearest in class"),
    ("Sydney", {"price_class": PriceClass.PRICE_CLASS_200}, "SIN", "ap-southeast-1", "as well"),
    ("Tokyo", {"outages": broken("NRT")}, "KIX", "ap-northeast-1", "the next one"),
    ("Tokyo", {"outages": broken("ap-northeast-1")}, "NRT", "ap-northeast-2", "the next cache"),
    (
        "Tokyo",
        {"outages": broken(links=(("NRT", "ap-northeast-1"),))},
        "NRT",
        "ap-northeast-2",
        "the link to it is cut",
    ),
    (
        "Tokyo",
        {"outages": broken(links=(("Tokyo", "NRT"),))},
        "KIX",
        "ap-northeast-1",
        "the viewer's link is cut",
    ),
    ("Shanghai", {}, "ICN", "ap-northeast-2", "no global POP in China"),
]


@pytest.mark.parametrize(("city", "settings", "pop", "regional", "why"), ENTRANCES)
def test_where_viewers_come_in(city: str, settings: Any, pop: str, regional: str, why: str) -> None:
    found = path(city, **settings)
    assert found.pop is not None
    assert (found.pop.code, found.regional.code) == (pop, regional), why


def test_every_viewer_of_the_world_gets_in_within_what_planners_expect() -> None:
    for city in WORLD.viewer_cities.values():
        found = path(city.name)
        assert found.pop is not None
        rtt_ms = found.network.rtt_s * 1000
        inside = found.pop.country == city.place.country
        assert rtt_ms < (15 if inside else 150), f"{city.name} to {found.pop.code}"


def test_a_regional_endpoint_is_crossed_to_whole() -> None:
    found = path("Tokyo", routing=Routing.REGIONAL, region="eu-central-1")
    assert (found.pop, found.regional.code, found.admitted) == (None, "eu-central-1", True)
    assert found.network.rtt_s == pytest.approx(0.227, abs=0.005)
    assert found.site == found.regional.site


PRIVATE = [
    ("Tokyo", False, "from outside"),
    ("eu-central-1", True, "a machine in the network"),
    ("us-east-1", True, "a machine in a network that is connected to it"),
]


@pytest.mark.parametrize(("viewer", "admitted", "why"), PRIVATE)
def test_a_private_endpoint_lets_in_who_is_inside(viewer: str, admitted: bool, why: str) -> None:
    found = path(viewer, routing=Routing.PRIVATE, region="eu-central-1")
    assert found.admitted is admitted, why


def test_china_s_border_takes_its_time_in_both_directions() -> None:
    there = path("Shanghai", routing=Routing.REGIONAL, region="ap-northeast-1")
    plain = WORLD.link(there.viewer.site, there.regional.site)
    assert there.network.rtt_s == pytest.approx(plain.rtt_s + BORDER_S)
    back = path("Tokyo", routing=Routing.REGIONAL, region="cn-north-1")
    assert back.network.rtt_s == pytest.approx(
        WORLD.link(back.viewer.site, back.regional.site).rtt_s + BORDER_S
    )
    inside = path("Shanghai", routing=Routing.REGIONAL, region="cn-north-1")
    assert inside.network.rtt_s < 0.03


def test_the_last_mile_is_on_top_and_may_be_drawn() -> None:
    found = path("London")
    median, slow = found.entry(), found.entry(share=0.95)
    assert median.rtt_s == pytest.approx(found.network.rtt_s + 0.0268), "DSL"
    assert slow.rtt_s == pytest.approx(found.network.rtt_s + 0.0604)
    fresh = found.entry(Handshake.TLS_1_3)
    assert (fresh.setup_round_trips, fresh.fresh, median.fresh) == (2, True, False)


def test_the_way_on_to_origins() -> None:
    found = path("Osaka")
    assert found.uplink.name == "KIX-ap-northeast-1"
    assert found.onward("eu-west-1").name == "ap-northeast-1-eu-west-1"
    assert found.onward("eu-west-1", direct=True).name == "KIX-eu-west-1", "dynamic requests"
    assert found.between("us-east-1", "eu-west-1").rtt_s == pytest.approx(0.0697, abs=0.001)


UNREACHABLE = [
    ({"outages": Outages(frozenset(WORLD.edge_cities))}, "no edge location of PriceClass_All"),
    ({"outages": Outages(frozenset(WORLD.regions))}, "no regional edge cache is left"),
    (
        {"routing": Routing.REGIONAL, "region": "sa-east-1", "outages": broken("sa-east-1")},
        "sa-east-1 cannot be reached from Tokyo",
    ),
]


@pytest.mark.parametrize(("settings", "what"), UNREACHABLE)
def test_where_nothing_is_left_to_go_to(settings: Any, what: str) -> None:
    with pytest.raises(EdgesimError, match=what) as caught:
        path("Tokyo", **settings)
    assert (caught.value.status, caught.value.code) == (503, "Unreachable")


def test_a_region_that_there_is_not() -> None:
    with pytest.raises(ConfigError, match="us-east-9"):
        path("Tokyo", routing=Routing.REGIONAL, region="us-east-9")


def test_outages_are_switched_one_by_one() -> None:
    place, link = frozenset({"NRT"}), frozenset({"KIX", "us-east-1"})
    both = Outages().switched(place, on=True).switched(link, on=True)
    assert both == Outages(place, frozenset({link}))
    assert both.cut("us-east-1", "KIX")
    assert not both.cut("us-east-1", "NRT")
    assert both.switched(place, on=False).switched(link, on=False) == Outages()

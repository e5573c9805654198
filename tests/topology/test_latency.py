from __future__ import annotations

import pytest

from edgesim.config.world import measured_ms, world
from edgesim.topology.geography import Point
from edgesim.topology.latency import NEAR_KM, LatencyModel, Site
from edgesim.topology.routes import Pace, Route, RouteMap

PACE = Pace(land_ms=1.0, sea_ms=1.0, hop_ms=0.0, access_ms=0.0)
A, B = Point(0, 0), Point(0, 90)
MAP = RouteMap({"a": A, "b": B}, [Route("a", "b", "sea", 10_000)], PACE)
MEASURED = {("a-1", "b-1"): 150.0, ("b-1", "a-1"): 152.0}
MODEL = LatencyModel(MAP, {"a-1": A, "b-1": B}, MEASURED)


def test_what_was_measured_is_as_it_was_measured_in_its_direction() -> None:
    assert MODEL.rtt_ms(Site("a-1", A), Site("b-1", B)) == 150.0
    assert MODEL.rtt_ms(Site("b-1", B), Site("a-1", A)) == 152.0
    assert MODEL.rtt_s(Site("a-1", A), Site("b-1", B)) == 0.15


def test_every_measured_pair_of_the_world_is_as_measured() -> None:
    model, regions = world().latency, world().regions
    for (a, b), ms in measured_ms().items():
        assert model.rtt_ms(regions[a].site, regions[b].site) == ms


def test_a_pop_beside_a_region_is_as_far_from_elsewhere_as_the_region() -> None:
    assert MODEL.rtt_ms(Site("NRT", A), Site("b-1", B)) == pytest.approx(151.0), "both directions"


def test_what_was_found_out_counts_for_less_with_the_distance() -> None:
    half_away = Point(0, NEAR_KM / 111.195)
    trail = MAP.rtt_ms(half_away, B)
    assert MODEL.rtt_ms(Site("x", half_away), Site("b-1", B)) == pytest.approx(trail * 1.255)


def test_two_places_near_the_same_region_go_by_the_map() -> None:
    near, nearer = Point(0, 1), Point(0, 2)
    assert MODEL.rtt_ms(Site("x", near), Site("y", nearer)) == MAP.rtt_ms(near, nearer)


def test_an_odd_thing_of_the_real_world_is_kept() -> None:
    regions, rtt_ms = world().regions, world().latency.rtt_ms
    tel_aviv, dubai = regions["il-central-1"].site, regions["me-central-1"].site
    assert rtt_ms(tel_aviv, dubai) > 140, "there is no direct way, geography or not"
    cape_town, mumbai = regions["af-south-1"].site, regions["ap-south-1"].site
    assert rtt_ms(cape_town, mumbai) > 250, "by way of Europe"

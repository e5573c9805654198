from __future__ import annotations

from edgesim.topology.geography import Point
from edgesim.topology.routes import Pace, Route, RouteMap, Trail

PACE = Pace(land_ms=2.0, sea_ms=1.0, hop_ms=5.0, access_ms=3.0)
WEST, MIDDLE, EAST = Point(0, 0), Point(0, 30), Point(0, 60)
HUBS = {"west": WEST, "middle": MIDDLE, "east": EAST}


def drawn(*routes: Route) -> RouteMap:
    return RouteMap(HUBS, routes, PACE)


def test_the_pace_makes_milliseconds_of_what_a_way_is_made_of() -> None:
    trail = Trail(land_km=100, sea_km=1000, hops=2, local_km=50)
    assert PACE.rtt_ms(trail) == 3 + 2 + 10 + 1 + 2 * 5


def test_the_quickest_way_wins_not_the_shortest() -> None:
    map_ = drawn(
        Route("west", "east", "land", 6000),
        Route("west", "middle", "sea", 4000),
        Route("middle", "east", "sea", 4000),
    )
    assert map_.trail(WEST, EAST) == Trail(sea_km=8000, hops=2)
    assert map_.rtt_ms(WEST, EAST) == map_.rtt_ms(EAST, WEST) == 3 + 80 + 10


def test_a_place_beside_a_hub_is_connected_to_that_hub_alone() -> None:
    map_ = drawn(Route("west", "middle", "sea", 4000))
    assert [name for name, _ in map_.entrances(Point(0, 0.3))] == ["west"]
    assert [name for name, _ in map_.entrances(Point(0, 10))] == ["west", "middle", "east"]


def test_neighbours_need_no_hub() -> None:
    map_ = drawn(Route("west", "middle", "sea", 4000))
    trail = map_.trail(Point(0, 9), Point(0, 10))
    assert (trail.hops, trail.sea_km) == (0, 0)
    assert 111 < trail.local_km < 112


def test_routes_of_equal_length_are_told_apart_the_same_way_every_time() -> None:
    routes = (Route("west", "east", "sea", 5000), Route("east", "west", "sea", 5000))
    assert drawn(*routes).trail(WEST, EAST) == drawn(*reversed(routes)).trail(WEST, EAST)

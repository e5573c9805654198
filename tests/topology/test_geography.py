from __future__ import annotations

import pytest

from edgesim.topology.geography import Point, distance_km, length_km

TOKYO, LONDON = Point(35.68, 139.69), Point(51.51, -0.13)

DISTANCES = [
    (TOKYO, TOKYO, 0.0, "nothing"),
    (Point(0, 0), Point(0, 180), 20015.1, "half the way round"),
    (Point(0, 179.5), Point(0, -179.5), 111.2, "across the date line"),
    (Point(90, 0), Point(90, 120), 0.0, "longitude means nothing at a pole"),
    (TOKYO, LONDON, 9558.6, "as atlases have it, to a few kilometres"),
]


@pytest.mark.parametrize(("a", "b", "km", "why"), DISTANCES)
def test_distance(a: Point, b: Point, km: float, why: str) -> None:
    assert distance_km(a, b) == pytest.approx(km, abs=3), why
    assert distance_km(a, b) == distance_km(b, a), "the same both ways"


def test_it_is_rounded_so_that_no_library_s_last_digit_shows() -> None:
    assert distance_km(TOKYO, LONDON) == round(distance_km(TOKYO, LONDON), 1)


def test_a_route_is_as_long_as_its_legs() -> None:
    cape = Point(-34, 18)
    there = distance_km(LONDON, cape) + distance_km(cape, TOKYO)
    assert length_km([LONDON, cape, TOKYO]) == pytest.approx(there)
    assert length_km([LONDON]) == 0

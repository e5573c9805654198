from __future__ import annotations

from random import Random

import pytest

from edgesim.config.world import world
from edgesim.topology.last_mile import ACCESS, access_s

MEASURED_MS = {
    "fibre": [3.7, 5.5, 9.7, 14.0, 18.7, 27.7, 62.5],
    "cable": [10.6, 12.8, 16.8, 23.2, 31.1, 37.1, 66.5],
    "dsl": [12.6, 18.6, 26.8, 37.9, 50.8, 60.4, 98.3],
}
"""FCC, Measuring Broadband America, average idle round trip: p10, 25, 50, 75, 90, 95, 99."""

PLANNED_MS = [
    ("5g", 15, 25),
    ("4g", 30, 50),
    ("3g", 80, 120),
    ("satellite-leo", 25, 45),
    ("satellite-geo", 590, 610),
    ("none", 0, 0),
]


@pytest.mark.parametrize("access", MEASURED_MS)
def test_fixed_lines_have_the_percentiles_that_were_measured(access: str) -> None:
    shares = (0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99)
    assert [access_s(access, share) * 1000 for share in shares] == pytest.approx(
        MEASURED_MS[access]
    )


@pytest.mark.parametrize(("access", "least", "most"), PLANNED_MS)
def test_the_median_of_the_others_is_what_planners_use(
    access: str, least: float, most: float
) -> None:
    assert least <= access_s(access) * 1000 <= most


def test_the_same_seed_draws_the_same_last_miles() -> None:
    drawn = [[access_s("cable", one.random()) for _ in range(5)] for one in (Random(7), Random(7))]
    assert drawn[0] == drawn[1]
    assert drawn[0] == [0.013981, 0.011346, 0.020664, 0.009553, 0.017719], "on every machine"


def test_every_city_has_a_kind_of_access_that_is_known() -> None:
    assert {city.access for city in world().viewer_cities.values()} <= set(ACCESS)

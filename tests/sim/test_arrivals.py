from __future__ import annotations

from collections import Counter
from math import exp, log
from random import Random

import pytest

from edgesim.sim.arrivals import SHARES, Arrivals, exponential, exponential_gaps, hourly_rates
from edgesim.sim.popularity import chances
from edgesim.sim.scenario import DAILY, FLAT, Content, Model, Scenario

HOUR = 3600.0


def scenario(**settings: object) -> Scenario:
    given = {"hours": FLAT, "requests": 24_000, **settings}
    return Scenario((Content("a", objects=3),), (Model("m"),), {"Tokyo": 1.0}, **given)  # type: ignore[arg-type]


def arrivals(plan: Scenario, city: str = "Tokyo") -> Arrivals:
    rates = hourly_rates(plan, 1.0, 0.0)
    return Arrivals(plan, city, rates, chances(plan.contents))


def test_gaps_are_exponential() -> None:
    assert exponential_gaps()[512] == pytest.approx(log(2), abs=1e-15)
    random = Random(5)
    gaps = [exponential(random.random, exponential_gaps()) for _ in range(100_000)]
    assert sum(gaps) / len(gaps) == pytest.approx(1, rel=0.01)
    for limit in (0.01, 0.5, 2, 7.5):
        beyond = sum(gap > limit for gap in gaps) / len(gaps)
        assert beyond == pytest.approx(exp(-limit), abs=0.005), limit


def test_as_many_come_as_the_hour_brings() -> None:
    day = arrivals(scenario(hours=DAILY)).before(24 * HOUR)
    by_hour = Counter(int(moment // HOUR) for moment, _, _ in day)
    assert len(day) == pytest.approx(24_000, rel=0.03)
    busy = DAILY[21] / (sum(DAILY) / 24) * 1000
    assert by_hour[21] == pytest.approx(busy, rel=0.1)
    assert by_hour[4] < 500


def test_constant_arrivals_are_evenly_apart() -> None:
    moments = [moment for moment, _, _ in arrivals(scenario(poisson=False)).before(100)]
    assert moments == pytest.approx([3.6 * number for number in range(1, 28)])


def test_who_comes_once_in_years_comes_then() -> None:
    rare = arrivals(scenario(requests=1, seconds=1000 * 24 * HOUR, poisson=False))
    assert rare.before(999.9 * 24 * HOUR) == []
    assert [moment for moment, _, _ in rare.before(1001 * 24 * HOUR)] == [
        pytest.approx(1000 * 24 * HOUR)
    ]


def test_it_does_not_matter_in_how_many_parts_they_are_drawn() -> None:
    whole = arrivals(scenario()).before(7200)
    parts = arrivals(scenario())
    assert [one for end in range(0, 7201, 50) for one in parts.before(end)] == whole


def test_cities_and_seeds_differ() -> None:
    first = arrivals(scenario()).before(3600)
    assert first == arrivals(scenario()).before(3600)
    assert first != arrivals(scenario(seed=2)).before(3600)
    assert first != arrivals(scenario(), "Osaka").before(3600)


def test_popularity_and_new_connections() -> None:
    day = arrivals(scenario(new_connections=0.25)).before(24 * HOUR)
    fresh = sum(kind >= SHARES for _, kind, _ in day) / len(day)
    assert fresh == pytest.approx(0.25, abs=0.02)
    counts = Counter(number for _, _, number in day)
    weights = [rank**-0.8 for rank in (1, 2, 3)]
    for number, weight in enumerate(weights):
        assert counts[number] / len(day) == pytest.approx(weight / sum(weights), abs=0.02)


def test_a_city_lives_by_its_own_sun() -> None:
    plan = scenario(hours=DAILY)
    tokyo = hourly_rates(plan, 1.0, 139.7)
    assert max(tokyo) == tokyo[12], "21 h in Tokyo is noon in Greenwich"

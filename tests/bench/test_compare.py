from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from edgesim.bench.compare import bounds, differences
from edgesim.bench.summary import Summary
from edgesim.report.histogram import Histogram
from tests.bench.runs import run_of


def exponential(seed: int, mean_s: float, count: int = 2000) -> list[float]:
    random = Random(seed)
    return [random.expovariate(1 / mean_s) for _ in range(count)]


def test_a_run_does_not_differ_from_its_like() -> None:
    one, other = run_of(exponential(1, 0.01)), run_of(exponential(2, 0.01))
    assert {found.name: found.verdict for found in differences(one, other)} == dict.fromkeys(
        ["requests a second", "p50", "p90", "p99", "p99.9", "hit ratio"], "no telling"
    )


def test_twice_as_slow_is_worse_and_the_way_back_better() -> None:
    quick, slow = run_of(exponential(1, 0.01)), run_of(exponential(2, 0.02))
    worse = {found.name: found for found in differences(quick, slow)}
    assert worse["p50"].verdict == worse["p99"].verdict == "worse"
    assert worse["p50"].low < 1.0 < worse["p50"].high, "it doubled: 100 % more"
    assert {found.name: found.verdict for found in differences(slow, quick)}["p50"] == "better"


def test_fewer_hits_are_worse() -> None:
    many, few = run_of([0.01] * 1000, results="Hit Hit Hit Miss"), run_of([0.01] * 1000)
    found = {one.name: one for one in differences(many, few)}["hit ratio"]
    assert (found.before, found.after, found.verdict) == (0.75, 0.5, "worse")


def test_bounds_hold_the_true_percentile_as_often_as_they_say() -> None:
    """The median of an exponential distribution is its mean times ln 2."""
    held = 0
    for seed in range(300):
        latencies = Histogram()
        latencies.record(exponential(seed, 0.01, 200))
        low, high = bounds(latencies, 50)
        held += low <= 0.00693147 <= high
    assert held / 300 == pytest.approx(0.95, abs=0.04)


def drifting(seed: int, seconds: int = 30) -> list[float]:
    """Ten answers a second that are all quick or all slow: a machine that others use too."""
    random = Random(seed)
    return [0.01 * pace for _ in range(seconds) for pace in [random.uniform(1, 2)] * 10]


def test_what_seconds_have_in_common_makes_less_sure() -> None:
    """Ten answers that are slow together tell of one slow second, not of ten answers."""
    runs = [run_of(drifting(seed)) for seed in range(80)]
    pairs = list(zip(runs[::2], runs[1::2], strict=True))
    assert sum(verdict_on_p50(one, other) != "no telling" for one, other in pairs) <= 4
    forgetful = [(replace(one, dispersion={}), replace(two, dispersion={})) for one, two in pairs]
    assert sum(verdict_on_p50(one, other) != "no telling" for one, other in forgetful) >= 12


def verdict_on_p50(one: Summary, other: Summary) -> str:
    return next(found.verdict for found in differences(one, other) if found.name == "p50")


def test_dispersion_is_how_many_answers_tell_of_one() -> None:
    assert run_of(exponential(1, 0.01)).dispersion["50"] == pytest.approx(1, abs=0.3)
    assert run_of(drifting(1)).dispersion["50"] == pytest.approx(10, abs=1)


def test_without_a_hit_ratio_in_both_none_is_compared() -> None:
    silent, said = run_of([0.01] * 50, results=""), run_of([0.01] * 50)
    assert "hit ratio" not in {found.name for found in differences(silent, said)}


def test_runs_without_an_answer_can_be_compared() -> None:
    assert all(found.change == 0 for found in differences(run_of([]), run_of([])))

from __future__ import annotations

from itertools import pairwise
from random import Random
from statistics import mean, stdev

import pytest

from edgesim.bench.pace import Stage, moments, steps


def test_evenly_spaced() -> None:
    assert list(moments([Stage(1, 4, 4)], None)) == pytest.approx([0, 0.25, 0.5, 0.75])


def test_steps_follow_each_other() -> None:
    due = list(moments([Stage(1, 10, 10), Stage(1, 100, 100)], None))
    assert sum(one < 1 for one in due) == pytest.approx(10, abs=1)
    assert sum(one >= 1 for one in due) == pytest.approx(100, abs=1)
    assert due == sorted(due)


def test_a_ramp_has_the_mean_of_its_ends() -> None:
    due = list(moments([Stage(10, 0, 100)], None))
    assert len(due) == pytest.approx(500, rel=0.05)
    assert sum(one < 5 for one in due) == pytest.approx(125, rel=0.1)


def test_independent_viewers_come_as_a_poisson_process() -> None:
    due = list(moments([Stage(100, 100, 100)], Random(1)))
    gaps = [later - one for one, later in pairwise(due)]
    assert len(due) == pytest.approx(10_000, rel=0.03)
    assert mean(gaps) == pytest.approx(0.01, rel=0.03)
    assert stdev(gaps) == pytest.approx(0.01, rel=0.05), "an exponential's deviation is its mean"


@pytest.mark.parametrize(
    ("stages", "named"),
    [
        ([Stage(10, 100, 100)], []),
        (
            [Stage(5, 100, 100), Stage(5, 0.5, 0.5)],
            [(5, "1. 100/s"), (10, "2. 0.5/s")],
        ),
        (
            [Stage(10, 0, 50)],
            [(2 * n, f"{n}. {10 * n - 10} to {10 * n}/s") for n in range(1, 6)],
        ),
    ],
)
def test_the_parts_of_a_rate_that_changes(
    stages: list[Stage], named: list[tuple[float, str]]
) -> None:
    assert steps(stages) == named

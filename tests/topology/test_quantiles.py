from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.topology.quantiles import Quantiles

TABLE = Quantiles.of_ms([(0, 10), (50, 20), (90, 100), (100, 500)])

DRAWS = [
    (0.0, 0.010, "the first row"),
    (0.25, 0.015, "half the way to the second"),
    (0.5, 0.020, "the median"),
    (0.7, 0.060, "half the way from there"),
    (1.0, 0.500, "the last row"),
    (-0.1, 0.010, "nothing is quicker than the first"),
]


@pytest.mark.parametrize(("share", "seconds", "why"), DRAWS)
def test_a_draw_lies_between_rows(share: float, seconds: float, why: str) -> None:
    assert TABLE.at(share) == pytest.approx(seconds), why


def test_the_median() -> None:
    assert TABLE.median_s == 0.02


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_greater_share_takes_no_less(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert TABLE.at(low) <= TABLE.at(high)

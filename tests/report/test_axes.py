from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.report.axes import Axis, duration, percentage, plain, round_step, scaled


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0"), (1.5, "1.5 s"), (0.02, "20 ms"), (35e-6, "35 µs"), (120, "120 s"), (2e-7, "0.2 µs")],
)
def test_a_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234567, "1,234,567"), (0.25, "0.25"), (1.5, "1.5"), (1e-4, "0.0001")],
)
def test_a_number(value: float, text: str) -> None:
    assert plain(value) == text


@pytest.mark.parametrize(("share", "text"), [(0.125, "12.5 %"), (1, "100 %"), (0.99951, "100 %")])
def test_a_share(share: float, text: str) -> None:
    assert percentage(share) == text


@pytest.mark.parametrize(
    ("step", "rounded"), [(1, 1), (1.1, 2), (3, 5), (7, 10), (0.03, 0.05), (2000, 2000)]
)
def test_a_step_is_round(step: float, rounded: float) -> None:
    assert round_step(step) == pytest.approx(rounded)


VALUES = st.lists(st.floats(0, 1e9, allow_subnormal=False), max_size=20)


@given(VALUES, st.booleans())
def test_every_value_has_a_place_and_marks_lie_on_the_axis(
    values: list[float], logarithmic: bool
) -> None:
    scale = scaled(Axis(logarithmic=logarithmic), values)
    shown = [value for value in values if value > 1e-6 or not logarithmic]
    assert all(-1e-9 <= scale.at(value) <= 1 + 1e-9 for value in shown)
    assert all(-1e-9 <= scale.at(mark) <= 1 + 1e-9 for mark in scale.marks)
    assert 2 <= len(scale.marks) <= 20


def test_marks_are_where_people_look_for_them() -> None:
    assert scaled(Axis(), [0, 97]).marks == (0, 20, 40, 60, 80, 100)
    assert scaled(Axis(low=None), [120, 180]).marks == (120, 140, 160, 180)
    assert scaled(Axis(high=1), [0.2]).marks == (0, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert scaled(Axis(logarithmic=True), [0.002, 0.9]).marks == pytest.approx((1e-3, 1e-2, 0.1, 1))

"""Axes: from values to places on paper, with marks at round values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10

MOST_DECADES = 9
"""Of a logarithmic axis; what is smaller lies at its beginning."""


def plain(value: float) -> str:
    """A number as people write it: no exponent, no more digits than it needs."""
    if value and abs(value) < 1:
        return f"{value:.6f}".rstrip("0")
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return text or "0"


def duration(seconds: float) -> str:
    """`1.5 s`, `20 ms`, `35 µs`."""
    if seconds == 0:
        return "0"
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if abs(seconds) >= size:
            return f"{_three(seconds / size)} {unit}"
    return f"{_three(seconds * 1e6)} µs"


def percentage(share: float) -> str:
    """`12.5 %` of 0.125."""
    return f"{_three(share * 100)} %"


def _three(value: float) -> str:
    """`value` with three significant digits, none of them behind a large number."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Axis:
    """What a direction of a chart shows."""

    title: str = ""
    text: Callable[[float], str] = plain
    low: float | None = 0.0
    """Where it begins; None for the smallest value."""
    high: float | None = None
    logarithmic: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis with its values known: what lies where between 0 and 1."""

    low: float
    high: float
    marks: tuple[float, ...]
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Where `value` is, 0 for the beginning of the axis and 1 for its end."""
        if self.logarithmic:
            return (log10(max(value, self.low)) - log10(self.low)) / (
                log10(self.high) - log10(self.low)
            )
        return (value - self.low) / (self.high - self.low)


def scaled(axis: Axis, values: Sequence[float]) -> Scale:
    """The scale on which all of `values` have a place."""
    if axis.logarithmic:
        return _logarithmic(axis, [value for value in values if value > 0] or [1.0])
    least, most = min(values, default=0.0), max(values, default=1.0)
    low = axis.low if axis.low is not None else least
    low = min(low, least)
    high = axis.high if axis.high is not None else most
    if high <= low:
        high = low + 1.0
    step = round_step((high - low) / 5)
    if axis.high is None:
        high = low + step * -(-(high - low) // step)
    first = -(-low // step)
    count = floor((high - low) / step + 1e-9) + 1
    marks = tuple(round((first + index) * step, 12) for index in range(count))
    return Scale(low, high, tuple(mark for mark in marks if mark <= high))


def _logarithmic(axis: Axis, values: Sequence[float]) -> Scale:
    top = -floor(-log10(axis.high or max(values)))
    bottom = max(floor(log10(axis.low or min(values))), top - MOST_DECADES)
    bottom = min(bottom, top - 1)
    marks = tuple(10.0**power for power in range(bottom, top + 1))
    return Scale(marks[0], marks[-1], marks, logarithmic=True)


def round_step(step: float) -> float:
    """The next of 1, 2, 5, 10, … that is not below `step`."""
    power = 10.0 ** floor(log10(step))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step * 0.999999)

"""When the viewers of a city ask for what: a stream without an end, the same for the same seed.

Exponential gaps come from a table that the `decimal` module calculates, whose logarithms are the
same on every machine; the C library's are not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Context
from functools import cache
from random import Random

from .scenario import Scenario

STEPS = 1024
"""Rows of the table of gaps; between two of them it is a straight line."""

SHARES = 64
"""Cases of the last mile that are told apart."""

HOUR_S = 3600.0

Arrival = tuple[float, int, int]
"""The moment; the case of the last mile, `SHARES` more over a new connection; the object."""


@cache
def exponential_gaps() -> tuple[float, ...]:
    """-ln(1 - i/STEPS) for each i below STEPS."""
    context = Context(prec=30)
    return tuple(-float(context.ln(context.divide(STEPS - i, STEPS))) for i in range(STEPS))


def exponential(random: Random) -> float:
    """A gap whose mean is 1. Beyond the table's end it begins anew: it has no memory."""
    gaps, passed = exponential_gaps(), 0.0
    while True:
        at = random.random() * STEPS
        index = int(at)
        if index + 1 < STEPS:
            low = gaps[index]
            return passed + low + (gaps[index + 1] - low) * (at - index)
        passed += gaps[-1]


def hourly_rates(scenario: Scenario, share: float, longitude: float) -> tuple[float, ...]:
    """Requests a second in each hour of the day (UTC), of so large a share of the viewers.

    A city's own time is that of its sun: no tables of time zones, which a machine has or has not.
    """
    rate = scenario.requests / scenario.seconds * share
    mean = sum(scenario.hours) / len(scenario.hours)
    ahead = round(longitude / 15)
    return tuple(rate / mean * scenario.hours[(hour + ahead) % 24] for hour in range(24))


class Arrivals:
    """The requests of one city in the order in which they are sent."""

    def __init__(
        self, scenario: Scenario, city: str, rates: Sequence[float], chances: Sequence[float]
    ) -> None:
        self.random = Random(f"{scenario.seed} {city}")  # noqa: S311 - no secret
        self.rates, self.chances = rates, chances
        self.poisson, self.new_connections = scenario.poisson, scenario.new_connections
        self._in_a_day = sum(rates) * HOUR_S
        self._moment = self._after(0.0)

    def before(self, end: float) -> list[Arrival]:
        """Those that come before `end` and were not given out yet."""
        draw, chances = self.random.random, self.chances
        whole, last, fresh = chances[-1], len(chances) - 1, self.new_connections
        found: list[Arrival] = []
        moment = self._moment
        while moment < end:
            kind = int(draw() * SHARES)
            if draw() < fresh:
                kind += SHARES
            number = bisect_right(chances, draw() * whole)
            found.append((moment, kind, min(number, last)))
            moment = self._after(moment)
        self._moment = moment
        return found

    def _after(self, moment: float) -> float:
        """When the one after `moment` comes, by the rate of the hour or of several."""
        gap = exponential(self.random) if self.poisson else 1.0
        if gap >= self._in_a_day:
            days = int(gap / self._in_a_day)
            gap, moment = gap - days * self._in_a_day, moment + days * 24 * HOUR_S
        while True:
            hour = int(moment / HOUR_S)
            rate, over = self.rates[hour % 24], (hour + 1) * HOUR_S
            if gap < rate * (over - moment):
                return moment + gap / rate
            gap -= rate * (over - moment)
            moment = over

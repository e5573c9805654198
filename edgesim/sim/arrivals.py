"""When the viewers of a city ask for what: a stream without an end, the same for the same seed.

Exponential gaps come from a table that the `decimal` module calculates, whose logarithms are the
same on every machine; the C library's are not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
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


def exponential(draw: Callable[[], float], gaps: Sequence[float]) -> float:
    """A gap whose mean is 1. Beyond the table's end it begins anew: it has no memory."""
    passed = 0.0
    while (at := draw() * STEPS) >= STEPS - 1:
        passed += gaps[-1]
    index = int(at)
    low = gaps[index]
    return passed + low + (gaps[index + 1] - low) * (at - index)


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
        self._hour = 0
        self._moment = self._later(0.0, self._gap())

    def before(self, end: float) -> list[Arrival]:
        """Those that come before `end` and were not given out yet."""
        draw, chances, fresh = self.random.random, self.chances, self.new_connections
        gap_of, gaps = exponential, exponential_gaps()
        whole, last, poisson = chances[-1], len(chances) - 1, self.poisson
        found: list[Arrival] = []
        moment = self._moment
        rate, over = self._now()
        while moment < end:
            kind = int(draw() * SHARES)
            if draw() < fresh:
                kind += SHARES
            found.append((moment, kind, bisect_right(chances, draw() * whole, 0, last)))
            gap = gap_of(draw, gaps) if poisson else 1.0
            if gap < rate * (over - moment):
                moment += gap / rate
            else:
                moment = self._later(moment, gap)
                rate, over = self._now()
        self._moment = moment
        return found

    def _gap(self) -> float:
        return exponential(self.random.random, exponential_gaps()) if self.poisson else 1.0

    def _now(self) -> tuple[float, float]:
        """The rate of the hour, and when it is over."""
        return self.rates[self._hour % 24], (self._hour + 1) * HOUR_S

    def _later(self, moment: float, gap: float) -> float:
        """When the one after `moment` comes, by the rate of several hours."""
        if gap >= self._in_a_day:
            days = int(gap / self._in_a_day)
            gap, moment = gap - days * self._in_a_day, moment + days * 24 * HOUR_S
            self._hour += days * 24
        while True:
            rate, over = self._now()
            if gap < rate * (over - moment):
                return moment + gap / rate
            gap -= rate * (over - moment)
            moment = over
            self._hour += 1

"""When requests should go out: an open loop's schedule, which no slow answer holds up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from random import Random


@dataclass(frozen=True, slots=True)
class Stage:
    """So many seconds at a rate, or on the way from one rate to another; requests a second."""

    seconds: float
    rate: float
    rate_at_end: float

    def __str__(self) -> str:
        if self.rate == self.rate_at_end:
            return f"{self.rate:g}"
        return f"{self.rate:g} to {self.rate_at_end:g}"

    @property
    def requests(self) -> float:
        """How many are due in it."""
        return self.seconds * (self.rate + self.rate_at_end) / 2

    def when(self, request: float) -> float:
        """Seconds into it at which so many are due: where the integral of the rate gets there."""
        slope = (self.rate_at_end - self.rate) / self.seconds
        if not slope:
            return request / self.rate
        root = sqrt(max(0.0, self.rate**2 + 2 * slope * request))
        return (root - self.rate) / slope


RAMP_PARTS = 5


def steps(stages: Sequence[Stage]) -> list[tuple[float, str]]:
    """The parts of a load whose rate changes: when each ends, in seconds from the beginning of
    the first, and its name. A ramp has five; a rate that stays has none.
    """
    parts = [part for stage in stages for part in _parts(stage)]
    ends = accumulate(part.seconds for part in parts)
    names = [f"{number}. {part}/s" for number, part in enumerate(parts, start=1)]
    return list(zip(ends, names, strict=True)) if len(names) > 1 else []


def _parts(stage: Stage) -> Iterator[Stage]:
    if stage.rate == stage.rate_at_end:
        yield stage
        return
    rise = (stage.rate_at_end - stage.rate) / RAMP_PARTS
    for number in range(RAMP_PARTS):
        rate = stage.rate + number * rise
        yield Stage(stage.seconds / RAMP_PARTS, rate, rate + rise)


def moments(stages: Sequence[Stage], random: Random | None) -> Iterator[float]:
    """Seconds from the start at which requests are due, to the end of the last stage.

    Evenly spaced by the rate, or with `random` as a Poisson process of that rate, which is how
    independent viewers come.
    """
    start, due = 0.0, random.expovariate(1.0) if random else 0.0
    for stage in stages:
        while due < stage.requests:
            yield start + stage.when(due)
            due += random.expovariate(1.0) if random else 1.0
        start, due = start + stage.seconds, due - stage.requests

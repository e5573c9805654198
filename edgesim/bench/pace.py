"""When requests should go out: an open loop's schedule, which no slow answer holds up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Stage:
    """So many seconds at a rate, or on the way from one rate to another; requests a second."""

    seconds: float
    rate: float
    rate_at_end: float

    def at(self, elapsed: float) -> float:
        """The rate, `elapsed` seconds into it."""
        return self.rate + (self.rate_at_end - self.rate) * min(1.0, elapsed / self.seconds)


def moments(stages: Sequence[Stage], random: Random | None) -> Iterator[float]:
    """Seconds from the start at which requests are due, to the end of the last stage.

    Evenly spaced, or with `random` as a Poisson process, which is how independent viewers come.
    """
    start, now = 0.0, 0.0
    for stage in stages:
        end = start + stage.seconds
        while now < end:
            rate = stage.at(now - start)
            if rate <= 0:
                now += 0.01  # a ramp from nothing
                continue
            yield now
            now += random.expovariate(rate) if random else 1.0 / rate
        start = end

"""Random times by the percentiles that somebody measured.

No logarithms, no exponentials: a draw is a straight line between two rows of a table, and so the
same on every machine for the same seed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Seconds by the share of cases in which it is no more, from 0 to 1."""

    rows: tuple[tuple[float, float], ...]

    @classmethod
    def of_ms(cls, rows: Iterable[tuple[float, float]]) -> Quantiles:
        """From (percent, milliseconds)."""
        return cls(tuple((percent / 100, ms / 1000) for percent, ms in rows))

    @property
    def median_s(self) -> float:
        return self.at(0.5)

    def at(self, share: float) -> float:
        """Seconds at `share`, such as `Random.random()` gives; between rows a straight line."""
        shares = [row[0] for row in self.rows]
        index = bisect_right(shares, share)
        if index == 0:
            return self.rows[0][1]
        if index == len(self.rows):
            return self.rows[-1][1]
        (low, from_s), (high, to_s) = self.rows[index - 1], self.rows[index]
        return round(from_s + (to_s - from_s) * (share - low) / (high - low), 6)

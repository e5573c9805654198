"""Latencies counted in buckets, each a thousandth wide, however many there are.

The bucket arithmetic is that of Gil Tene's HdrHistogram with three significant digits: exact up
to 2,047 units, then 1,024 buckets for each doubling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

UNIT_S = 1e-6
"""A latency is recorded in whole microseconds."""

EXACT = 2048
HALF = EXACT // 2


class Histogram:
    """How often each latency occurred."""

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts: Counter[int] = Counter(counts or {})
        """By bucket."""

    @property
    def count(self) -> int:
        return self.counts.total()

    def record(self, latencies_s: Iterable[float]) -> None:
        """Count `latencies_s`, in seconds."""
        self.counts.update(map(bucket, latencies_s))

    def add(self, other: Histogram) -> None:
        """Count what `other` has counted."""
        self.counts.update(other.counts)

    def percentile(self, percent: float) -> float:
        """Seconds within which `percent` of the latencies lie; 0 where there are none."""
        wanted, seen = percent * self.count / 100, 0  # in this order 99.9 % of 1,000 are 999
        for index in sorted(self.counts):
            seen += self.counts[index]
            if seen >= wanted:
                return middle_s(index)
        return 0.0

    def mean_s(self) -> float:
        """The mean, in seconds; 0 where there are none."""
        total = sum(middle_s(index) * count for index, count in self.counts.items())
        return total / self.count if self.count else 0.0

    def max_s(self) -> float:
        """The largest, in seconds."""
        return middle_s(max(self.counts)) if self.counts else 0.0


def bucket(latency_s: float) -> int:
    """Where a latency in seconds is counted; what is below zero counts as zero."""
    value = int(latency_s * 1e6) if latency_s > 0 else 0
    if value < EXACT:
        return value
    shift = value.bit_length() - EXACT.bit_length() + 1
    return shift * HALF + (value >> shift)


def middle_s(index: int) -> float:
    """The latency that a bucket stands for, in seconds."""
    if index < EXACT:
        return (index + 0.5) * UNIT_S
    shift = index // HALF - 1
    return (((index - shift * HALF) << shift) + (1 << shift) / 2) * UNIT_S

"""Two runs side by side, with how sure one can be that they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, sqrt

from ..report.histogram import Histogram, middle_s
from .summary import Summary

Z95 = 1.96
"""Of 100 intervals so wide 95 hold the true value, where the figure is normally distributed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of both runs; `low` and `high` bound the relative change with 95 % confidence."""

    name: str
    before: float
    after: float
    low: float
    high: float
    less_is_better: bool

    @property
    def change(self) -> float:
        """0.1 for ten percent more."""
        return self.after / self.before - 1 if self.before else 0.0

    @property
    def verdict(self) -> str:
        """`better`, `worse`, or `no telling`."""
        if self.low <= 0 <= self.high:
            return "no telling"
        return "better" if (self.change < 0) == self.less_is_better else "worse"


def differences(before: Summary, after: Summary) -> Iterator[Difference]:
    """The figures that matter, `before` against `after`."""
    yield _rate(before, after)
    for percent in (50.0, 90.0, 99.0, 99.9):
        yield _percentile(before, after, percent)
    if before.hit_ratio is not None and after.hit_ratio is not None:
        yield _share("hit ratio", before, after, before.hit_ratio, after.hit_ratio)


def _rate(before: Summary, after: Summary) -> Difference:
    """From second to second a rate varies: its standard error is that of the mean of seconds."""
    one, other = before.per_s, after.per_s
    error = sqrt(_relative_error(before) ** 2 + _relative_error(after) ** 2)
    return _with_error("requests a second", one, other, error, less_is_better=False)


def _relative_error(run: Summary) -> float:
    counts = [sum(second.per_result.values()) for second in run.timeline[:-1]]
    if len(counts) < 2:
        return inf
    mean = sum(counts) / len(counts)
    spread = sqrt(sum((count - mean) ** 2 for count in counts) / (len(counts) - 1))
    return spread / mean / sqrt(len(counts)) if mean else inf


def _percentile(before: Summary, after: Summary, percent: float) -> Difference:
    """Bounded by order statistics: how many latencies lie below a percentile is binomial, and
    more uncertain than that by what seconds have in common.
    """
    one, other, name = before.latencies(), after.latencies(), f"{percent:g}"
    low_before, high_before = bounds(one, percent, before.dispersion.get(name, 1.0))
    low_after, high_after = bounds(other, percent, after.dispersion.get(name, 1.0))
    return Difference(
        f"p{name}",
        one.percentile(percent),
        other.percentile(percent),
        low_after / high_before - 1 if high_before else 0.0,
        high_after / low_before - 1 if low_before else 0.0,
        less_is_better=True,
    )


def bounds(latencies: Histogram, percent: float, dispersion: float = 1.0) -> tuple[float, float]:
    """Between which two latencies the true percentile lies, with 95 % confidence; seconds."""
    count, share = latencies.count, percent / 100
    if not count:
        return 0.0, 0.0
    half = Z95 * sqrt(count * share * (1 - share) * dispersion)
    return _at_rank(latencies, count * share - half), _at_rank(latencies, count * share + half)


def _at_rank(latencies: Histogram, rank: float) -> float:
    seen = 0
    for index in sorted(latencies.counts):
        seen += latencies.counts[index]
        if seen >= rank:
            return middle_s(index)
    return latencies.max_s()


def _share(name: str, before: Summary, after: Summary, one: float, other: float) -> Difference:
    error = sqrt(_share_error(one, before.total.count) ** 2)
    error = sqrt(error**2 + _share_error(other, after.total.count) ** 2)
    relative = error / one if one else 0.0
    return _with_error(name, one, other, relative, less_is_better=False)


def _share_error(share: float, count: int) -> float:
    return sqrt(share * (1 - share) / count) if count else 0.0


def _with_error(
    name: str, before: float, after: float, relative_error: float, *, less_is_better: bool
) -> Difference:
    change = after / before - 1 if before else 0.0
    half = Z95 * relative_error
    return Difference(name, before, after, change - half, change + half, less_is_better)

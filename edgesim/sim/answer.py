"""What the figures of a simulation mean, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..cloudfront.distribution import Routing
from ..report.axes import duration, percentage
from .results import Outcome, Results

PERCENT = 95
NEGLIGIBLE = 0.01
"""A difference below one in a hundred is none."""
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """One model against another: in which cities it is faster, by the 95th percentile."""

    one: Outcome
    other: Outcome
    faster: tuple[str, ...]
    """Names of cities."""
    slower: tuple[str, ...]

    @property
    def faster_share(self) -> float:
        """Of all requests."""
        return _requests(self.one, self.faster) / max(1, self.one.latencies.count)


def saving(one: Outcome, other: Outcome, cities: Sequence[str]) -> float:
    """The share of `other`'s 95th percentile that `one` saves: the mean of `cities` by requests."""
    saved = 0.0
    for name in cities:
        mine, others = one.cities[name], other.cities[name]
        saved += mine.requests * (1 - mine.p(PERCENT) / others.p(PERCENT))
    return saved / max(1, _requests(one, cities))


def compare(one: Outcome, other: Outcome) -> Comparison:
    faster: list[str] = []
    slower: list[str] = []
    for name, city in one.cities.items():
        before, after = other.cities[name].p(PERCENT), city.p(PERCENT)
        if before and after < before * (1 - NEGLIGIBLE):
            faster.append(name)
        elif after > before * (1 + NEGLIGIBLE):
            slower.append(name)
    return Comparison(one, other, tuple(faster), tuple(slower))


def answer(found: Results) -> list[str]:
    """One paragraph for each model but the first, which the others are held against."""
    first, *others = found.outcomes
    alone = f"{first.model.name}: half of the requests take up to {_p(first, 50)}, "
    alone += f"95 percent up to {_p(first, 95)}."
    return [" ".join(_sentences(found, compare(other, first))) for other in others] or [alone]


def _sentences(found: Results, by: Comparison) -> Iterator[str]:
    one, other = by.one.model.name, by.other.model.name
    if not by.faster and not by.slower:
        yield f"{one} is as fast as {other} for everybody."
    elif not by.faster:
        yield f"{one} is faster than {other} for nobody; at p95 {other} saves {_other(by)}."
    elif not by.slower:
        yield f"{one} is as fast as {other} or faster for everybody; at p95 it saves {_one(by)}."
    else:
        yield (
            f"{one} is faster for {percentage(by.faster_share)} of viewers"
            f"{_where(found, by)}, where it saves {_one(by)} at p95; "
            f"elsewhere {other} saves {_other(by)}."
        )
    yield _origin(by)
    yield from _cost(by)


def _one(by: Comparison) -> str:
    return percentage(round(saving(by.one, by.other, by.faster), 3))


def _other(by: Comparison) -> str:
    return percentage(round(saving(by.other, by.one, by.slower), 3))


def _where(found: Results, by: Comparison) -> str:
    """The places where it is faster: near the region, or some cities."""
    region = by.one.model.origin_region
    km = {city.name: found.distances_km[city.name, region] for city in by.one.cities.values()}
    farthest = max(km[name] for name in by.faster)
    others = [far for name, far in km.items() if name not in by.faster]
    if by.one.model.routing is not Routing.EDGE_OPTIMIZED and min(others) > farthest:
        return f": those within {_rounded_up(farthest):,} km of {region}"
    names = sorted(by.faster, key=lambda name: (-by.one.cities[name].requests, name))
    more = f" and {len(names) - MOST_NAMED} more cities" if len(names) > MOST_NAMED else ""
    return f" ({', '.join(names[:MOST_NAMED])}{more})"


def _rounded_up(km: float) -> int:
    return -int(-km // 100) * 100


def _origin(by: Comparison) -> str:
    mine, others = by.one.origin_requests, by.other.origin_requests
    if not others or abs(mine / others - 1) < NEGLIGIBLE:
        return "Its origin has as much to do."
    word = "fewer" if mine < others else "more"
    change = percentage(round(abs(mine / others - 1), 3))
    return f"Its origin gets {change} {word} requests ({mine:,} instead of {others:,})."


def _cost(by: Comparison) -> Iterator[str]:
    mine, others = by.one.bill.total, by.other.bill.total
    if mine is not None and others is not None:
        yield f"A month like this costs {usd(mine)} instead of {usd(others)}."


def price_notes(found: Results) -> list[str]:
    """What to know of the prices before they are believed, in sentences."""
    regional = [one for one in found.outcomes if one.model.routing is not Routing.EDGE_OPTIMIZED]
    notes = ["Prices are AWS's list prices without free tiers, for 30 days of such traffic."]
    if any(one.bill.total is not None for one in regional):
        notes.append(
            "What a region's transfer to the internet costs is taken from copies of AWS's price "
            "list made by others; hold it against aws.amazon.com/ec2/pricing/on-demand."
        )
    unknown = {one.model.origin_region for one in regional if one.bill.total is None}
    if unknown:
        notes.append(
            f"What transfer from {', '.join(sorted(unknown))} costs is not known here, so what a "
            "month costs is not either."
        )
    return notes


def usd(value: float | None) -> str:
    """`$1,234`, `$12.34`."""
    if value is None:
        return "unknown"
    return f"${value:,.0f}" if value >= 1000 else f"${value:,.2f}"


def _p(outcome: Outcome, percent: float) -> str:
    return duration(outcome.latencies.percentile(percent))


def _requests(outcome: Outcome, cities: Sequence[str]) -> int:
    return sum(outcome.cities[name].requests for name in cities)

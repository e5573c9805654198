"""The report of a simulation as one HTML file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..report.axes import Axis, duration, percentage, plain
from ..report.charts import Bar, Series, bar_chart, legend, line_chart
from ..report.histogram import Histogram, middle_s
from ..report.page import Section, figure, page, paragraph, table, tiles
from ..report.world_map import Dot, Mark, world_map
from ..topology.world import World
from .answer import PERCENT, price_notes, usd
from .results import PERCENTS, TIERS, Outcome, Results
from .scenario import SLOTS
from .terminal import ratio

RARER = (1.0, 2.0, 4.0, 10.0, 20.0, 40.0, 100.0, 200.0, 400.0, 1000.0)
"""One request in so many takes longer."""
MOST_BARS = 8


def report(world: World, found: Results, answer: Sequence[str]) -> str:
    """A page with the answer first, and then what is behind it."""
    scenario = found.scenario
    first = found.outcomes[0]
    beneath = (
        f"{len(found.outcomes)} configurations, the same {first.tally.requests_by_slot.total():,} "
        f"requests from {len(scenario.viewers)} cities for each, "
        f"{plain(scenario.seconds / 3600)} hours in virtual time, seed {scenario.seed}"
    )
    opening = [*(paragraph(text, "answer") for text in answer), tiles(list(_tiles(found)))]
    sections = [
        Section("Who is served fastest by what", list(_map(world, found))),
        Section("Configurations side by side", [_models(found)]),
        Section("How long viewers wait", list(_latency(found))),
        Section("Where answers come from", [_tier_bars(found)]),
        Section("What the origin has to do", list(_over_time(found))),
        Section("What a month like this costs", [_costs(found)]),
        Section("City by city", [_cities(found)]),
    ]
    return page(scenario.name[:1].upper() + scenario.name[1:], beneath, opening, sections)


def _tiles(found: Results) -> Iterator[tuple[str, str]]:
    """The best configuration by each of what matters."""
    outcomes = found.outcomes
    quickest = min(outcomes, key=lambda one: one.latencies.percentile(PERCENT))
    at = duration(quickest.latencies.percentile(PERCENT))
    yield f"shortest 95th percentile: {quickest.model.name}", at
    usual = min(outcomes, key=lambda one: one.latencies.percentile(50))
    yield f"shortest median: {usual.model.name}", duration(usual.latencies.percentile(50))
    spared = max(outcomes, key=lambda one: one.offload)
    yield f"most kept from the origin: {spared.model.name}", percentage(spared.offload)
    priced = [one for one in outcomes if one.bill.total is not None]
    if priced:
        cheapest = min(priced, key=lambda one: one.bill.total or 0.0)
        yield f"lowest price a month: {cheapest.model.name}", usd(cheapest.bill.total)


def _map(world: World, found: Results) -> Iterator[str]:
    names = [one.model.name for one in found.outcomes]
    key = legend(names, [f"c{index}" for index in range(len(names))])
    marks = list(_marks(world, found))
    for percent, told in ((50, "shortest median"), (PERCENT, "shortest 95th percentile")):
        dots = [_dot(world, found, name, percent) for name in found.scenario.viewers]
        caption = (
            f"Each dot is a city, as large as it has requests, in the colour of the configuration "
            f"with the {told} there. Squares are edge locations; the regions of origins and of "
            f"Origin Shield have their names."
        )
        yield figure(world_map(dots, marks) + key, caption)


def _dot(world: World, found: Results, name: str, percent: float) -> Dot:
    cities = found.outcomes[0].cities
    most = max(city.requests for city in cities.values()) or 1
    times = [one.cities[name].p(percent) for one in found.outcomes]
    told = [
        f"{one.model.name} {duration(time)}"
        for one, time in zip(found.outcomes, times, strict=True)
    ]
    title = f"{name}: {cities[name].requests:,} requests; p{percent:g} {', '.join(told)}"
    at, area = world.viewer(name).site.point, cities[name].requests / most
    return Dot(at.latitude, at.longitude, area, times.index(min(times)), title)


def _marks(world: World, found: Results) -> Iterator[Mark]:
    used = {code for one in found.outcomes for _, code in one.tally.groups}
    for code in sorted(used & set(world.edge_cities)):
        at = world.edge_cities[code].site.point
        yield Mark(at.latitude, at.longitude, title=f"{world.edge_cities[code].pop.city} ({code})")
    regions = {one.model.origin_region for one in found.outcomes}
    regions |= {one.model.shield_region for one in found.outcomes} - {""}
    for code in sorted(regions):
        at = world.regions[code].site.point
        yield Mark(at.latitude, at.longitude, code)


def _models(found: Results) -> str:
    head = ["configuration", *(f"p{percent}" for percent in PERCENTS)]
    head += ["POP hits", "regional", "Shield", "offload", "to the origin"]
    rows = [
        [
            one.model.name,
            *(duration(one.latencies.percentile(percent)) for percent in PERCENTS),
            *(ratio(one, tier) for tier in TIERS),
            percentage(one.offload),
            f"{one.origin_requests:,}",
        ]
        for one in found.outcomes
    ]
    note = (
        "Times are from the wish to ask until the last byte is there, new connections with their "
        "handshakes. Hits are shares of those who asked that cache. Offload is the share of "
        "requests that the origin did not see. Where little is asked, connections to the origin "
        "close in between (5 s), and a miss takes their handshakes as well."
    )
    return table(head, rows) + paragraph(note, "faint")


def _latency(found: Results) -> Iterator[str]:
    series = [Series(one.model.name, list(_rarer(one.latencies))) for one in found.outcomes]
    x = Axis("share of requests that were answered as quickly", _nines, low=1.0, logarithmic=True)
    yield figure(line_chart(series, x, Axis("until the last byte", duration)))
    first = found.outcomes[0]
    busiest = sorted(first.cities, key=lambda name: (-first.cities[name].requests, name))
    for one in found.outcomes:
        at = [one.cities[name] for name in busiest[:MOST_BARS]]
        bars = [
            Bar(city.name, [city.p(50), city.p(PERCENT) - city.p(50)], duration(city.p(PERCENT)))
            for city in at
        ]
        chart = bar_chart(
            bars, ["median", "95th percentile"], Axis(text=duration, high=_top(found))
        )
        yield figure(chart, f"{one.model.name}, in the cities with most requests")


def _top(found: Results) -> float:
    """The same end of the axis for every configuration."""
    return max(city.p(PERCENT) for one in found.outcomes for city in one.cities.values())


def _rarer(latencies: Histogram) -> Iterator[tuple[float, float]]:
    for one_in in RARER:
        percent = 100 - 100 / one_in
        if latencies.count >= one_in:
            yield one_in, latencies.percentile(percent) if percent else _least(latencies)


def _least(latencies: Histogram) -> float:
    return middle_s(min(latencies.counts)) if latencies.counts else 0.0


def _nines(one_in: float) -> str:
    return f"{100 - 100 / one_in:g} %"


def _tier_bars(found: Results) -> str:
    """Of all requests: answered at the POP, farther on, or by the origin."""
    bars = []
    for one in found.outcomes:
        asked = one.tally.requests or 1
        parts = [one.tally.hits[tier] / asked for tier in TIERS]
        bars.append(Bar(one.model.name, [*parts, max(0.0, 1 - sum(parts))], " "))
    names = ["at the edge location", "regional cache", "Origin Shield", "origin, or a function"]
    caption = "Shares of all requests. A regional endpoint has a regional cache and nothing else."
    return figure(bar_chart(bars, names, Axis(text=percentage, high=1.0)), caption)


def _over_time(found: Results) -> Iterator[str]:
    slot_h = found.scenario.slot_s / 3600
    asked = found.outcomes[0].tally
    per_s = found.scenario.slot_s
    series = [
        Series(one.model.name, _line(one.tally.origin_requests, slot_h, per_s))
        for one in found.outcomes
    ]
    hours = Axis("hours from the beginning (UTC)", plain, high=found.scenario.seconds / 3600)
    yield figure(line_chart(series, hours, Axis("origin requests a second", plain)))
    load = [Series("viewers", _line(asked.requests_by_slot, slot_h, per_s))]
    caption = "What viewers ask for, in all: the same for every configuration."
    yield figure(line_chart(load, hours, Axis("requests a second", plain)), caption)


def _line(by_slot: dict[int, int], slot_h: float, slot_s: float) -> list[tuple[float, float]]:
    return [((slot + 0.5) * slot_h, by_slot.get(slot, 0) / slot_s) for slot in range(SLOTS)]


def _costs(found: Results) -> str:
    rows = [[one.model.name, *_cost(one)] for one in found.outcomes]
    head = ["configuration", "transfer", "requests", "Origin Shield", "functions", "a month"]
    note = (
        " ".join(price_notes(found)) + " What stands behind the edge (API Gateway, the origin "
        "itself) is not in them; a regional endpoint pays its region's transfer to the internet."
    )
    return table(head, rows) + paragraph(note, "faint")


def _cost(one: Outcome) -> list[str]:
    cost = one.bill
    return [usd(part) for part in (cost.transfer, cost.requests, cost.shield, cost.functions)] + [
        usd(cost.total)
    ]


def _cities(found: Results) -> str:
    first = found.outcomes[0]
    region = first.model.origin_region
    head = ["city", "requests", f"km to {region}", "enters at"]
    head += [f"{one.model.name} p50 / p95" for one in found.outcomes]
    busiest = sorted(first.cities, key=lambda name: (-first.cities[name].requests, name))
    rows = [
        [
            name,
            f"{first.cities[name].requests:,}",
            f"{found.distances_km[name, region]:,.0f}",
            ", ".join(first.cities[name].entrances),
            *(
                f"{duration(one.cities[name].p(50))} / {duration(one.cities[name].p(PERCENT))}"
                for one in found.outcomes
            ),
        ]
        for name in busiest
    ]
    return table(head, rows)

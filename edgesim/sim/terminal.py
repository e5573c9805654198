"""A simulation in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..report.axes import duration, percentage, plain
from .answer import price_notes, usd
from .results import PERCENTS, TIERS, Outcome, Results

MOST_CITIES = 15


def show(console: Console, found: Results, answer: Sequence[str]) -> None:
    """The answer, then the figures behind it."""
    scenario = found.scenario
    about = f"  {plain(scenario.seconds / 3600)} h, seed {scenario.seed}"
    console.print(Text.assemble((scenario.name, "bold"), about))
    for paragraph in answer:
        console.print()
        console.print(Text(paragraph), width=min(console.width, 100))
    console.print()
    console.print(_models(found))
    for note in price_notes(found):
        console.print(Text(note, style="dim"), width=min(console.width, 100))
    console.print()
    console.print(_cities(found))
    if len(scenario.viewers) > MOST_CITIES:
        rest = len(scenario.viewers) - MOST_CITIES
        console.print(Text(f"and {rest} more cities: --json or --html", style="dim"))


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _models(found: Results) -> Table:
    columns = [*(f"p{percent}" for percent in PERCENTS), *(f"{tier} hits" for tier in TIERS)]
    table = _table("model", "requests", *columns, "offload", "origin", "GB sent", "a month")
    for one in found.outcomes:
        table.add_row(
            one.model.name,
            f"{one.tally.requests:,}",
            *(duration(one.latencies.percentile(percent)) for percent in PERCENTS),
            *(ratio(one, tier) for tier in TIERS),
            percentage(one.offload),
            f"{one.origin_requests:,}",
            f"{one.tally.sent_bytes / 1e9:,.2f}",
            usd(one.bill.total),
        )
    return table


def ratio(outcome: Outcome, tier: str) -> str:
    """A tier's hit ratio, or that there is no such tier."""
    found = outcome.hit_ratio(tier)
    return "–" if found is None else percentage(found)


def _cities(found: Results) -> Table:
    """p50 and p95 under each model, the busiest cities first."""
    table = _table("city, p50 / p95", "requests", *(one.model.name for one in found.outcomes))
    first = found.outcomes[0]
    busiest = sorted(first.cities.values(), key=lambda city: (-city.requests, city.name))
    for city in busiest[:MOST_CITIES]:
        there = [one.cities[city.name] for one in found.outcomes]
        times = [f"{duration(at.p(50))} / {duration(at.p(95))}" for at in there]
        table.add_row(city.name, f"{city.requests:,}", *times)
    return table

"""A load test in the terminal: how it goes, and how it went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..report.axes import duration, percentage, plain
from .compare import Difference
from .recorder import Recorder
from .summary import NO_VERDICT, Figures, Summary
from .thresholds import Threshold

SHOWN = ("50", "90", "99", "99.9")


def progress(recorder: Recorder, elapsed: float, seconds: float) -> str:
    """One line about a test that runs."""
    count = recorder.total.count
    if elapsed < 0:
        return f"warming up, {recorder.warm_up:,} answers"
    rate = count / elapsed if elapsed > 0 else 0.0
    latencies = recorder.total.latencies
    said = [
        f"{min(elapsed, seconds):4.0f} of {plain(seconds)} s",
        f"{rate:,.0f}/s",
        f"p50 {duration(latencies.percentile(50))}",
        f"p99 {duration(latencies.percentile(99))}",
    ]
    if count and any(name not in NO_VERDICT for name in recorder.by_result):
        said.append(f"hits {percentage(recorder.hits / count)}")
    if errors := recorder.errors.total():
        said.append(f"errors {errors:,}")
    return "   ".join(said)


def show(console: Console, run: Summary) -> None:
    """Everything about a test that is over."""
    console.print(
        Text.assemble((run.url, "bold"), f"  {run.load}, {plain(round(run.seconds, 2))} s")
    )
    for name, value in headline(run):
        console.print(f"  {name:<24} {value}", highlight=False)
    _groups(console, "result", run.by_result)
    if run.by_step:
        _groups(console, "requests due", run.by_step)
    if len(run.by_pop) > 1:
        _groups(console, "POP", run.by_pop)
    if run.by_behavior:
        _groups(console, "behavior", run.by_behavior)
    statuses = ", ".join(f"{status}: {count:,}" for status, count in run.by_status.items())
    console.print(f"  {'statuses':<24} {statuses or 'none'}", highlight=False)
    for kind, count in run.errors.items():
        console.print(Text(f"  without an answer        {count:,} {kind}", style="red"))


def headline(run: Summary) -> Iterable[tuple[str, str]]:
    """The figures that matter most."""
    yield "answers", f"{run.total.count:,}, {run.per_s:,.0f} a second"
    latency = "  ".join(
        f"p{name} {duration(seconds)}" for name, seconds in run.total.percentiles_s.items()
    )
    yield "latency", latency
    if run.queued:
        yield "no connection was free", f"for {run.queued:,} requests when they were due"
    if run.lateness_s:
        late = "  ".join(f"p{name} {duration(run.lateness_s[name])}" for name in ("50", "99.9"))
        yield "the tester's own delay", late
    yield "transferred", f"{run.total.size_bytes / 1e6:,.1f} MB"
    if run.hit_ratio is not None:
        yield "hits", percentage(run.hit_ratio)
    if run.server is not None:
        yield "origin requests", f"{run.server.origin_requests:,}"
    if run.offload is not None:
        yield "kept from the origin", percentage(run.offload)
    if run.collapse_factor is not None:
        yield "misses an origin request", f"{run.collapse_factor:.2f}"
    if run.cpu_us is not None and run.server is not None:
        memory = f"{run.server.resident_bytes / 1e6:,.0f} MB resident"
        yield "server", f"{run.cpu_us:.1f} µs CPU a request, {memory}"


def _groups(console: Console, name: str, groups: Mapping[str, Figures]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(name, no_wrap=True)
    for heading in ("answers", "mean", *(f"p{percent}" for percent in SHOWN), "max"):
        table.add_column(heading, justify="right", no_wrap=True)
    for key, one in groups.items():
        times = (duration(one.percentiles_s[percent]) for percent in SHOWN)
        table.add_row(key, f"{one.count:,}", duration(one.mean_s), *times, duration(one.max_s))
    console.print(Padding(table, (0, 0, 0, 2)))


def show_thresholds(console: Console, thresholds: Iterable[Threshold], run: Summary) -> bool:
    """Say which hold; whether all do."""
    fine = True
    for one in thresholds:
        holds, value = one.holds(run), one.value(run)
        fine = fine and holds
        was = "is not said by this server" if value is None else f"was {one.shown(value)}"
        mark = Text("✓", style="green") if holds else Text("✗", style="red")
        console.print(Text.assemble("  ", mark, f" {one.text}: it {was}"))
    return fine


def show_differences(console: Console, found: Iterable[Difference]) -> None:
    """Two runs, side by side."""
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for heading in ("", "before", "after", "change", "between (95 %)", ""):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    for one in found:
        text = duration if one.less_is_better else _rounded
        sure = isfinite(one.low) and isfinite(one.high)
        between = f"{one.low:+.1%} … {one.high:+.1%}" if sure else "too short to say"
        style = {"better": "green", "worse": "red"}.get(one.verdict, "dim")
        figures = (text(one.before), text(one.after), f"{one.change:+.1%}", between)
        table.add_row(one.name, *figures, Text(one.verdict, style=style))
    console.print(table)


def _rounded(value: float) -> str:
    return plain(round(value) if value >= 100 else round(value, 4))

"""The report of a load test as one HTML file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..report.axes import Axis, duration, percentage, plain
from ..report.charts import Bar, Series, bar_chart, line_chart, stacked_chart
from ..report.histogram import middle_s
from ..report.page import Section, figure, page, paragraph, table, tiles
from .summary import Figures, Summary

SHOWN = ("50", "90", "99", "99.9")
NINES = ("0", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %")


def report(run: Summary) -> str:
    """A page with every figure of `run`."""
    beneath = f"{run.load}, {plain(round(run.seconds, 2))} s, {run.total.count:,} requests"
    sections = [
        Section("Latency", [_distribution(run), _table("all answers", {"all": run.total})]),
        Section("Where answers came from", [_results(run), _table("result type", run.by_result)]),
        Section("Over time", list(_over_time(run))),
    ]
    if run.by_step:
        sections.append(Section("By rate", [_table("requests due", run.by_step)]))
    if run.by_pop:
        sections.append(Section("By POP", [_table("POP", run.by_pop)]))
    if run.by_behavior:
        sections.append(Section("By behavior", [_table("path pattern", run.by_behavior)]))
    statuses = [[status, f"{count:,}"] for status, count in run.by_status.items()]
    sections.append(Section("Statuses", [table(["status", "answers"], statuses)]))
    failed = [[kind, f"{count:,}"] for kind, count in run.errors.items()]
    nothing = paragraph("Every request was answered.")
    errors = table(["error", "requests"], failed) if failed else nothing
    sections.append(Section("Requests without an answer", [errors]))
    return page(f"Load test of {run.url}", beneath, [tiles(list(_tiles(run)))], sections)


def _tiles(run: Summary) -> Iterable[tuple[str, str]]:
    yield "answers a second", plain(round(run.per_s))
    yield "median", duration(run.total.percentiles_s["50"])
    yield "99th percentile", duration(run.total.percentiles_s["99"])
    if run.hit_ratio is not None:
        yield "hits", percentage(run.hit_ratio)
    if run.offload is not None:
        yield "kept from the origin", percentage(run.offload)
    if run.collapse_factor is not None:
        yield "misses for each origin request", plain(round(run.collapse_factor, 2))
    if run.cpu_us is not None:
        yield "server CPU a request", f"{run.cpu_us:.1f} µs"
    if run.queued:
        yield "found no free connection", plain(run.queued)
    if run.lateness_s:
        yield "the tester's own delay, median", duration(run.lateness_s["50"])
    yield "without an answer", plain(run.errors_in_all)


def _distribution(run: Summary) -> str:
    """Latency against how rare it is: each step to the right is ten times rarer."""
    total, seen = run.total.count, 0
    points = []
    for index, count in sorted((int(index), count) for index, count in run.histogram.items()):
        seen += count
        rarer = total / max(total - seen, 0.5)
        if rarer <= 1e5:
            points.append((rarer, middle_s(index)))
    x = Axis("share of answers that were as quick", _nines, low=1.0, logarithmic=True)
    chart = line_chart([Series("latency", _thinned(points))], x, Axis("latency", duration))
    return figure(chart)


def _nines(rarer: float) -> str:
    decades = len(f"{rarer:.0f}") - 1
    return NINES[min(decades, len(NINES) - 1)]


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Few enough to draw."""
    step = max(1, len(points) // 300)
    return [*points[::step], *points[-1:]]


def _results(run: Summary) -> str:
    bars = [Bar(name, [one.count], f"{one.count:,}") for name, one in run.by_result.items()]
    return figure(bar_chart(bars, ["answers"], Axis(text=plain)))


def _over_time(run: Summary) -> Iterable[str]:
    seconds = run.timeline
    if len(seconds) < 2:
        yield paragraph("The test was too short for a picture of its course.", "faint")
        return
    names = list(run.by_result)
    series = [
        Series(name, [(one.second, one.per_result.get(name, 0)) for one in seconds])
        for name in names
    ]
    x = Axis("seconds", plain)
    yield figure(stacked_chart(series, x, Axis("answers a second", plain)))
    p50 = Series("median", [(one.second, one.p50_s) for one in seconds])
    p99 = Series("99th percentile", [(one.second, one.p99_s) for one in seconds])
    yield figure(line_chart([p50, p99], x, Axis("latency", duration)))


def _table(name: str, groups: Mapping[str, Figures]) -> str:
    head = [name, "answers", "mean", *(f"p{percent}" for percent in SHOWN), "max", "MB"]
    rows = [
        [
            key,
            f"{one.count:,}",
            duration(one.mean_s),
            *(duration(one.percentiles_s[percent]) for percent in SHOWN),
            duration(one.max_s),
            f"{one.size_bytes / 1e6:,.1f}",
        ]
        for key, one in groups.items()
    ]
    return table(head, rows)

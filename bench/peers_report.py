"""What `bench_peers` found, as a section of results.md."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

OURS = "edgesim"
BEGIN, END = "<!-- bench-peers -->", "<!-- /bench-peers -->"
VERSIONS = {
    "nginx": ("nginx", "-v"),
    "varnish": ("varnishd", "-V"),
    "node": ("node", "--version"),
    "wrk": ("wrk", "-v"),
}
Row = Mapping[str, float]
Rounds = Mapping[str, Sequence[Row]]
STREAM = ("1 GiB, not cached", {"nginx proxy": 0.5})
HALF_LOAD = ("miss, passed through at half load", dict[str, float]())


def machine(
    arguments: Sequence[str], absent: Sequence[str], missing: Sequence[str]
) -> dict[str, Any]:
    """Where and with what it was measured."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "command": " ".join(["python -m bench.bench_peers", *arguments]),
        "cores": len(os.sched_getaffinity(0)),
        "machine": platform.machine(),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in ("aiohttp", "uvloop", "httptools")},
        "peers": {name: _said(command) for name, command in VERSIONS.items()},
        "absent": list(absent),
        "not_measured": list(missing),
    }


def _said(command: Sequence[str]) -> str:
    """The version that a program says it has."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return "missing"
    found = re.search(r"\d+\.\d+(\.\d+)?", ran.stdout + ran.stderr)
    return found[0] if found else "unknown"


def table(
    about: Mapping[str, Any],
    titles: Mapping[str, tuple[str, Mapping[str, float]]],
    found: Mapping[str, Mapping[str, Rounds]],
) -> str:
    """The section: a row for each case and server, with the aim beside the ratio."""
    lines = [
        f"## {about['date']}: beside nginx, Varnish and miniflare",
        "",
        f"```\n{about['command']}\n```",
        "",
        _where(about),
        "",
        "| Case | Connections | Server | a second | CPU µs | edgesim is | aim |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, by_connections in found.items():
        if name not in titles:
            continue
        title, aims = titles[name]
        for connections, rounds in by_connections.items():
            lines += _rows(title, connections, rounds, aims)
    lines += _others(found)
    for what in ("absent", "not_measured"):
        if about[what]:
            lines += ["", f"{what.replace('_', ' ').capitalize()}: {', '.join(about[what])}."]
    return "\n".join(lines) + "\n"


def _where(about: Mapping[str, Any]) -> str:
    peers = ", ".join(f"{name} {value}" for name, value in about["peers"].items())
    libraries = ", ".join(f"{name} {value}" for name, value in about["libraries"].items())
    return (
        f"{about['machine']}, {about['cores']} cores, load average {about['load_average']:.1f} at "
        f"the end. Python {about['python']}, {libraries}; {peers}. One core for the servers, the "
        "other for the load and the origin. Medians of the rounds; ratios are medians of the "
        "rounds' ratios. CPU is the server's own, user and system, with its children."
    )


def _rows(title: str, connections: str, rounds: Rounds, aims: Mapping[str, float]) -> list[str]:
    lines = []
    for name, rows in rounds.items():
        rate, cpu = (median(row[key] for row in rows) for key in ("per_s", "cpu_us"))
        ratio = "" if name == OURS else f"{_ratio(rounds, name, 'per_s'):.2f} ×"
        aim = f"{aims[name]:g} ×" if name in aims else ""
        figures = f"{rate:,.0f} | {cpu:.1f} | {ratio} | {aim}"
        lines.append(f"| {title} | {connections} | {name} | {figures} |")
    return lines


def _others(found: Mapping[str, Mapping[str, Rounds]]) -> list[str]:
    lines = []
    if "half-load" in found:
        rounds = found["half-load"]["32"]
        lines += ["", f"| {HALF_LOAD[0]} | a second | p50 ms | p99 ms |", "|---|---|---|---|"]
        for name, rows in rounds.items():
            middle = [median(row[key] for row in rows) for key in ("per_s", "p50_ms", "p99_ms")]
            lines.append(f"| {name} | {middle[0]:,.0f} | {middle[1]:.2f} | {middle[2]:.2f} |")
        pairs = zip(rounds[OURS], rounds["origin"], strict=True)
        added = median(mine["p99_ms"] - row["p99_ms"] for mine, row in pairs)
        lines += ["", f"edgesim adds {added:.2f} ms to the p99; the aim is under 1 ms."]
    if "stream" in found:
        rounds, (title, aims) = found["stream"]["1"], STREAM
        lines += ["", f"| {title} | MB/s | CPU s | peak memory, MB | edgesim is | aim |"]
        lines.append("|---|---|---|---|---|---|")
        for name, rows in rounds.items():
            middle = [median(row[key] for row in rows) for key in ("mb_s", "cpu_s", "peak_mb")]
            ratio = "" if name == OURS else f"{_ratio(rounds, name, 'mb_s'):.2f} ×"
            aim = f"{aims[name]:g} ×" if name in aims else ""
            figures = f"{middle[0]:,.0f} | {middle[1]:.2f} | {middle[2]:.0f} | {ratio} | {aim}"
            lines.append(f"| {name} | {figures} |")
    return lines


def _ratio(rounds: Rounds, name: str, key: str) -> float:
    """How many times as fast we were, by the median round."""
    pairs = zip(rounds[OURS], rounds[name], strict=True)
    return median(mine[key] / row[key] for mine, row in pairs)


def written(results: Path, section: str) -> None:
    """Put `section` into the file at `results`, in place of that of an earlier run."""
    text = results.read_text() if results.exists() else "# Measured\n"
    marked = f"{BEGIN}\n{section}{END}\n"
    if BEGIN in text and END in text:
        before, _, rest = text.partition(BEGIN)
        results.write_text(before + marked + rest.partition(END)[2].removeprefix("\n"))
        return
    title, _, rest = text.partition("\n")
    results.write_text(f"{title}\n\n{marked}{rest}")

"""Whether `edgesim bench` tells the truth, and how much load it can make.

    python -m bench.bench_load_tester [--rate 400] [--seconds 10] [--rounds 3]

The truth is that of a server whose delays are uniform and which answers nothing for one second
(`peers/stalling.py`): an open loop at a constant rate must see the percentiles that follow from
that, the stall included. The load is made against nginx that says two bytes, in turns with wrk.
Needs Linux, nginx and wrk.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.bench_live import Server, free_port, process
from bench.bench_peers import load_core, server_core
from bench.wrk import wrk

PEERS = Path(__file__).parent / "peers"
SHORTEST_S, LONGEST_S = 0.050, 0.150
STALL_S = 1.0
PERCENTILES = ("50", "90", "95", "99", "99.9")
STEPS = 1000


def truth_s(seconds: float, stall_at: float) -> dict[str, float]:
    """The percentiles that requests at even distances see, from their moments and their delays."""
    latencies = []
    for moment in range(STEPS):
        arrived = seconds * (moment + 0.5) / STEPS
        for step in range(STEPS // 10):
            delay = SHORTEST_S + (LONGEST_S - SHORTEST_S) * (step + 0.5) / (STEPS // 10)
            due = arrived + delay
            stalled = stall_at <= due < stall_at + STALL_S
            latencies.append(stall_at + STALL_S - arrived if stalled else delay)
    latencies.sort()
    return {name: latencies[int(len(latencies) * float(name) / 100)] for name in PERCENTILES}


def bench(url: str, *options: str) -> dict[str, dict[str, float]]:
    """The figures of one test."""
    with tempfile.NamedTemporaryFile(suffix=".json") as figures:
        command = [*load_core(), sys.executable, "-m", "edgesim", "bench", url, *options]
        command += ["--control-port", "0", "--quiet", "--json", figures.name]
        subprocess.run(command, check=True, timeout=120, stdout=subprocess.DEVNULL)
        found: dict[str, dict[str, float]] = json.loads(Path(figures.name).read_text())
        return found


def percentiles(rate: int, seconds: float) -> None:
    port, stall_at = free_port(), seconds * 0.4
    arguments = [str(value) for value in (port, SHORTEST_S, LONGEST_S, stall_at)]
    command = [*server_core(), sys.executable, str(PEERS / "stalling.py"), *arguments]
    with process(*command, port=port):
        options = ("--rate", str(rate), "--arrivals", "constant", "-d", str(seconds))
        told = bench(f"http://127.0.0.1:{port}/", *options, "-c", str(rate * 2))
    seen = told["total"]["percentiles_s"]
    print(f"open loop, {rate} a second for {seconds:g} s, a stall of one second")
    for name, true_s in truth_s(seconds, stall_at).items():
        if name in seen:  # type: ignore[operator]
            said_s = seen[name]  # type: ignore[index]
            off = said_s / true_s - 1
            print(f"  p{name:<5} true {true_s * 1e3:7.1f} ms, said {said_s * 1e3:7.1f}, {off:+.2%}")


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def throughput(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        text = (PEERS / "trivial.conf").read_text().format(folder=folder, port=port)
        (folder / "trivial.conf").write_text(text)
        nginx = ("nginx", "-p", name, "-c", str(folder / "trivial.conf"))
        with process(*server_core(), *nginx, port=port) as pid:
            server, url = Server("nginx", pid, port), f"http://127.0.0.1:{port}/"
            ours: Callable[[], float] = lambda: _per_s(bench(url, "-d", "3", "-c", "64"))  # noqa: E731
            theirs: Callable[[], float] = lambda: wrk(server, "/", 3, 64, pin=load_core())["per_s"]  # noqa: E731
            rows = [(_loaded(ours), _loaded(theirs)) for _ in range(rounds)]
    print("closed loop, 64 connections, nginx that says two bytes; medians")
    for index, name in enumerate(("edgesim bench", "wrk")):
        per_s, per_core_s = (median(row[index][at] for row in rows) for at in (0, 1))
        print(f"  {name:14} {per_s:9,.0f} a second, {per_core_s:9,.0f} a second of its own CPU")


def _per_s(told: dict[str, dict[str, float]]) -> float:
    return told["derived"]["per_s"]


def _loaded(run: Callable[[], float], seconds: float = 3.0) -> tuple[float, float]:
    """Answers a second, and a second of the tester's CPU, its start included."""
    before = cpu_s()
    per_s = run()
    return per_s, per_s * seconds / (cpu_s() - before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    percentiles(options.rate, options.seconds)
    throughput(options.rounds)


if __name__ == "__main__":
    main()

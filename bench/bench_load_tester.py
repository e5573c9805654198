"""Whether `edgesim bench` tells the truth, and how much load it can make.

    python -m bench.bench_load_tester [--rate 400] [--seconds 20] [--rounds 3]

The truth is a server's that holds each request for a known time and stands still for one second
(`peers/stalling.py`). An open loop has to see what a viewer would have seen who came at each
moment of the schedule, whether anybody was free to send his request then or not: the moment at
which the server answered, by its own record, less the moment of the schedule, worked out here.
With connections for every viewer, and with so few that the stall makes a queue of those to come.
The load is made against nginx that says two bytes, in turns with wrk. Needs Linux, nginx and wrk.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Callable
from itertools import accumulate
from math import ceil, log
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from bench.bench_live import Server, free_port, process
from bench.bench_peers import load_core, server_core
from bench.wrk import wrk

PEERS = Path(__file__).parent / "peers"
SHORTEST_S, LONGEST_S = 0.020, 0.200
MEAN_S = (LONGEST_S - SHORTEST_S) / log(LONGEST_S / SHORTEST_S)
STALL_S = 1.0
PERCENTILES = ("50", "90", "99", "99.9")
SEED = 1


def schedule(arrivals: str, rate: int, count: int) -> list[float]:
    """Seconds from the start at which each request is due."""
    if arrivals == "constant":
        return [number / rate for number in range(count)]
    random = Random(f"arrivals {SEED}")
    return [moment / rate for moment in accumulate(random.expovariate(1.0) for _ in range(count))]


def truth_s(record: bytes, arrivals: str, rate: int) -> dict[str, float]:
    """The percentiles that viewers saw, by the server's record.

    The start is where the earliest comer fits the schedule. Answers are matched to moments in
    order, as a queue is served.
    """
    told = array("d", record)
    read, answered = told[::2], told[1::2]
    due = schedule(arrivals, rate, len(read))
    start = min(came - moment for came, moment in zip(read, due, strict=True))
    seen = sorted(end - start - moment for end, moment in zip(answered, due, strict=True))
    ranks = {name: ceil(len(seen) * float(name) / 100) for name in PERCENTILES}
    return {name: seen[rank - 1] for name, rank in ranks.items()} | {"max": seen[-1]}


def bench(url: str, *options: str) -> dict[str, Any]:
    """The figures of one test."""
    with tempfile.NamedTemporaryFile(suffix=".json") as figures:
        command = [*load_core(), sys.executable, "-m", "edgesim", "bench", url, *options]
        command += ["--control-port", "0", "--quiet", "--json", figures.name]
        subprocess.run(command, check=True, timeout=120, stdout=subprocess.DEVNULL)
        found: dict[str, Any] = json.loads(Path(figures.name).read_text())
        return found


def percentiles(arrivals: str, rate: int, seconds: float, connections: int) -> None:
    port, spread = free_port(), (str(SHORTEST_S), str(LONGEST_S), str(seconds * 0.4))
    with tempfile.NamedTemporaryFile() as record:
        server = (sys.executable, str(PEERS / "stalling.py"), str(port), record.name, *spread)
        with process(*server_core(), *server, port=port):
            options = ("--rate", str(rate), "--arrivals", arrivals, "-d", str(seconds))
            who = ("--seed", str(SEED), "-c", str(connections))
            told = bench(f"http://127.0.0.1:{port}/", *options, *who)
        true = truth_s(Path(record.name).read_bytes(), arrivals, rate)
    said = told["total"]["percentiles_s"] | {"max": told["total"]["max_s"]}
    print(f"{arrivals}, {rate} a second, {seconds:g} s, {connections} connections; load average "
          f"{os.getloadavg()[0]:.1f}")  # fmt: skip
    for name, true_s in true.items():
        said_s = said[name]
        off = said_s / true_s - 1
        print(f"  {name:<5} true {true_s * 1e3:8.2f} ms, said {said_s * 1e3:8.2f}, {off:+.2%}")
    late_ms = (told["lateness_s"][name] * 1e3 for name in ("50", "99.9"))
    print("  its own delay, as it says: p50 {:.2f} ms, p99.9 {:.2f}".format(*late_ms))


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
            start_s = _start_s(url)
            rows = [(_loaded(ours, start_s), _loaded(theirs)) for _ in range(rounds)]
    print("closed loop, 64 connections, nginx that says two bytes; medians")
    for index, name in enumerate(("edgesim bench", "wrk")):
        per_s, per_core_s = (median(row[index][at] for row in rows) for at in (0, 1))
        print(f"  {name:14} {per_s:9,.0f} a second, {per_core_s:9,.0f} a second of its own CPU")


def _per_s(told: dict[str, Any]) -> float:
    return float(told["derived"]["per_s"])


def _start_s(url: str) -> float:
    """CPU seconds of ours for one request: it is Python that starts."""
    before = cpu_s()
    bench(url, "-n", "1")
    return cpu_s() - before


def _loaded(
    run: Callable[[], float], start_s: float = 0.0, seconds: float = 3.0
) -> tuple[float, float]:
    """Answers a second, and a second of the tester's CPU, its start left out."""
    before = cpu_s()
    per_s = run()
    return per_s, per_s * seconds / (cpu_s() - before - start_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    few = ceil(options.rate * MEAN_S * 1.3)
    for arrivals in ("constant", "poisson"):
        for connections in (options.rate * 3, few):
            percentiles(arrivals, options.rate, options.seconds, connections)
    throughput(options.rounds)


if __name__ == "__main__":
    main()

"""What a second process costs: CPU a request of `edgesim dev --workers 2` beside one process.

    python -m bench.bench_workers [--rounds 5] [--seconds 4] [--workers 2]

Hits of 1 KiB at the POP, by wrk on 64 keep-alive connections: identical heads, which the memo
answers, and heads that all differ. CPU is that of all processes of an edge, user and system, from
/proc. The edges take turns, and the median of the rounds' ratios is quoted: a machine that is busy
with other work is slow for both alike. Needs Linux, wrk and taskset.

First with all processes of an edge on one core and wrk on another, where each has as much to do as
it can; then as they come. On two cores wrk needs one of them, so that workers often find one
request waiting where one process alone finds many, which it answers together (`live/outbox.py`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.bench_live import Server, alternate, free_port, process, report
from bench.wrk import wrk

CONNECTIONS = 64
PINNED = (["taskset", "-c", "0"], ["taskset", "-c", "1"])
"""What the edge and wrk are started with."""
DIFFERENT = """
local count = 0
request = function()
  count = count + 1
  return wrk.format("GET", "/1k", { ["Cookie"] = "n=" .. count })
end
"""
CONFIGURATION = """
[origins.files]
folder = "."
[default_behavior]
origin = "files"
"""


def edge(folder: Path, name: str, workers: int, running: ExitStack, pin: Sequence[str]) -> Server:
    """An edge with so many workers; its first process is the one that is known."""
    port = free_port()
    command = [
        *pin,
        sys.executable,
        "-m",
        "edgesim",
        "dev",
        "--config",
        str(folder / "edgesim.toml"),
    ]
    command += ["--port", str(port), "--control-port", "0", "--quiet", "--no-reload"]
    pid = running.enter_context(process(*command, "--workers", str(workers), port=port))
    return Server(name, pid, port)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args(arguments)
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        (folder / "1k").write_bytes(b"x" * 1024)
        (folder / "edgesim.toml").write_text(CONFIGURATION)
        script = folder / "different.lua"
        script.write_text(DIFFERENT)
        several = f"{chosen.workers} workers"
        for where, pins in (("one core", PINNED), ("as they come", ([], []))):
            with ExitStack() as serving:
                edges = [
                    edge(folder, name, workers, serving, pins[0])
                    for name, workers in (("alone", 1), (several, chosen.workers))
                ]
                for title, lua in (("identical heads", None), ("heads that differ", script)):
                    load = partial(loaded, seconds=chosen.seconds, script=lua, pin=pins[1])
                    found = alternate(edges, chosen.rounds, load)
                    report(f"{where}: hit of 1 KiB, {title}", found, several, "cpu_us")


def loaded(
    one: Server, *, seconds: int, script: Path | None, pin: Sequence[str]
) -> dict[str, float]:
    return wrk(one, "/1k", seconds, CONNECTIONS, script, pin)


if __name__ == "__main__":
    main()

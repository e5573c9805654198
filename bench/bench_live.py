"""edgesim beside nginx and a bare aiohttp server, in the same minutes on the same machine.

    python -m bench.bench_live [--rounds 5] [--seconds 4] [--json FILE]

Each case alternates between the servers, round by round, and quotes the median of the ratios:
a machine shared with other work is slow for all of them alike. CPU is the server's own, user and
system, from /proc. Needs Linux, nginx, wrk and curl.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.wrk import wrk

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
GIB = 1024**3
ELSEWHERE = "127.0.0.2"
"""Where those who try to connect come from: a port of one's own address that nobody listens on may
become one's own port, and then one is connected with oneself."""
NAMES = ["nginx", "nginx proxy", "origin", "sink", "constant", "edgesim"]


@dataclass(frozen=True, slots=True)
class Server:
    """A process under load and where it listens."""

    name: str
    pid: int
    port: int

    def cpu_s(self) -> float:
        """User and system seconds of the process and its children."""
        return sum(process_cpu_s(pid) for pid in (self.pid, *_children(self.pid)))

    def peak_mb(self) -> float:
        """The most memory that was resident at once, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0


def process_cpu_s(pid: int) -> float:
    """User and system seconds so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


@contextmanager
def process(*command: str, port: int) -> Iterator[int]:
    """A server from the moment it listens; its process id."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=HERE.parent)
    try:
        _wait_for(port)
        yield child.pid
    finally:
        child.terminate()
        child.wait(timeout=10)


def _wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1, (ELSEWHERE, 0)).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def transfer(server: Server, target: str, upload: Path | None) -> dict[str, float]:
    """Seconds and MB a second of one transfer of 1 GiB by curl."""
    url = f"http://127.0.0.1:{server.port}{target}"
    command = ["curl", "-sS", "-o", os.devnull, "-w", "%{http_code} %{time_total}", url]
    if upload is not None:
        command += ["-T", str(upload), "-H", "Expect:"]
    before = server.cpu_s()
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    status, took = ran.stdout.split()
    if status != "200":
        raise SystemExit(f"{server.name}: {target} answered {status}")
    cpu = server.cpu_s() - before
    return {"mb_s": GIB / 1e6 / float(took), "cpu_s": cpu, "peak_mb": server.peak_mb()}


def alternate(
    servers: list[Server], rounds: int, measure: Callable[[Server], dict[str, float]]
) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = {server.name: [] for server in servers}
    for _ in range(rounds):
        for server in servers:
            found[server.name].append(measure(server))
    return found


def report(title: str, found: dict[str, list[dict[str, float]]], of: str, key: str) -> None:
    """One line for each server: medians, and the median ratio of ours to it."""
    print(f"\n{title}")
    ours = found[of]
    for name, rows in found.items():
        medians = {field: median(row[field] for row in rows) for field in rows[0]}
        ratio = median(mine[key] / row[key] for mine, row in zip(ours, rows, strict=True))
        text = "  ".join(f"{field} {value:,.1f}" for field, value in medians.items())
        print(f"  {name:12} {text}" + (f"  {of}/{name} {ratio:.2f}" if name != of else ""))


@contextmanager
def peers(folder: Path) -> Iterator[dict[str, Server]]:
    """Everything under test, and the origin behind it, listening."""
    ports = {name: free_port() for name in NAMES}
    folder.chmod(0o755)  # nginx, started by root, reads as somebody else
    files = folder / "files"
    files.mkdir()
    (files / "1k").write_bytes(b"x" * 1024)
    with (files / "1g").open("wb") as sparse:
        sparse.truncate(GIB)
    for name in ("origin", "nginx"):
        text = (
            (HERE / f"peers/{name}.conf")
            .read_text()
            .format(
                folder=folder,
                cache_port=ports["nginx"],
                proxy_port=ports["nginx proxy"],
                origin_port=ports["origin"],
                sink_port=ports["sink"],
            )
        )
        (folder / f"{name}.conf").write_text(text)
    toml = folder / "edgesim.toml"
    toml.write_text(EDGESIM_TOML.format(**{name.split()[0]: port for name, port in ports.items()}))
    python = sys.executable
    edge = ("-m", "edgesim", "dev", "--quiet", "--no-reload", "--config", str(toml), "--port")
    with ExitStack() as stack:
        run = lambda *command, port: stack.enter_context(process(*command, port=port))  # noqa: E731
        pids = {
            name: run(
                "nginx", "-c", str(folder / f"{name}.conf"), "-p", str(folder), port=ports[name]
            )
            for name in ("origin", "nginx")
        }
        pids["nginx proxy"] = pids["nginx"]
        for name in ("constant", "sink"):
            path = str(HERE / f"peers/{name}.py")
            pids[name] = run(python, path, str(ports[name]), port=ports[name])
        port = ports["edgesim"]
        pids["edgesim"] = run(python, *edge, str(port), port=port)
        yield {name: Server(name, pids[name], ports[name]) for name in NAMES}


EDGESIM_TOML = """
[origins.files]
url = "http://127.0.0.1:{origin}"

[origins.sink]
url = "http://127.0.0.1:{sink}"

[default_behavior]
origin = "files"
cache_policy = "CachingOptimizedForUncompressedObjects"

[[behaviors]]
path_pattern = "/1g"
origin = "files"
cache_policy = "CachingDisabled"

[[behaviors]]
path_pattern = "/sink"
origin = "sink"
cache_policy = "CachingDisabled"
allowed_methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    for program in ("nginx", "wrk", "curl"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name, peers(Path(name)) as under_test:
        ours, nginx = under_test["edgesim"], under_test["nginx"]
        results = {}
        for server in (ours, nginx):
            wrk(server, "/1k", 1)  # fills the caches
        hits = [ours, nginx, under_test["constant"]]
        results["hit"] = alternate(hits, options.rounds, lambda s: wrk(s, "/1k", options.seconds))
        report("cache hit, 1 KiB, 32 connections", results["hit"], "edgesim", "per_s")
        pair = [ours, under_test["nginx proxy"]]
        results["download"] = alternate(pair, options.rounds, lambda s: transfer(s, "/1g", None))
        report("1 GiB download, not cached", results["download"], "edgesim", "mb_s")
        upload = Path(name) / "files/1g"
        results["upload"] = alternate(pair, options.rounds, lambda s: transfer(s, "/sink", upload))
        report("1 GiB upload", results["upload"], "edgesim", "mb_s")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()

"""edgesim beside nginx, Varnish and miniflare: the whole table, in one run on one machine.

    python -m bench.bench_peers [--rounds 5] [--seconds 2] [--minutes 12] [--only hit-1k …]

Each server has one core to itself as far as there are two, wrk and the origin have the other.
The servers take turns, round by round, and what is quoted is the median of the rounds' ratios: a
machine shared with other work is slow for all alike. A peer that is missing is left out and named.
After so many minutes no further case begins. Writes a section of bench/results.md, and every round
as JSON.
Needs Linux, nginx, wrk and curl.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.bench_live import GIB, Server, alternate, free_port, process, transfer
from bench.peers_report import machine, table, written
from bench.wrk import wrk

PEERS = Path(__file__).parent / "peers"
NJS_MODULE = Path("/usr/lib/nginx/modules/ngx_http_js_module.so")
SIZES = {"1k": 1024, "100k": 100 * 1024}
EDGE = "edgesim"
Rounds = dict[str, list[dict[str, float]]]


@dataclass(frozen=True, slots=True)
class Case:
    """A row of the table: who is asked for what, and how much faster than whom we want to be."""

    name: str
    title: str
    targets: dict[str, str]
    """What each server is asked for; ours is the first."""
    aims: dict[str, float]
    connections: tuple[int, ...] = (32, 256)
    differing: bool = False


CASES = [
    Case(
        "hit-1k",
        "hit, identical heads, 1 KiB",
        {EDGE: "/a/1k", "nginx": "/a/1k", "varnish": "/a/1k"},
        {"nginx": 1.5, "varnish": 2.0},
    ),
    Case(
        "hit-differing",
        "hit, every head different, 1 KiB",
        {EDGE: "/a/1k", "nginx": "/a/1k", "varnish": "/a/1k"},
        {"nginx": 0.8},
        differing=True,
    ),
    Case(
        "hit-function",
        "hit behind a CloudFront Function, njs, a Worker",
        {EDGE: "/fn/1k", "nginx njs": "/fn/1k", "miniflare": "/fn/1k"},
        {"nginx njs": 0.6, "miniflare": 10.0},
    ),
    Case(
        "hit-function-differing",
        "the same, every head different: each function runs for each",
        {EDGE: "/fn/1k", "nginx njs": "/fn/1k", "miniflare": "/fn/1k"},
        {},
        differing=True,
    ),
    Case(
        "hit-python",
        "hit behind a Python function in the process",
        {EDGE: "/py/1k", "nginx": "/a/1k"},
        {"nginx": 0.5},
    ),
    Case(
        "pass",
        "miss, passed through, 1 KiB",
        {EDGE: "/pass/1k", "nginx proxy": "/pass/1k"},
        {"nginx proxy": 0.4},
    ),
    Case(
        "pass-differing",
        "miss, passed through, every head different",
        {EDGE: "/pass/1k", "nginx proxy": "/pass/1k"},
        {},
        differing=True,
    ),
    Case(
        "hit-100k",
        "hit, 100 KiB",
        {EDGE: "/a/100k", "nginx": "/a/100k", "varnish": "/a/100k"},
        {"nginx": 0.8},
    ),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--only", nargs="+", metavar="CASE")
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results.md"))
    parser.add_argument("--json", type=Path, default=Path(__file__).with_name("peers.json"))
    options = parser.parse_args()
    for program in ("nginx", "wrk", "curl"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing: sudo apt-get install {program}")
    end = time.monotonic() + options.minutes * 60
    wanted = options.only or [*(case.name for case in CASES), "half-load", "stream"]
    found: dict[str, dict[str, Rounds]] = {}
    with tempfile.TemporaryDirectory() as name, peers(Path(name)) as servers:
        for case in CASES:
            if case.name in wanted and time.monotonic() < end:
                found[case.name] = _measured(case, servers, options.rounds, options.seconds)
        if "half-load" in wanted and "pass" in found and time.monotonic() < end:
            found["half-load"] = _half_load(found["pass"], servers, options.rounds)
        if "stream" in wanted and time.monotonic() < end:
            pair = [servers[EDGE], servers["nginx proxy"]]
            moved = lambda server: transfer(server, "/pass/1g", None)  # noqa: E731
            found["stream"] = {"1": alternate(pair, options.rounds, moved)}
    missing = [name for name in wanted if name not in found]
    absent = {name for case in CASES for name in case.targets} - servers.keys()
    about = machine(sys.argv[1:], sorted(absent), missing)
    titles = {case.name: (case.title, case.aims) for case in CASES}
    options.json.write_text(json.dumps({"about": about, "rounds": found}, indent=1) + "\n")
    written(options.results, section := table(about, titles, found))
    print(section)


def _measured(
    case: Case, servers: dict[str, Server], rounds: int, seconds: int
) -> dict[str, Rounds]:
    """By the number of connections."""
    there = [servers[name] for name in case.targets if name in servers]
    for server in there:  # fills the caches
        _load(case, server, 32, 1)
    print(f"{case.name}: {', '.join(server.name for server in there)}", file=sys.stderr, flush=True)

    def asked(connections: int) -> Callable[[Server], dict[str, float]]:
        return lambda server: _load(case, server, connections, seconds)

    return {str(count): alternate(there, rounds, asked(count)) for count in case.connections}


def _load(case: Case, server: Server, connections: int, seconds: int) -> dict[str, float]:
    script = PEERS / "differing.lua" if case.differing else None
    return wrk(server, case.targets[server.name], seconds, connections, script, pin=load_core())


def _half_load(
    passed: dict[str, Rounds], servers: dict[str, Server], rounds: int
) -> dict[str, Rounds]:
    """Latencies of the pass-through at half of what it can take, and of the origin by itself."""
    rate = median(row["per_s"] for row in passed["32"][EDGE]) / 2

    def asked(server: Server) -> dict[str, float]:
        with tempfile.NamedTemporaryFile(suffix=".json") as figures:
            url = f"http://127.0.0.1:{server.port}/pass/1k"
            command = [sys.executable, "-m", "edgesim", "bench", url, "--rate", f"{rate:.0f}"]
            command += ["-d", "3", "--warm-up", "0.5", "--control-port", "0", "--quiet"]
            command = [*load_core(), *command, "--json", figures.name]
            subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL)
            total = json.loads(Path(figures.name).read_text())["total"]
        times = {name: float(value) * 1000 for name, value in total["percentiles_s"].items()}
        return {"per_s": rate, "p50_ms": times["50"], "p99_ms": times["99"]}

    return {"32": alternate([servers[EDGE], servers["origin"]], rounds, asked)}


@contextmanager
def peers(folder: Path) -> Iterator[dict[str, Server]]:
    """Everything that is there to be measured, and the origin behind it, listening."""
    folder.chmod(0o755)  # nginx, started by root, reads as somebody else
    _write_files(folder / "files")
    origin = free_port()
    names = ["nginx", "nginx proxy", "nginx njs", "varnish", "miniflare", EDGE]
    ports = {name: free_port() for name in names}
    filled = {
        "folder": folder,
        "peers": PEERS,
        "origin_port": origin,
        "sink_port": origin,
        "cache_port": ports["nginx"],
        "proxy_port": ports["nginx proxy"],
        "njs_port": ports["nginx njs"],
        "njs_module": NJS_MODULE,
    }
    for name in ("origin.conf", "nginx.conf", "njs.conf", "default.vcl", "edgesim.toml"):
        (folder / name).write_text((PEERS / name).read_text().format(**filled))
    with ExitStack() as stack:

        def start(name: str, port: int, pin: list[str], *command: str) -> Server:
            pid = stack.enter_context(process(*pin, *command, port=port))
            return Server(name, pid, port)

        under_test = _commands(folder, ports, origin)
        nginx = ("nginx", "-p", str(folder), "-c", str(folder / "origin.conf"))
        servers = {"origin": start("origin", origin, load_core(), *nginx)}
        for name, command in under_test.items():
            servers[name] = start(name, ports[name], server_core(), *command)
        cache = servers["nginx"]
        servers["nginx proxy"] = Server("nginx proxy", cache.pid, ports["nginx proxy"])
        yield servers


def _commands(folder: Path, ports: dict[str, int], origin: int) -> dict[str, tuple[str, ...]]:
    """How each is started, of those that are installed."""
    nginx = ("nginx", "-p", str(folder), "-c")
    edge = ("-m", "edgesim", "dev", "--quiet", "--no-reload", "--control-port", "0", "--config")
    found: dict[str, tuple[str, ...]] = {
        EDGE: (sys.executable, *edge, str(folder / "edgesim.toml"), "--port", str(ports[EDGE])),
        "nginx": (*nginx, str(folder / "nginx.conf")),
    }
    if NJS_MODULE.exists():
        found["nginx njs"] = (*nginx, str(folder / "njs.conf"))
    if shutil.which("varnishd"):
        listens, vcl = f"127.0.0.1:{ports['varnish']}", str(folder / "default.vcl")
        command = ("varnishd", "-F", "-j", "none", "-n", str(folder / "varnish"), "-t", "3600")
        found["varnish"] = (*command, "-a", listens, "-f", vcl, "-s", "malloc,256m")
    if _has_miniflare():
        script = str(PEERS / "miniflare/serve.mjs")
        address = f"http://127.0.0.1:{origin}"
        found["miniflare"] = ("node", script, str(ports["miniflare"]), address)
    return found


def _has_miniflare() -> bool:
    """Whether it is installed, if need be from now on."""
    folder = PEERS / "miniflare"
    if not (folder / "node_modules/miniflare").exists() and shutil.which("npm"):
        command = ["npm", "install", "--silent", "--no-package-lock", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=folder, timeout=180, check=False, stdout=subprocess.DEVNULL)
    return (folder / "node_modules/miniflare").exists() and shutil.which("node") is not None


def _write_files(folder: Path) -> None:
    """The trees that functions choose from, and what is asked for without one."""
    for tree in ("a", "a/fn", "b/fn", "a/py", "b/py", "pass"):
        (folder / tree).mkdir(parents=True)
        for name, size in SIZES.items():
            (folder / tree / name).write_bytes(b"x" * size)
    with (folder / "pass/1g").open("wb") as sparse:
        sparse.truncate(GIB)


def server_core() -> list[str]:
    """What keeps a command on the core of those under test, where there are two."""
    return _pinned(0)


def load_core() -> list[str]:
    """What keeps a command on the other one."""
    return _pinned(1)


def _pinned(index: int) -> list[str]:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or shutil.which("taskset") is None:
        return []
    return ["taskset", "-c", str(cores[index])]


if __name__ == "__main__":
    main()

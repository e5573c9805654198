"""How soon `edgesim dev` answers, and what it weighs while nobody asks.

    python -m bench.bench_idle [--connections 10000] [--starts 9]

The start is from the process's creation to the first byte of the first answer, of a program that
has been compiled as an installed one has; CPU is what the process used until then. Memory is what
is resident, before and with so many idle keep-alive connections that had one answer each. Needs
Linux.
"""

from __future__ import annotations

import argparse
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench.bench_live import ELSEWHERE, free_port, process_cpu_s

CONFIGURATION = """
[origins.files]
folder = "."
[default_behavior]
origin = "files"
"""
IMPORT = """
from time import perf_counter
began = perf_counter()
import edgesim
edgesim.Request
print(perf_counter() - began)
"""
HEAD = b"GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
ROOT = Path(__file__).parents[1]
SETTLES_S = 1.0
LIMIT_S = 30.0


def resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def connected(port: int, source: str = ELSEWHERE) -> socket.socket:
    """A connection that had its answer, once somebody listens."""
    end = time.monotonic() + LIMIT_S
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), 10, (source, 0))
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.002)
        else:
            break
    connection.sendall(HEAD)
    if not (data := connection.recv(65536)).startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"no answer, but {data!r}")
    return connection


def compiled(folder: Path) -> dict[str, str]:
    """An environment in which Python keeps what it has compiled, in `folder`."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def import_s(folder: Path) -> float:
    """Seconds that `import edgesim` and the first use of a name of it take."""
    command = [sys.executable, "-c", IMPORT]
    ran = subprocess.run(command, cwd=ROOT, env=compiled(folder), capture_output=True, check=True)
    return float(ran.stdout)


@contextmanager
def edge(folder: Path, cached: Path) -> Iterator[tuple[int, int, float]]:
    """`edgesim dev` from its first answer on: its process id, port, and seconds until then."""
    port, began = free_port(), time.monotonic()
    command = [sys.executable, "-m", "edgesim", "dev", "--config", str(folder / "edgesim.toml")]
    command += ["--port", str(port), "--control-port", "0", "--quiet"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT, env=compiled(cached))
    try:
        connected(port).close()
        yield child.pid, port, time.monotonic() - began
    finally:
        child.terminate()
        child.wait(timeout=LIMIT_S)


def idle_connections(port: int, wanted: int) -> list[socket.socket]:
    """From several addresses of the loopback, for each has too few ports of its own."""
    return [connected(port, f"127.0.0.{2 + index // 5000}") for index in range(wanted)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--starts", type=int, default=9)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(options.connections, most - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 200, most))
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as beside:
        folder, cached = Path(name), Path(beside)
        (folder / "page").write_text("hello")
        (folder / "edgesim.toml").write_text(CONFIGURATION)
        with edge(folder, cached):
            pass  # compiles
        starts = []
        for _ in range(options.starts):
            with edge(folder, cached) as (pid, _, seconds):
                starts.append((seconds, process_cpu_s(pid)))
        wall_s, used_s = (median(start[at] for start in starts) for at in (0, 1))
        print(f"first answer after {wall_s:.2f} s, {used_s:.2f} s of CPU, {len(starts)} starts")
        took_s = median(import_s(cached) for _ in range(options.starts))
        print(f"import edgesim: {took_s * 1e3:.0f} ms")
        with edge(folder, cached) as (pid, port, _):
            time.sleep(SETTLES_S)
            before = resident_bytes(pid)
            print(f"idle: {before / 1e6:.1f} MB resident")
            connections = idle_connections(port, wanted)
            time.sleep(SETTLES_S)
            each = (resident_bytes(pid) - before) / wanted
            print(f"{wanted:,} idle connections: {each / 1000:.1f} KB each")
            for connection in connections:
                connection.close()


if __name__ == "__main__":
    main()

"""How soon `edgesim dev` answers, and what it weighs while nobody asks.

    python -m bench.bench_idle [--connections 10000] [--starts 5]

The start is from the process's creation to the first byte of the first answer. Memory is what is
resident, before and with so many idle keep-alive connections that had one answer each. Needs Linux.
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

from bench.bench_live import free_port

CONFIGURATION = """
[origins.files]
folder = "."
[default_behavior]
origin = "files"
"""
HEAD = b"GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
SETTLES_S = 1.0
LIMIT_S = 30.0


def resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def connected(port: int, source: str = "127.0.0.1") -> socket.socket:
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
    if not connection.recv(65536).startswith(b"HTTP/1.1 200"):
        raise SystemExit("no answer")
    return connection


@contextmanager
def edge(folder: Path) -> Iterator[tuple[int, int, float]]:
    """`edgesim dev` from its first answer on: its process id, port, and seconds until then."""
    port, began = free_port(), time.monotonic()
    command = [sys.executable, "-m", "edgesim", "dev", "--config", str(folder / "edgesim.toml")]
    command += ["--port", str(port), "--control-port", "0", "--quiet"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
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
    parser.add_argument("--starts", type=int, default=5)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(options.connections, most - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 200, most))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "page").write_text("hello")
        (folder / "edgesim.toml").write_text(CONFIGURATION)
        starts = []
        for _ in range(options.starts):
            with edge(folder) as (_, _, seconds):
                starts.append(seconds)
        print(f"first answer after {median(starts):.2f} s, of {len(starts)} starts")
        with edge(folder) as (pid, port, _):
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

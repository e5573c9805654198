"""One run of wrk, and what it cost the server."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

ATTEMPTS = 4


class Loaded(Protocol):
    """A server under load."""

    @property
    def name(self) -> str: ...

    @property
    def port(self) -> int: ...

    def cpu_s(self) -> float:
        """User and system seconds so far, its children's included."""
        ...


def wrk(
    server: Loaded,
    target: str,
    seconds: int,
    connections: int = 32,
    script: Path | None = None,
    pin: Sequence[str] = (),
) -> dict[str, float]:
    """Requests a second, and CPU µs a request. Raises `SystemExit` for answers that are none.

    On a machine that is busy with other work a short run may end before the first answer: then
    it is made again.
    """
    command = [*pin, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    command += ["-s", str(script)] if script else []
    command.append(f"http://127.0.0.1:{server.port}{target}")
    for _ in range(ATTEMPTS):
        before = server.cpu_s()
        ran = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=seconds + 30
        )
        spent = server.cpu_s() - before
        requests = re.search(r"(\d+) requests in", ran.stdout)
        rate = re.search(r"Requests/sec:\s+([\d.]+)", ran.stdout)
        if "Non-2xx" in ran.stdout or requests is None or rate is None:
            break
        if count := int(requests[1]):
            return {"per_s": float(rate[1]), "cpu_us": spent / count * 1e6}
    raise SystemExit(f"{server.name}: {ran.stdout}")

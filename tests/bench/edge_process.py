"""`edgesim dev` as a user runs it, with a control port, for load tests that read its counters."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EdgeProcess:
    pid: int
    url: str
    control: str

    @property
    def control_port(self) -> str:
        return self.control.rpartition(":")[2]


@contextmanager
def edge_process(configuration: Path, *beside: Path) -> Iterator[EdgeProcess]:
    """The distributions of all the files behind one port."""
    configs = [text for path in (configuration, *beside) for text in ("--config", str(path))]
    with socket.socket() as probe:  # 0 would stand for no control port
        probe.bind(("127.0.0.1", 0))
        control_port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "edgesim", "dev", *configs, "--port", "0", "--no-reload"]
    process = subprocess.Popen(
        [*command, "--control-port", control_port, "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            said, found = "", list[str]()
            while len(found) < 2 and (line := process.stdout.readline()):
                said += line
                found = re.findall(r"http://127\.0\.0\.1:\d+", said)
            assert len(found) >= 2, said
            yield EdgeProcess(process.pid, found[0], found[1])
        finally:
            process.terminate()

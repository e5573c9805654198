"""What a function started and left running, wherever it went.

A process may leave its group and its session, and its parent may be dead. Its environment
variables stay as they were when it began, and the log stream's name in them is one environment's
alone. Linux only: elsewhere a daemon that a function makes outlives it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = "/proc"
SWEEPS = 5
"""As often it is looked again, for something may be started while we look."""


def kill_leftovers(mark: str) -> None:
    """Kill every process that has `mark` among its environment variables."""
    for _ in range(SWEEPS):
        found = list(_marked(mark.encode()))
        if not found:
            return
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _marked(mark: bytes) -> Iterator[int]:
    with suppress(OSError):
        for entry in os.scandir(PROC):
            if not entry.name.isdecimal():
                continue
            with suppress(OSError):
                if mark in Path(entry.path, "environ").read_bytes():
                    yield int(entry.name)

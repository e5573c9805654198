"""Starts an origin as its own process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


@contextmanager
def running(*command: str) -> Iterator[str]:
    """The address of an origin that ends, within its two seconds, when asked to."""
    arguments = [sys.executable, *command, "--port", "0"]
    child = subprocess.Popen(arguments, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child, child.stdout:
        try:
            yield child.stdout.readline().split()[-1]
        finally:
            child.terminate()
            assert child.wait(10) == 0

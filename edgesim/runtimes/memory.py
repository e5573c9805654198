"""How much memory a function's process has, as Lambda counts it: what is resident.

LG "Configure Lambda function memory". The process itself tells its peak with each result; a look
from outside is for what takes more while it runs. Linux only: elsewhere nobody knows, and nobody
is stopped.
"""

from __future__ import annotations

import os

LOOK_EVERY_S = 0.05
"""How often a running invocation is looked at."""

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def resident_kb(pid: int) -> int:
    """What the process `pid` holds now; 0 where that cannot be found out."""
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as pages:  # noqa: PTH123 - 20 a second
            return int(pages.read().split()[1]) * _PAGE_BYTES // 1024
    except (OSError, IndexError, ValueError):
        return 0

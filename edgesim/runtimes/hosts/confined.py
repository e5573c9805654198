"""Becomes another program, which dies with edgesim and leaves no core file.

    python -I -S confined.py PROGRAM ARGUMENT...

For hosts in languages that cannot ask the kernel for that themselves. Both outlast exec. Only
Linux can: elsewhere a program that never looks at its pipe, as in an endless loop, outlives an
edgesim that is killed.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - the program that edgesim found


if __name__ == "__main__":
    main()

"""How a Lambda@Edge function in Python gets a process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ..cloudfront.function import Function
from .code import located
from .host import Host
from .reserved import reserved_variables

HOST = Path(__file__).parent / "hosts" / "python_host.py"

INTERPRETER_MB = 512
"""Address space on top of `memory_mb`: Lambda counts what is touched (`memory.py`), and an
interpreter with its libraries and threads maps far more. This is for what grows at one stroke."""


def python_host(function: Function) -> Host:
    """Runs `function` with the Python that edgesim runs on, whatever version it asks for.

    Raises `FunctionError` if its code is not there.
    """
    code = located(function)

    def command(pipe: int) -> Sequence[str]:
        address_space = (function.memory_mb + INTERPRETER_MB) * 1024 * 1024
        given = (pipe, code.folder, code.handler, function.timeout_s, address_space)
        # -B: compiled files are dated to the second, and people save twice in one
        return [sys.executable, "-I", "-B", str(HOST), *map(str, given)]

    return Host(function, command, str(code.folder), reserved_variables(function, code))

"""Lambda@Edge functions in Python: each in processes of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..cloudfront.distribution import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError
from .base import LogSink, Runtime
from .code import located
from .environment import Host
from .pool import DEFAULT_LIMIT, Pool
from .reserved import reserved_variables

HOST = Path(__file__).parent / "hosts" / "python_host.py"

INTERPRETER_MB = 512
"""Address space on top of `memory_mb`: Lambda counts what is touched, Linux can only limit what
is mapped, and an interpreter with its libraries and threads maps far more than it touches."""


class PythonRuntime:
    """Runs one function with the Python that edgesim runs on, whatever version it asks for."""

    def __init__(self, log: LogSink, limit: int = DEFAULT_LIMIT) -> None:
        self._log, self._limit = log, limit
        self._pool: Pool | None = None

    async def start(self, function: Function) -> None:
        self._pool = Pool(python_host(function), self._log, self._limit)
        await self._pool.start()

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        if self._pool is None:
            raise FunctionError("it was never started", where=f"function {function.name}")
        return await self._pool.invoke(trigger, event)

    async def stop(self) -> None:
        if self._pool is not None:
            await self._pool.stop()


def python_host(function: Function) -> Host:
    """How to start a process for `function`. Raises `FunctionError` if its code is not there."""
    code = located(function)

    def command(pipe: int) -> Sequence[str]:
        address_space = (function.memory_mb + INTERPRETER_MB) * 1024 * 1024
        given = (pipe, code.folder, code.handler, function.timeout_s, address_space)
        # -B: compiled files are dated to the second, and people save twice in one
        return [sys.executable, "-I", "-B", str(HOST), *map(str, given)]

    return Host(function, command, str(code.folder), reserved_variables(function, code))


if TYPE_CHECKING:
    _conforms: type[Runtime] = PythonRuntime

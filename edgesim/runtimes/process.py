"""Lambda@Edge functions in processes of their own, whatever language they are in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..cloudfront.distribution import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError
from .base import Runtime, Sink
from .environment import Host
from .pool import Pool

MakeHost = Callable[[Function], Host]
"""How to start a process for a function. Raises `FunctionError` if its code is not there."""


class ProcessRuntime:
    """Runs one function in the processes that `make_host` describes."""

    def __init__(self, make_host: MakeHost, log: Sink) -> None:
        self._make_host, self._log = make_host, log
        self._pool: Pool | None = None

    async def start(self, function: Function) -> None:
        host = await asyncio.to_thread(self._make_host, function)  # it may ask a program
        self._pool = Pool(host, self._log)
        await self._pool.start()

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        if self._pool is None:
            raise FunctionError("it was never started", where=f"function {function.name}")
        return await self._pool.invoke(trigger, event)

    async def stop(self) -> None:
        if self._pool is not None:
            await self._pool.stop()


if TYPE_CHECKING:
    _conforms: type[Runtime] = ProcessRuntime

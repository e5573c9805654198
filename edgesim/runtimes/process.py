"""Lambda@Edge functions in processes of their own, whatever language they are in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError
from .base import Runtime, Sink
from .cold_start import as_on_aws, start_s
from .conditions import Conditions
from .host import Host
from .pool import Pool

MakeHost = Callable[[Function, Conditions], Host]
"""How to start a process for a function. Raises `FunctionError` if its code is not there."""


class ProcessRuntime:
    """Runs one function in the processes that `make_host` describes."""

    def __init__(
        self, make_host: MakeHost, log: Sink, conditions: Conditions = Conditions()
    ) -> None:
        self._make_host, self._log, self._conditions = make_host, log, conditions
        self._pool: Pool | None = None

    async def start(self, function: Function) -> None:
        # in a thread, for it may ask a program
        host = await asyncio.to_thread(self._make_host, function, self._conditions)
        if function.reserved_concurrency:
            host = replace(host, environments=function.reserved_concurrency)
        if self._conditions.cold_starts:
            host = replace(host, least_init_s=partial(start_s, as_on_aws()))
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

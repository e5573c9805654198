"""Functions that need a process, such as those in Node.js, for tests that have no event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..runtimes import FunctionSet
from ..runtimes.base import LogLine

T = TypeVar("T")


class Processes:
    """Starts a function's process when it is first asked for, and keeps it warm until `close`."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="edgesim-functions")
        self._runner = asyncio.Runner()
        self._started: dict[Function, FunctionSet] = {}
        self._said: list[LogLine] = []
        self._open = True

    def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        """What `function` returned. Raises `FunctionError`."""
        if not self._open:
            raise RuntimeError("this edge is closed: its test is over")
        return self._wait(self._invoked(function, trigger, event))

    def said(self) -> str:
        """What functions have printed since this was asked last."""
        lines, self._said[:] = [line.text for line in self._said], []
        return "\n".join(lines)

    def close(self) -> None:
        """Leave no process and no thread; safe to call twice."""
        if self._open:
            self._open = False
            self._wait(self._stopped())
            self._thread.submit(self._runner.close).result()
            self._thread.shutdown()

    async def _invoked(self, function: Function, trigger: Trigger, event: Json) -> object:
        if function not in self._started:
            self._started[function] = await FunctionSet.start((function,), self._said.append)
        return await self._started[function].invoke(function, trigger, event)

    async def _stopped(self) -> None:
        await asyncio.gather(*(one.retire(None) for one in self._started.values()))
        self._started.clear()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._runner.run, work).result()

"""One event on its way through an execution environment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from uuid import uuid4

from ..cloudfront.function import Function, Trigger
from ..errors import FunctionError, FunctionTimeout
from .report import ERROR, TIMEOUT, Report


@dataclass(slots=True, eq=False)
class Invocation:
    """What was asked, and who waits for the answer."""

    trigger: Trigger
    request_id: str
    reply: asyncio.Future[object]
    began: float

    def settle(self, reply: object) -> None:
        """Give the answer to whoever still waits."""
        if self.reply.done():
            return
        if isinstance(reply, FunctionError):
            self.reply.set_exception(reply)
        else:
            self.reply.set_result(reply)


_PREFIX = str(uuid4())[:24]
_COUNT = count(1)


def request_id() -> str:
    """What looks like any UUID of version 4, never one twice; it keeps no secret."""
    return f"{_PREFIX}{next(_COUNT) * 0x9E3779B97F4A7 & 0xFFFFFFFFFFFF:012x}"


def report_of(
    function: Function,
    asked: str,
    stream: str,
    began: float,
    peak_kb: int,
    init_s: float | None,
    error: FunctionError | None,
) -> Report:
    """What ended just now; `error` says why if its process ended with it."""
    status, kind = "", ""
    if isinstance(error, FunctionTimeout):
        status = TIMEOUT
    elif error is not None:
        status, kind = ERROR, error.what.partition(":")[0]
    return Report(
        function.name,
        asked,
        stream,
        perf_counter() - began,
        function.memory_mb,
        min(-(-peak_kb // 1024), function.memory_mb),
        init_s,
        status,
        kind,
        error.what if error is not None else "",
    )

"""One run of one function: what it returned, what it said, what the rules say to it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..cloudfront.distribution import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..cloudfront.lambda_result import blamed_on, request_result, response_result
from ..errors import EdgesimError, InvalidFunctionResult
from ..http.message import Response
from ..runtimes.base import LogLine, LogSink
from .event import Moment


class RunningFunctions(Protocol):
    """Functions that were started together."""

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        """What `function` returned. Raises `FunctionError`."""
        ...

    async def retire(self, successor: Any) -> None:
        """Stop them."""


Start = Callable[[Sequence[Function], LogSink], Awaitable[RunningFunctions]]


@dataclass(frozen=True, slots=True)
class Invocation:
    """How a run went. Exactly one of `verdict` and `failure` says what came of it."""

    result: object
    log: tuple[LogLine, ...]
    seconds: float
    verdict: str = ""
    failure: EdgesimError | None = None
    completed: bool = True
    """Whether there is a result at all, accepted or not."""


async def invoked(function: Function, moment: Moment, start: Start) -> Invocation:
    """Run `function` once. What goes wrong with it is in the answer, never raised."""
    log: list[LogLine] = []
    began = time.perf_counter()
    try:
        functions = await start((function,), log.append)
        try:
            began = time.perf_counter()  # a function's time is counted without its start
            result = await functions.invoke(function, moment.trigger, moment.event)
            seconds = time.perf_counter() - began
        finally:
            await functions.retire(None)
    except EdgesimError as error:
        seconds = time.perf_counter() - began
        return Invocation(None, tuple(log), seconds, failure=error, completed=False)
    try:
        with blamed_on(function, moment.trigger):
            verdict = accepted(moment, result)
    except InvalidFunctionResult as error:
        return Invocation(result, tuple(log), seconds, failure=error)
    return Invocation(result, tuple(log), seconds, verdict)


def accepted(moment: Moment, result: object) -> str:
    """What CloudFront would do with `result`. Raises `InvalidFunctionResult` if it refuses it."""
    trigger, request = moment.trigger, moment.request
    if moment.response is not None:
        changed = response_result(trigger, result, moment.response)
        return f"accepted: the response goes on with status {changed.status}"
    asked = request_result(trigger, result, request, moment.origin)
    if isinstance(asked, Response):
        size = len(asked.body) if isinstance(asked.body, bytes) else 0
        return f"accepted: it answers with status {asked.status} and {size:,} bytes"
    to = f" to {asked.origin.url}" if asked.origin is not None else ""
    return f"accepted: the request goes on as {asked.request.method} {asked.request.target}{to}"

"""One run of one function: what it returned, what it said, what the rules say to it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..cloudfront.distribution import Function, Trigger
from ..cloudfront.function_origin import chosen_route
from ..cloudfront.function_result import (
    FunctionOutput,
    amended_result,
    asked_result,
    held_against,
    output_of,
)
from ..cloudfront.lambda_event import Json
from ..cloudfront.lambda_result import blamed_on, request_result, response_result
from ..errors import EdgesimError, InvalidFunctionResult
from ..http.message import Response
from ..runtimes.base import LogLine, LogSink, SynchronousRuntime
from .event import Moment


class RunningFunctions(Protocol):
    """Functions that were started together."""

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        """What `function` returned. Raises `FunctionError`."""
        ...

    def at_once(self, function: Function) -> SynchronousRuntime | None:
        """What runs a CloudFront Function; None for any other."""

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
    utilisation: int | None = None
    """Of a CloudFront Function, how much of its compute limit it used, in percent."""
    completed: bool = True
    """Whether there is a result at all, accepted or not."""


async def invoked(function: Function, moment: Moment, start: Start) -> Invocation:
    """Run `function` once. What goes wrong with it is in the answer, never raised."""
    log: list[LogLine] = []
    utilisation: int | None = None
    began = time.perf_counter()
    try:
        functions = await start((function,), log.append)
        try:
            began = time.perf_counter()  # a function's time is counted without its start
            result = await functions.invoke(function, moment.trigger, moment.event)
            seconds = time.perf_counter() - began
            if function.is_cloudfront_function:
                runtime = functions.at_once(function)
                utilisation = runtime.compute_utilisation(moment.event) if runtime else None
        finally:
            await functions.retire(None)
    except EdgesimError as error:
        seconds = time.perf_counter() - began
        return Invocation(None, tuple(log), seconds, failure=error, completed=False)
    try:
        if function.is_cloudfront_function:
            with held_against(function, moment.trigger):
                verdict = accepted_output(moment, output_of(result))
        else:
            with blamed_on(function, moment.trigger):
                verdict = accepted(moment, result)
    except InvalidFunctionResult as error:
        return Invocation(result, tuple(log), seconds, failure=error, utilisation=utilisation)
    return Invocation(result, tuple(log), seconds, verdict, utilisation=utilisation)


def accepted_output(moment: Moment, output: FunctionOutput) -> str:
    """What CloudFront would do with `output`. Raises `InvalidFunctionResult` if it refuses it."""
    request, event = moment.request, moment.event
    if moment.response is not None:
        changed = amended_result(output.returned, moment.response, event["response"])
        return f"accepted: the response goes on with status {changed.status}"
    made = asked_result(output.returned, request, event["request"])
    if isinstance(made, Response):
        size = len(made.body) if isinstance(made.body, bytes) else 0
        return f"accepted: it answers with status {made.status} and {size:,} bytes"
    to, distribution = "", moment.distribution
    if output.origin is not None and distribution is not None:
        behavior = distribution.behavior_for(request.path)
        to = f" to {chosen_route(distribution, behavior, output.origin).origin.url}"
    return f"accepted: the request goes on as {made.method} {made.target}{to}"


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

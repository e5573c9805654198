"""One run of one function: what it returned, what it said, what the rules say to it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..cloudfront.lambda_result import Asked
from ..cloudfront.moment import Moment
from ..cloudfront.rule_book import Warned
from ..cloudfront.strictness import Strictness
from ..errors import EdgesimError, InvalidFunctionResult
from ..http.message import Response
from ..runtimes.base import LogLine, LogSink


class RunningFunctions(Protocol):
    """Functions that were started together."""

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        """What `function` returned. Raises `FunctionError`."""
        ...

    def compute_utilisation(self, function: Function, event: Json) -> int | None:
        """Of a CloudFront Function, in percent; None for any other."""
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
    warnings: tuple[Warned, ...] = ()
    """Rules that it broke, and was let."""
    utilisation: int | None = None
    """Of a CloudFront Function, how much of its compute limit it used, in percent."""
    completed: bool = True
    """Whether there is a result at all, accepted or not."""


async def invoked(
    function: Function,
    moment: Moment,
    start: Start,
    strictness: Strictness = Strictness.SAFE,
) -> Invocation:
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
            utilisation = functions.compute_utilisation(function, moment.event)
        finally:
            await functions.retire(None)
    except EdgesimError as error:
        seconds = time.perf_counter() - began
        return Invocation(None, tuple(log), seconds, failure=error, completed=False)
    warnings: list[Warned] = []
    verdict, refusal = "", None
    try:
        verdict = accepted(moment.outcome(function, result, strictness, warnings), moment)
    except InvalidFunctionResult as error:
        refusal = error
    return Invocation(result, tuple(log), seconds, verdict, refusal, tuple(warnings), utilisation)


def accepted(outcome: Asked | Response, moment: Moment) -> str:
    """What CloudFront would do with a result that it accepts."""
    if isinstance(outcome, Response):
        if moment.response is not None:
            return f"accepted: the response goes on with status {outcome.status}"
        size = len(outcome.body) if isinstance(outcome.body, bytes) else 0
        return f"accepted: it answers with status {outcome.status} and {size:,} bytes"
    origin = outcome.route.origin if outcome.route is not None else outcome.origin
    to = f" to {origin.url}" if origin is not None else ""
    return f"accepted: the request goes on as {outcome.request.method} {outcome.request.target}{to}"

"""Functions of a virtual edge: run in the test's own process, at once, whatever they are."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from traceback import format_exception
from typing import Any
from uuid import uuid4

from ..cloudfront.distribution import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..errors import EdgesimError, FunctionError
from ..functions import trigger_of
from ..runtimes.inline import called
from ..runtimes.inline_code import load_inline
from ..runtimes.typed import handler_result
from ..sim.driver import Timed

Handler = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Context:
    """The second argument of a handler under test, its members as at the edge."""

    function_name: str
    memory_limit_in_mb: str
    aws_request_id: str
    function_version: str = "1"
    remaining_ms: int = 5000

    @property
    def invoked_function_arn(self) -> str:
        name = self.function_name.partition(".")[2]
        return f"arn:aws:lambda:us-east-1:123456789012:function:{name}:{self.function_version}"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


class InProcess:
    """Loads a function once and calls it for event after event."""

    def __init__(self) -> None:
        self._calls: dict[str, Handler] = {}

    def use(self, name: str, call: Handler) -> None:
        """Let `call` be the function of that name."""
        self._calls[name] = call

    def __call__(self, function: Function, trigger: Trigger, event: Json) -> Timed:
        """Its result; what it raises is the `FunctionError` that it would be on AWS."""
        where = f"function {function.name} at {trigger}"
        try:
            return Timed(self._result(function, trigger, event))
        except EdgesimError as error:
            error.where = error.where or where
            return Timed(error)
        except Exception as error:  # noqa: BLE001  a user's function may raise anything
            failure = FunctionError(f"{type(error).__name__}: {error}", where=where)
            failure.log = format_exception(error)
            return Timed(failure)

    def _result(self, function: Function, trigger: Trigger, event: Json) -> object:
        call = self._calls.get(function.name)
        if call is None:
            loaded = load_inline(function).call
            if loaded is None:
                raise FunctionError("it has no code")
            call = self._calls[function.name] = loaded
        if trigger_of(call) is None and function.runtime != "inline":
            name = f"us-east-1.{function.name}"
            return call(event, Context(name, str(function.memory_mb), str(uuid4())))
        returned = called(call, trigger, event)
        if inspect.isawaitable(returned):
            returned = _finished(returned)
        return handler_result(trigger, event, returned)


def _finished(awaitable: Any) -> object:
    """What `awaitable` comes to, on an event loop of its own: the test may have one running."""

    async def waiting() -> object:
        return await awaitable

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, waiting()).result()

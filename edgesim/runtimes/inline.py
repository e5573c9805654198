"""Decorated functions in this process: for tests, simulations, and those who need no isolation."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError, InvalidFunctionResult
from ..functions import trigger_of
from ..http.message import Request, Response
from . import failures
from .base import HasToWait, Sink, SynchronousRuntime
from .inline_code import load_inline
from .invocation import report_of, request_id
from .typed import Typed, handler_result, typed_request, typed_response


class InlineRuntime:
    """Calls one function. A time limit can only end an `async def` that waits for something."""

    def __init__(self, log: Sink) -> None:
        self._log = log
        self._function = Function("")
        self._call: Callable[..., Any] | None = None
        self._typed = Typed()
        self.never_waits = False

    async def start(self, function: Function) -> None:
        self._function = function
        self._call = call = load_inline(function).call
        waits = call is None or inspect.iscoroutinefunction(inspect.unwrap(call))
        self.never_waits = not waits

    def run(self, trigger: Trigger, event: Json, before: object = None) -> object:
        """What a plain function returns. Raises `HasToWait`, once, if that is a coroutine."""
        call, where = self._found(trigger)
        began = perf_counter()
        try:
            returned = called(call, trigger, event, None if before is None else self._typed)
        except Exception as error:  # the user's function may raise anything
            self._took(began)
            raise failures.raised(error, code_folder(call), where) from error
        if not isinstance(returned, Request | Response) and inspect.isawaitable(returned):
            self.never_waits = False
            if inspect.iscoroutine(returned):
                returned.close()
            raise HasToWait
        self._took(began)
        return self._result(trigger, event, returned, where, before)

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        call, where = self._found(trigger)
        began = perf_counter()
        try:
            async with asyncio.timeout(function.timeout_s) as limit:
                returned = called(call, trigger, event)
                if inspect.isawaitable(returned):
                    returned = await returned
        except Exception as error:  # the user's function may raise anything
            if isinstance(error, TimeoutError) and limit.expired():
                raise failures.late(function.timeout_s, where, ()) from None
            raise failures.raised(error, code_folder(call), where) from error
        finally:
            self._took(began)
        return self._result(trigger, event, returned, where)

    def _took(self, began: float) -> None:
        self._log(report_of(self._function, request_id(), "", began, 0, None, None))

    def _found(self, trigger: Trigger) -> tuple[Callable[..., Any], str]:
        where = f"function {self._function.name} at {trigger}"
        if self._call is None:
            raise FunctionError("it was never started", where=where)
        check_trigger(self._call, trigger, where)
        return self._call, where

    def _result(
        self, trigger: Trigger, event: Json, returned: object, where: str, before: object = None
    ) -> object:
        try:
            if before is None:
                return handler_result(trigger, event, returned)
            return self._typed.result(trigger, event, returned, before)
        except InvalidFunctionResult as refusal:
            refusal.where = where
            raise

    async def stop(self) -> None:
        self._call = None


def check_trigger(call: Callable[..., Any], trigger: Trigger, where: str) -> None:
    """Raises `FunctionError` if `call` is decorated for another trigger."""
    if trigger_of(call) not in (None, trigger):
        raise FunctionError(
            f"it is decorated for {trigger_of(call)}",
            where=where,
            hint=f"attach it there, or decorate it with @{trigger.replace('-', '_')}",
        )


def called(
    call: Callable[..., Any], trigger: Trigger, event: Json, typed: Typed | None = None
) -> Any:
    """What `call` returns for the values of `event`, `typed` if it came before; perhaps something
    to await.
    """
    request, response = typed_request, typed_response
    if typed is not None:
        request, response = typed.request, typed.response
    if trigger.may_answer:
        return call(request(event))
    if _parameters(call) > 1:
        return call(request(event), response(event))
    return call(response(event))


def code_folder(call: Callable[..., Any]) -> str:
    """Where the code of `call` lies, so that an error can point into it."""
    code = getattr(inspect.unwrap(call), "__code__", None)
    return str(Path(code.co_filename).parent) if code else ""


@lru_cache(maxsize=256)
def _parameters(call: Callable[..., Any]) -> int:
    """How many arguments `call` takes by position."""
    kinds = [parameter.kind for parameter in inspect.signature(call).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return 2
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(kind in by_position for kind in kinds)


if TYPE_CHECKING:
    _conforms: type[SynchronousRuntime] = InlineRuntime

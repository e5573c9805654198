"""Decorated functions in this process: for tests, simulations, and those who need no isolation."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ..cloudfront.distribution import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError, InvalidFunctionResult
from ..functions import trigger_of
from . import failures
from .base import Runtime, Sink
from .inline_code import load_inline
from .invocation import report_of, request_id
from .typed import handler_result, typed_request, typed_response


class InlineRuntime:
    """Calls one function. A time limit can only end an `async def` that waits for something."""

    def __init__(self, log: Sink) -> None:
        self._log = log
        self._call: Callable[..., Any] | None = None

    async def start(self, function: Function) -> None:
        self._call = load_inline(function).call

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        where = f"function {function.name} at {trigger}"
        call = self._call
        if call is None:
            raise FunctionError("it was never started", where=where)
        check_trigger(call, trigger, where)
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
            self._log(report_of(function, request_id(), "", began, 0, None, None))
        try:
            return handler_result(trigger, event, returned)
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


def called(call: Callable[..., Any], trigger: Trigger, event: Json) -> Any:
    """What `call` returns for the typed values of `event`; perhaps something to await."""
    if trigger.may_answer:
        return call(typed_request(event))
    if _parameters(call) > 1:
        return call(typed_request(event), typed_response(event))
    return call(typed_response(event))


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
    _conforms: type[Runtime] = InlineRuntime

"""Python functions in this process, so that `breakpoint()` and the debuggers of IDEs find them.

Nothing limits them here, neither time nor memory, and one runs at a time: while somebody looks at
a breakpoint the edge stands still. What they print goes straight to the terminal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..errors import FunctionError
from . import failures
from .base import Runtime, Sink
from .code import located
from .hosts.python_host import Context, Memory, Refused, marshalled
from .inline_code import load_inline
from .invocation import report_of, request_id
from .reserved import LOG_STREAM, log_stream, reserved_variables


class DebugRuntime:
    """Calls one handler as its process would."""

    def __init__(self, log: Sink) -> None:
        self._log = log
        self._call: Callable[..., Any] | None = None
        self._variables: dict[str, str] = {}
        self._folder = ""

    async def start(self, function: Function) -> None:
        code = located(function)
        self._variables = {**reserved_variables(function, code), LOG_STREAM: log_stream()}
        self._folder = str(code.folder)
        self._call = load_inline(function).call

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        where, asked = f"function {function.name} at {trigger}", request_id()
        if self._call is None:
            raise FunctionError("it was never started", where=where)
        began = perf_counter()
        context = Context(asked, function.timeout_s, self._variables)
        try:
            payload = marshalled(asked, self._call(event, context), Memory())
        except Refused as refused:
            raise FunctionError(f"{refused.kind}: {refused}", where=where) from refused
        except Exception as error:  # the user's function may raise anything
            raise failures.raised(error, self._folder, where) from error
        finally:
            stream = self._variables[LOG_STREAM]
            self._log(report_of(function, asked, stream, began, 0, None, None))
        match json.loads(payload):
            case ["unparsable", _, _, kind]:
                raise failures.unparsable(kind, where, ())
            case [*_, result]:
                return result
        raise AssertionError(payload)

    async def stop(self) -> None:
        self._call = None


if TYPE_CHECKING:
    _conforms: type[Runtime] = DebugRuntime

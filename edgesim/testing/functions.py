"""Functions of a virtual edge: run in the test's own process, at once, whatever they are."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from contextvars import copy_context
from functools import partial
from io import TextIOBase
from types import SimpleNamespace
from typing import Any, TextIO
from uuid import UUID

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..errors import EdgesimError
from ..functions import trigger_of
from ..runtimes import failures
from ..runtimes.base import LogLine
from ..runtimes.cloudfront_js import CloudFrontJsRuntime
from ..runtimes.code import is_node, located
from ..runtimes.inline import called, check_trigger, code_folder
from ..runtimes.inline_code import load_inline, neighbours
from ..runtimes.typed import handler_result
from .processes import Processes
from .ran import Ran

Handler = Callable[..., Any]


class Context:
    """The second argument of a handler under test, its members as at the edge."""

    function_version = "1"
    client_context = tenant_id = None

    def __init__(self, function: Function, aws_request_id: str) -> None:
        self.function_name = f"us-east-1.{function.name}"
        self.memory_limit_in_mb = str(function.memory_mb)
        self.aws_request_id = aws_request_id
        self.log_group_name = f"/aws/lambda/{self.function_name}"
        self.log_stream_name = "2026/01/01/[1]edgesim"
        account = "arn:aws:lambda:us-east-1:123456789012"
        self.invoked_function_arn = f"{account}:function:{function.name}:{self.function_version}"
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self._limit_ms = int(function.timeout_s * 1000)

    def get_remaining_time_in_millis(self) -> int:
        return self._limit_ms  # no virtual time passes inside a function

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))


class InProcess:
    """Loads a function once and calls it for event after event.

    Node.js needs a process, which is started when it is first wanted.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._loaded: dict[Function, Handler] = {}
        self._contexts: dict[Function, CloudFrontJsRuntime] = {}
        self._processes: Processes | None = None
        self._runs = 0

    def close(self) -> None:
        """Leave no process of a function; safe to call twice."""
        if self._processes is not None:
            self._processes.close()

    def __call__(self, function: Function, trigger: Trigger, event: Json) -> Ran:
        """Its result; what it raises becomes the `FunctionError` that it would be on AWS."""
        given = json.loads(json.dumps(event))  # a function may change its event in place
        where = f"function {function.name} at {trigger}"
        self._runs += 1
        with heard() as said:
            try:
                value = self._result(function, trigger, event, where)
            except EdgesimError as error:
                error.where = error.where or where
                value = error
        runtime = self._contexts.get(function)
        measure = partial(runtime.compute_utilisation, given) if runtime else None
        return Ran(value, event=given, log="".join(said), measure=measure)

    def _result(self, function: Function, trigger: Trigger, event: Json, where: str) -> object:
        if function.is_cloudfront_function:
            return self._at_once(function).run(trigger, event)
        if is_node(function):
            return self._in_process(function, trigger, event)
        call: Any = self._loaded.get(function) or load_inline(function).call
        self._loaded[function] = call
        typed = function.runtime == "inline" or trigger_of(call) is not None
        beside = neighbours(located(function).folder) if function.code else nullcontext()
        try:
            with beside:
                if not typed:
                    context = Context(function, str(UUID(int=self._runs)))
                    return marshalled(call(event, context), call, where)
                check_trigger(call, trigger, where)
                returned = called(call, trigger, event)
                if inspect.isawaitable(returned):
                    returned = finished(returned, function.timeout_s, where)
        except EdgesimError:
            raise
        except (Exception, SystemExit) as error:
            raise failures.raised(error, code_folder(call), where) from error
        return handler_result(trigger, event, returned)

    def _in_process(self, function: Function, trigger: Trigger, event: Json) -> object:
        processes = self._processes = self._processes or Processes()
        try:
            return processes.invoke(function, trigger, event)
        finally:
            sys.stdout.write(processes.said())

    def _at_once(self, function: Function) -> CloudFrontJsRuntime:
        """The one runtime that a virtual edge has as it is: it never waits."""
        runtime = self._contexts.get(function)
        if runtime is None:
            runtime = CloudFrontJsRuntime(_printed, self._clock)
            runtime.load(function)
            self._contexts[function] = runtime
        return runtime


def _printed(line: LogLine) -> None:
    sys.stdout.write(f"{line.text}\n")


def marshalled(result: object, call: Handler, where: str) -> object:
    """`result` as it arrives at the edge, which is sent JSON."""
    if isinstance(result, bytes | bytearray):
        raise failures.unparsable(type(result).__name__, where, ())
    try:
        return json.loads(json.dumps(result))
    except (TypeError, ValueError, RecursionError) as error:
        if inspect.iscoroutine(result):
            result.close()
        code = getattr(inspect.unwrap(call), "__code__", None)
        report = {
            "type": "Runtime.MarshalError",
            "message": f"Unable to marshal response: {error}",
            "file": code.co_filename if code else "",
            "line": code.co_firstlineno if code else 0,
        }
        raise failures.reported(report, where, ()) from None


def finished(awaitable: Any, timeout_s: float, where: str) -> object:
    """What `awaitable` comes to, on an event loop of its own: the test may have one running."""

    async def waiting() -> object:
        try:
            async with asyncio.timeout(timeout_s) as limit:
                return await awaitable
        except TimeoutError:
            if limit.expired():
                raise failures.late(timeout_s, where, ()) from None
            raise

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, asyncio.run, waiting()).result()


@contextmanager
def heard() -> Iterator[list[str]]:
    """What is printed and logged meanwhile. It still goes where it would go."""
    said: list[str] = []
    root, handler = logging.getLogger(), _Log(said)
    root.addHandler(handler)
    try:
        with redirect_stdout(_Tee(sys.stdout, said)), redirect_stderr(_Tee(sys.stderr, said)):
            yield said
    finally:
        root.removeHandler(handler)


class _Tee(TextIOBase):
    def __init__(self, beyond: TextIO, said: list[str]) -> None:
        self._beyond, self._said = beyond, said

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._said.append(text)
        return self._beyond.write(text)

    def flush(self) -> None:
        self._beyond.flush()


class _Log(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(f"[{record.levelname}]\t{self.format(record)}\n")

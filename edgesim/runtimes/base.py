"""What it takes to run a user's function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from .report import Report


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something a function said: by print, by logging, on stderr."""

    function: str
    text: str
    trigger: str = ""
    """Where it ran; "" for what it said while its module was loaded or between two events."""
    request_id: str = ""
    """Lambda's `aws_request_id` of the invocation; CloudFront's own of a CloudFront Function."""
    log_stream: str = ""
    """Of the execution environment that it was said in; "" for a function of this process."""


LogSink = Callable[[LogLine], None]

Sink = Callable[[LogLine | Report], None]
"""Where a runtime tells what its function said and what each invocation took."""


class Runtime(Protocol):
    """One way to run a function. To add another, write a class with these members
    and name it in `runtimes/__init__.py`; nothing else has to know.

    Raises `FunctionError` for anything the user's code does, and nothing else.
    """

    async def start(self, function: Function) -> None:
        """Get ready for `function`, so that its first request finds it warm.

        Raises `FunctionError` if its code cannot be loaded, with file and line.
        """

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        """What `function` returns for `event`.

        Raises `FunctionTimeout` once `function.timeout_s` is over.
        """
        ...

    async def stop(self) -> None:
        """Leave no process behind; safe to call twice."""


class AtOnce(Protocol):
    """Something that runs one function without waiting."""

    def run(self, trigger: Trigger, event: Json, before: object = None) -> object:
        """What the function returns for `event`. Raises as `invoke` does, or `HasToWait`.

        `before` is what it returned for an event with nothing but another request id. Who knows
        that it would be the same need not run it again.
        """
        ...


class HasToWait(Exception):
    """What a function returned has to be awaited: `invoke` it."""


@runtime_checkable
class SynchronousRuntime(Runtime, AtOnce, Protocol):
    """A runtime that need not wait: a request need not leave the fast lane for it."""

    @property
    def never_waits(self) -> bool:
        """Whether that is so for this function, as far as is known."""
        ...


@runtime_checkable
class Measuring(Protocol):
    """A runtime that knows what part of a limit on computing a function uses."""

    def compute_utilisation(self, event: Json) -> int:
        """How much of its limit the function uses for `event`, in percent: an estimate."""
        ...

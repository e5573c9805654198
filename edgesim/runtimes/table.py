"""Which runtime runs which function, by the beginning of the runtime's name."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import entry_points

from ..cloudfront.distribution import Function
from ..errors import FunctionError
from .base import LogSink, Runtime
from .cloudfront_js import CloudFrontJsRuntime
from .inline import InlineRuntime
from .node import NodeRuntime
from .python import PythonRuntime

MakeRuntime = Callable[[LogSink], Runtime]

RUNTIMES: dict[str, MakeRuntime] = {
    "cloudfront-js": CloudFrontJsRuntime,
    "inline": InlineRuntime,
    "nodejs": NodeRuntime,
    "python": PythonRuntime,
}

ENTRY_POINTS = "edgesim.runtimes"
"""The group in which other packages name theirs: `ruby = "their.package:RubyRuntime"`."""


def runtime_for(function: Function, log: LogSink) -> Runtime:
    """A runtime for `function` alone, not yet started. Raises `FunctionError` if there is none."""
    if function.call is not None:
        return InlineRuntime(log)
    for prefix, make in (installed_runtimes() | RUNTIMES).items():
        if function.runtime.startswith(prefix):
            return make(log)
    raise FunctionError(
        f"the runtime {function.runtime} is not there yet",
        where=f"function {function.name}",
        hint=f"use {', '.join(RUNTIMES)}, or install a package with an entry point in the "
        f"group {ENTRY_POINTS}",
    )


@lru_cache(maxsize=1)
def installed_runtimes() -> dict[str, MakeRuntime]:
    """Those of other packages."""
    return {entry.name: entry.load() for entry in entry_points(group=ENTRY_POINTS)}

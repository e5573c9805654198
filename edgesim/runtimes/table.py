"""Which runtime runs which function, by the beginning of the runtime's name."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import entry_points

from ..cloudfront.function import Function
from ..errors import FunctionError
from .base import Runtime, Sink
from .conditions import Conditions
from .debug import DebugRuntime
from .inline import InlineRuntime
from .node import node_host
from .process import MakeHost, ProcessRuntime
from .python import python_host

MakeRuntime = Callable[[Sink], Runtime]


def _cloudfront_js(log: Sink) -> Runtime:
    from .cloudfront_js import (  # noqa: PLC0415 - engine and parser only for who has such functions
        CloudFrontJsRuntime,
    )

    return CloudFrontJsRuntime(log)


RUNTIMES: dict[str, MakeRuntime] = {
    "cloudfront-js": _cloudfront_js,
    "inline": InlineRuntime,
}
"""Those of this process."""

HOSTS: dict[str, MakeHost] = {
    "nodejs": node_host,
    "python": lambda function, _: python_host(function),
}
"""Those that run in processes of their own."""

ENTRY_POINTS = "edgesim.runtimes"
"""The group in which other packages name theirs: `ruby = "their.package:RubyRuntime"`."""


def runtime_for(function: Function, log: Sink, conditions: Conditions = Conditions()) -> Runtime:
    """A runtime for `function` alone, not yet started. Raises `FunctionError` if there is none."""
    if function.call is not None:
        return InlineRuntime(log)
    if conditions.debug and function.runtime.startswith("python"):
        return DebugRuntime(log)
    for prefix, make_host in HOSTS.items():
        if function.runtime.startswith(prefix):
            return ProcessRuntime(make_host, log, conditions)
    for prefix, make in (installed_runtimes() | RUNTIMES).items():
        if function.runtime.startswith(prefix):
            return make(log)
    known = ", ".join(sorted([*HOSTS, *RUNTIMES]))
    raise FunctionError(
        f"the runtime {function.runtime} is not there yet",
        where=f"function {function.name}",
        hint=f"use {known}, or install a package with an entry point in the group {ENTRY_POINTS}",
    )


@lru_cache(maxsize=1)
def installed_runtimes() -> dict[str, MakeRuntime]:
    """Those of other packages."""
    return {entry.name: entry.load() for entry in entry_points(group=ENTRY_POINTS)}

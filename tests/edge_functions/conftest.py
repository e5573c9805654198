from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edgesim.bundled import bundled
from edgesim.cloudfront.distribution import Function, Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.runtimes import FunctionSet
from tests.node import node_or_skip

from .examples import loaded

Handler = Callable[[Json, object], Any]
Handlers = Callable[..., Handler]


class InNode:
    """Handlers in Node.js that are called like those in Python; each has a process of its own."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._started: dict[str, tuple[Function, FunctionSet]] = {}

    def handler(self, example: str, module: str) -> Handler:
        name = f"{example}-{module}"
        if name not in self._started:
            code = str(bundled("edge_functions") / "node" / example)
            function = Function(name, "nodejs22.x", code, f"{module}.handler")
            starting = FunctionSet.start([function], print_line)
            self._started[name] = (function, self._runner.run(starting))
        function, functions = self._started[name]

        def call(event: Json, context: object) -> Any:
            trigger = Trigger(event["Records"][0]["cf"]["config"]["eventType"])
            return self._runner.run(functions.invoke(function, trigger, event))

        return call

    def stop(self) -> None:
        for _, functions in self._started.values():
            self._runner.run(functions.retire(None))
        self._runner.close()


def print_line(line: Any) -> None:
    print(line.text)  # noqa: T201 - the edge that called it hears what it prints


@pytest.fixture(scope="module")
def in_node() -> Iterator[InNode]:
    node_or_skip()
    running = InNode()
    yield running
    running.stop()


@pytest.fixture(params=["python", "node"])
def handler(request: pytest.FixtureRequest) -> Handlers:
    """The handler of an example, in each of the two languages."""
    if request.param == "node":
        running: InNode = request.getfixturevalue("in_node")
        return lambda example, module="index": running.handler(example, module)
    return lambda example, module="index": loaded(example, module).handler

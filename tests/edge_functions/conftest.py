from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edgesim.bundled import bundled
from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.testing.processes import Processes
from tests.needed import node_or_skip

from .examples import loaded
from .pictures import PictureOrigin, picture_origin

Handler = Callable[[Json, object], Any]
Handlers = Callable[..., Handler]


@pytest.fixture
def server() -> Iterator[PictureOrigin]:
    """An origin of whatever a test puts there: pictures, pages, data."""
    with picture_origin() as there:
        yield there


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    node_or_skip()
    running = Processes()
    yield running
    running.close()


def in_node(processes: Processes, example: str, module: str) -> Handler:
    """A handler in Node.js that is called like one in Python."""
    code = str(bundled("edge_functions") / "node" / example)
    function = Function(f"{example}-{module}", "nodejs22.x", code, f"{module}.handler")

    def call(event: Json, context: object) -> Any:
        trigger = Trigger(event["Records"][0]["cf"]["config"]["eventType"])
        result = processes.invoke(function, trigger, event)
        if said := processes.said():
            print(said)  # noqa: T201 - the edge that called it hears what it prints
        return result

    return call


@pytest.fixture(params=["python", "node"])
def handler(request: pytest.FixtureRequest) -> Handlers:
    """The handler of an example, in each of the two languages."""
    if request.param == "node":
        processes: Processes = request.getfixturevalue("processes")
        return lambda example, module="index": in_node(processes, example, module)
    return lambda example, module="index": loaded(example, module).handler

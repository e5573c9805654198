"""One deployment's functions, and the next one's: what goes on, what is new, what ends when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from edgesim.cloudfront.function import Function, Trigger
from edgesim.errors import FunctionError
from edgesim.functions import as_function
from edgesim.live.ports import Runtimes
from edgesim.runtimes import FunctionSet
from edgesim.runtimes.base import LogLine

from .conftest import Write
from .events import event_for

WHO = """
    import os
    def handler(event, context):
        return {"says": "%s", "pid": os.getpid()}
"""
HELD = """
    import pathlib, time
    def handler(event, context):
        print("running")
        while not (pathlib.Path(__file__).parent.parent / "go").exists():
            time.sleep(0.001)
        return {"says": "old"}
"""

_conforms: type[Runtimes] = FunctionSet

Start = Callable[..., Awaitable[FunctionSet]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    started: list[FunctionSet] = []

    async def starting(
        *functions: Function,
        previous: FunctionSet | None = None,
        log: Callable[[LogLine], None] = lambda line: None,
    ) -> FunctionSet:
        functions_set = await FunctionSet.start(functions, log, previous=previous)
        started.append(functions_set)
        return functions_set

    yield starting
    for functions_set in started:
        await functions_set.retire(None)


def two(write: Write, a: str = "a", b: str = "b") -> Sequence[Function]:
    return [
        write(WHO % text, f"{name}/index.py", name=name, code=str(write("").code) + f"/{name}")
        for name, text in (("a", a), ("b", b))
    ]


async def ask(functions: FunctionSet, function: Function) -> dict[str, object]:
    trigger = Trigger.VIEWER_REQUEST
    answer = await functions.invoke(function, trigger, event_for(trigger))
    assert isinstance(answer, dict)
    return answer


async def test_what_has_not_changed_goes_on_warm(start: Start, write: Write) -> None:
    a, b = two(write)
    old = await start(a, b)
    before = [await ask(old, function) for function in (a, b)]
    write(WHO % "changed", "b/index.py")
    new = await start(a, b, previous=old)
    assert new.changed_since(old) == {"b"}
    await old.retire(new)
    after = [await ask(new, function) for function in (a, b)]
    assert after[0] == before[0]
    assert after[1]["says"] == "changed"
    assert after[1]["pid"] != before[1]["pid"]


async def test_settings_count_as_changes_and_so_do_coming_and_going(
    start: Start, write: Write
) -> None:
    a, b = two(write)
    old = await start(a)
    assert old.changed_since(None) == {"a"}
    new = await start(replace(a, memory_mb=256), b, previous=old)
    assert new.changed_since(old) == {"a", "b"}
    assert old.changed_since(new) == {"a", "b"}
    assert new.changed_since(new) == frozenset()


async def test_a_change_loses_no_request_in_flight(start: Start, write: Write) -> None:
    function = write(HELD)
    running = asyncio.Event()
    old = await start(function, log=lambda line: running.set())
    in_flight = asyncio.ensure_future(ask(old, function))
    await running.wait()
    write(WHO % "new")
    new = await start(function, previous=old)
    retired = asyncio.ensure_future(old.retire(new))
    assert (await ask(new, function))["says"] == "new"
    assert (await ask(old, function))["says"] == "new", "a request of before, on its way back"
    assert not retired.done()
    write("", "../go")
    assert (await in_flight)["says"] == "old"
    await retired


async def test_a_broken_edit_leaves_the_old_ones_serving(start: Start, write: Write) -> None:
    a, b = two(write)
    old = await start(a, b)
    write(WHO % "changed", "a/index.py")
    broken = replace(b, handler="index.nothing")
    with pytest.raises(FunctionError, match="HandlerNotFound"):
        await start(a, broken, previous=old)
    assert [(await ask(old, function))["says"] for function in (a, b)] == ["a", "b"]


async def test_a_function_that_is_gone_says_so(start: Start, write: Write) -> None:
    a, b = two(write)
    old = await start(a, b)
    new = await start(a, previous=old)
    await old.retire(new)
    with pytest.raises(FunctionError, match="does not have it any more") as raised:
        await ask(old, b)
    assert raised.value.where == "function b at viewer-request"


async def test_one_name_is_one_function(start: Start, write: Write) -> None:
    a, b = two(write)
    assert (await ask(await start(a, a), a))["says"] == "a"
    with pytest.raises(FunctionError, match="two functions have this name"):
        await start(a, replace(b, name="a"))


async def test_a_decorated_function_needs_no_code(start: Start) -> None:
    function = as_function(lambda request: request, "fn")
    assert (await ask(await start(function), function))["uri"] == "/a"

"""What is counted, who is throttled, and what goes on over an edit."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edgesim.cloudfront.function import Association, Function, Trigger
from edgesim.errors import FunctionError, FunctionThrottled
from edgesim.runtimes import Conditions, FunctionSet
from edgesim.runtimes.base import HasToWait
from edgesim.runtimes.metrics import Metrics, together
from edgesim.runtimes.report import Report
from tests.live.edge import InMemory, deployment, field_of, live_edge, says

from .conftest import Write

AT = Trigger.VIEWER_REQUEST
SLEEPS = """
    import time
    def handler(event, context):
        if event.get("raise"): raise ValueError
        time.sleep(event.get("s", 0))
        return {}
"""


def ignored(_: object) -> None:
    pass


async def outcomes(functions: FunctionSet, function: Function, *events: Any) -> list[str]:
    tasks = [functions.invoke(function, AT, event) for event in events]
    found = await asyncio.gather(*tasks, return_exceptions=True)
    return [type(one).__name__ for one in found]


LIMITS = [
    # reserved concurrency, account's, three at once, environments, why
    (None, None, ["dict", "dict", "dict"], "they wait in line at worst"),
    (2, None, ["dict", "dict", "FunctionThrottled"], "one more than reserved"),
    (0, None, ["FunctionThrottled"] * 3, "nothing reserved: switched off, as on AWS"),
    (None, 1, ["dict", "FunctionThrottled", "FunctionThrottled"], "the account's quota"),
    (2, 1, ["dict", "FunctionThrottled", "FunctionThrottled"], "whichever comes first"),
]


@pytest.mark.parametrize(("reserved", "account", "expected", "why"), LIMITS)
async def test_throttling(
    write: Write, reserved: int | None, account: int | None, expected: list[str], why: str
) -> None:
    function = write(SLEEPS, reserved_concurrency=reserved)
    conditions = Conditions(concurrent_executions=account)
    functions = await FunctionSet.start([function], ignored, conditions=conditions)
    try:
        assert await outcomes(functions, function, *[{"s": 0.1}] * 3) == expected, why
        counted = functions.metrics.functions["fn"]
        throttles = expected.count("FunctionThrottled")
        assert (counted.invocations, counted.throttles) == (3 - throttles, throttles)
        assert counted.errors == 0, "a throttled request is no error of the function"
        assert counted.concurrent_executions == 3 - throttles
        again = await outcomes(functions, function, {})
        assert again == (["dict"] if reserved != 0 else ["FunctionThrottled"]), "there is room"
    finally:
        await functions.retire(None)


def test_what_a_throttled_request_looks_like() -> None:
    metrics = Metrics()
    of = metrics.of(Function("fn", reserved_concurrency=0))
    with pytest.raises(FunctionThrottled) as raised:
        metrics.begin(of, AT)
    error = raised.value
    assert (error.status, error.code) == (503, "LambdaLimitExceeded")
    assert error.where == "function fn at viewer-request"
    assert "reserved concurrency of 0" in error.what
    assert error.hint


def test_cloudfront_functions_are_not_lambdas() -> None:
    metrics = Metrics(concurrent_executions=0)
    of = metrics.of(Function("fn", "cloudfront-js-2.0"))
    metrics.begin(of, AT)
    metrics.end(of, failed=False)
    assert (of.invocations, of.throttles, metrics.running) == (1, 0, 0)


async def test_counts_go_on_over_an_edit(write: Write) -> None:
    function = write(SLEEPS)
    first = await FunctionSet.start([function], ignored)
    await outcomes(first, function, {}, {"raise": 1})
    edited = write("def handler(event, context): return 'edited'", memory_mb=256)
    reports: list[Report] = []
    second = await FunctionSet.start([edited], ignored, previous=first, reports=reports.append)
    await first.retire(second)
    try:
        assert await outcomes(second, edited, {}) == ["str"]
        shown = second.metrics.functions["fn"].shown()
    finally:
        await second.retire(None)
    assert (shown["invocations"], shown["errors"], shown["cold_starts"]) == (3, 1, 3)
    assert shown["memory_mb"] == 256
    assert 0 < shown["duration_ms"]["average"] <= shown["duration_ms"]["maximum"]
    assert shown["billed_ms"] >= 3
    assert 0 < shown["max_memory_mb"] <= 256
    assert len(reports) == 1


@pytest.mark.parametrize("at_once", [True, False])
async def test_functions_of_this_process_are_counted_too(*, at_once: bool) -> None:
    def call(request: Any) -> Any:
        if request.path == "/no":
            raise ValueError
        return request

    function = Function("fn", "inline", call=call)
    functions = await FunctionSet.start([function], ignored)
    event = {"Records": [{"cf": {"request": {
        "uri": "/", "querystring": "", "method": "GET", "headers": {}}}}]}  # fmt: skip

    async def ask() -> object:
        if at_once:
            warm = functions.at_once(function)
            assert warm is not None
            return warm.run(AT, event)
        return await functions.invoke(function, AT, event)

    await ask()
    event["Records"][0]["cf"]["request"]["uri"] = "/no"
    with pytest.raises(FunctionError):
        await ask()
    counted = functions.metrics.functions["fn"]
    assert (counted.invocations, counted.errors, counted.cold_starts) == (2, 1, 0)
    assert (counted.running, functions.metrics.running) == (0, 0)
    assert counted.billed_s >= 0.002, "each began a millisecond"


async def test_what_turns_out_to_wait_is_counted_once() -> None:
    async def later(request: Any) -> Any:
        return request

    def eventually(request: Any) -> Any:
        assert request.path == "/"
        return later(request)

    function = Function("fn", "inline", call=eventually)
    functions = await FunctionSet.start([function], ignored)
    event = {"Records": [{"cf": {"request": {
        "uri": "/", "querystring": "", "method": "GET", "headers": {}}}}]}  # fmt: skip
    warm = functions.at_once(function)
    assert warm is not None
    with pytest.raises(HasToWait):
        warm.run(AT, event)
    assert functions.at_once(function) is None, "it is not tried again"
    await functions.invoke(function, AT, event)
    assert functions.metrics.functions["fn"].invocations == 1


async def test_a_cloudfront_function_is_counted(tmp_path: Path) -> None:
    code = "function handler(e) { if (e.request.uri === '/no') throw 1; return e.request; }"
    (tmp_path / "fn.js").write_text(code)
    function = Function("fn", "cloudfront-js-2.0", str(tmp_path / "fn.js"))
    functions = await FunctionSet.start([function], ignored)
    warm = functions.at_once(function)
    assert warm is not None
    for uri in ("/", "/no"):
        event = {"context": {}, "request": {"uri": uri, "headers": {}}, "helpers": {}}
        with suppress(FunctionError):
            warm.run(AT, event)
    counted = functions.metrics.functions["fn"]
    assert (counted.invocations, counted.errors) == (2, 1)
    assert 0 < counted.average_ms <= counted.longest_s * 1000


async def test_a_viewer_sees_cloudfronts_page_for_a_throttled_function() -> None:
    def call(request: Any) -> Any:
        return request

    deployed = deployment()
    function = Function("fn", "inline", call=call, reserved_concurrency=0)
    (behavior,) = deployed.distribution.behaviors
    behavior = replace(behavior, functions={AT: Association(function)})
    distribution = replace(deployed.distribution, behaviors=(behavior,))
    deployed = replace(deployed, distribution=distribution, functions=(function,))
    async with live_edge(InMemory(says()), deployed) as edge:
        connection = await edge.connect()
        response, body = await connection.ask("GET", "/")
        await connection.close()
    assert response.status_code == 503
    assert field_of(response, "x-cache") == "LambdaLimitExceeded from cloudfront"
    assert b"associated with the CloudFront distribution was throttled." in body


def test_several_processes_are_told_as_one() -> None:
    function, other = Function("f"), Function("g")
    every = [Metrics(), Metrics()]
    for number, metrics in enumerate(every, 1):
        for _ in range(number):
            metrics.begin(metrics.of(function), AT)
        metrics.of(function).reported(Report("f", "r", "s", 0.1 * number, 128, 30 * number, 0.2))
        metrics.end(metrics.of(function), failed=True)
    every[1].begin(every[1].of(other), AT)
    whole = together(every)
    one = whole.functions["f"]
    assert (one.invocations, one.errors, one.cold_starts) == (3, 2, 2)
    assert one.concurrent_executions == 3, "at most: nobody knows whether all ran at once"
    assert one.duration_s == pytest.approx(0.3)
    assert (one.longest_s, one.max_memory_mb) == (0.2, 60)
    assert whole.functions["g"].invocations == 1
    assert every[0].functions["f"].invocations == 1, "theirs are as they were"

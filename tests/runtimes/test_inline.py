from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

import edgesim
from edgesim.cloudfront.function import Function, Trigger
from edgesim.errors import FunctionError, FunctionTimeout, InvalidFunctionResult
from edgesim.functions import as_function
from edgesim.http.message import Request, Response
from edgesim.runtimes.inline import InlineRuntime

from .events import event_for


async def called(call: Callable[..., Any], trigger: Trigger, timeout_s: float = 5.0) -> Any:
    function = as_function(call, "fn", timeout_s)
    runtime = InlineRuntime(lambda line: None)
    await runtime.start(function)
    return await runtime.invoke(function, trigger, event_for(trigger))


@edgesim.viewer_request
def hello(request: Request) -> Response:
    return Response(200, body=request.path.encode())


@edgesim.viewer_request
async def hello_later(request: Request) -> Response:
    await asyncio.sleep(0)
    return hello(request)


@edgesim.viewer_response
def of_response(response: Response) -> Response:
    return response.with_headers(response.headers.with_("X-Seen", str(response.status)))


@edgesim.viewer_response
def of_both(request: Request, response: Response) -> Response:
    return response.with_headers(response.headers.with_("X-Seen", request.path))


@pytest.mark.parametrize("call", [hello, hello_later])
async def test_sync_and_async(call: Callable[..., Any]) -> None:
    result = await called(call, Trigger.VIEWER_REQUEST)
    assert (result["status"], result["body"], result["bodyEncoding"]) == ("200", "L2E=", "base64")


@pytest.mark.parametrize(("call", "seen"), [(of_response, "200"), (of_both, "/a")])
async def test_response_functions_get_what_their_parameters_ask_for(
    call: Callable[..., Any], seen: str
) -> None:
    result = await called(call, Trigger.VIEWER_RESPONSE)
    assert result["headers"]["x-seen"] == [{"key": "X-Seen", "value": seen}]
    assert "body" not in result


async def test_what_it_raises_is_a_function_error_with_its_line() -> None:
    def fails(request: Request) -> Request:
        raise KeyError(request.path)

    line = fails.__code__.co_firstlineno + 1
    with pytest.raises(FunctionError) as raised:
        await called(fails, Trigger.ORIGIN_REQUEST)
    assert raised.value.what.startswith("KeyError: '/a' (")
    assert raised.value.what.endswith(f"test_inline.py:{line})")
    assert raised.value.where == "function fn at origin-request"
    assert "in fails" in raised.value.log[-2]


async def test_an_async_function_has_a_time_limit() -> None:
    async def hangs(request: Request) -> Request:
        await asyncio.Event().wait()
        return request

    with pytest.raises(FunctionTimeout, match=r"Task timed out after 0\.01 seconds"):
        await called(hangs, Trigger.VIEWER_REQUEST, timeout_s=0.01)


async def test_a_timeout_of_its_own_is_an_error_like_any_other() -> None:
    async def impatient(request: Request) -> Request:
        raise TimeoutError("the database")

    with pytest.raises(FunctionError, match="TimeoutError: the database") as raised:
        await called(impatient, Trigger.VIEWER_REQUEST)
    assert not isinstance(raised.value, FunctionTimeout)


async def test_a_function_runs_where_it_was_decorated_for() -> None:
    with pytest.raises(FunctionError, match="decorated for viewer-request") as raised:
        await called(hello, Trigger.ORIGIN_REQUEST)
    assert "@origin_request" in raised.value.hint


async def test_a_request_from_a_response_function_is_refused_by_name() -> None:
    def confused(request: Request, response: Response) -> Any:
        return request

    with pytest.raises(InvalidFunctionResult) as raised:
        await called(confused, Trigger.VIEWER_RESPONSE)
    assert raised.value.where == "function fn at viewer-response"


async def test_before_the_start_and_after_the_stop_nothing_runs() -> None:
    runtime, event = InlineRuntime(lambda line: None), event_for(Trigger.VIEWER_REQUEST)
    with pytest.raises(FunctionError, match="never started"):
        await runtime.invoke(Function("fn"), Trigger.VIEWER_REQUEST, event)
    await runtime.stop()
    await runtime.stop()

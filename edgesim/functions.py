"""Edge functions as plain Python functions on `Request` and `Response`.

    @viewer_request
    def greet(request: Request) -> Request | Response:
        if request.path == "/hello":
            return Response(200, body=b"hello")
        return request.with_headers(request.headers.with_("X-Greeted", "yes"))

They run in this process and may be `async def`. CloudFront's rules hold for what they return as
for any Lambda@Edge function. The decorators leave the function itself as it is, so that a test
may simply call it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from .cloudfront.function import Function, Trigger
from .http.message import Request, Response

RequestFunction = Callable[[Request], Request | Response | Awaitable[Request | Response]]
"""Returns the request, which then goes on, or a response in place of the origin's."""

ResponseFunction = (
    Callable[[Request, Response], Response | Awaitable[Response]]
    | Callable[[Response], Response | Awaitable[Response]]
)
"""Returns the response. A body it does not touch stays as it is; it never sees the origin's."""

RequestFunctionT = TypeVar("RequestFunctionT", bound=RequestFunction)
ResponseFunctionT = TypeVar("ResponseFunctionT", bound=ResponseFunction)

MARK = "edgesim_trigger"


def viewer_request(function: RequestFunctionT) -> RequestFunctionT:
    """Runs for every request, before any cache is looked at."""
    return _marked(function, Trigger.VIEWER_REQUEST)


def origin_request(function: RequestFunctionT) -> RequestFunctionT:
    """Runs when a request is forwarded; a response it makes is cached like the origin's."""
    return _marked(function, Trigger.ORIGIN_REQUEST)


def origin_response(function: ResponseFunctionT) -> ResponseFunctionT:
    """Runs before the origin's response is stored; what it returns is what gets cached."""
    return _marked(function, Trigger.ORIGIN_RESPONSE)


def viewer_response(function: ResponseFunctionT) -> ResponseFunctionT:
    """Runs before a viewer gets a response, cached or not; only its headers count."""
    return _marked(function, Trigger.VIEWER_RESPONSE)


FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def _marked(function: FunctionT, trigger: Trigger) -> FunctionT:
    setattr(function, MARK, trigger)
    return function


def trigger_of(call: Callable[..., Any]) -> Trigger | None:
    """The trigger that `call` was decorated for; None if it was not decorated."""
    trigger: Trigger | None = getattr(call, MARK, None)
    return trigger


def as_function(call: Callable[..., Any], name: str = "", timeout_s: float = 5.0) -> Function:
    """A decorated function as a distribution has it."""
    name = name or getattr(call, "__name__", type(call).__name__)
    return Function(name, "inline", timeout_s=timeout_s, call=call)

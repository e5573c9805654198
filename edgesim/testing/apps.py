"""Origins of a virtual edge that are code of the test's own: applications, transports of httpx."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import cast

import httpx

from ..errors import OriginError, OriginTimeout
from ..http.headers import Headers
from ..http.message import Request, Response

Transport = httpx.BaseTransport | httpx.AsyncBaseTransport


def answered_by(transport: Transport, name: str, request: Request) -> Response:
    """The response of `transport`. Raises `OriginError` for what httpx calls a transport error."""
    host = request.headers.get("host") or "origin.test"
    fields = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in request.headers]
    message = httpx.Request(
        request.method,
        httpx.URL(scheme="http", host=host.partition(":")[0]).join(request.target),
        headers=fields,
        content=request.body if isinstance(request.body, bytes) else b"",
    )
    try:
        answer, body = _answer(transport, message)
    except httpx.TimeoutException as error:
        raise OriginTimeout(f"{error}", where=f"origin {name}") from error
    except httpx.TransportError as error:
        raise OriginError(f"{error}", where=f"origin {name}") from error
    lines = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in answer.headers.raw]
    return Response(answer.status_code, Headers(lines), body)


def _answer(transport: Transport, message: httpx.Request) -> tuple[httpx.Response, bytes]:
    """What came, and its body as it came: httpx itself would undo a content coding."""
    if isinstance(transport, httpx.BaseTransport):
        answer = transport.handle_request(message)
        return answer, b"".join(cast(httpx.SyncByteStream, answer.stream))

    async def asked() -> tuple[httpx.Response, bytes]:
        answer = await transport.handle_async_request(message)
        stream = cast(httpx.AsyncByteStream, answer.stream)
        return answer, b"".join([piece async for piece in stream])

    with ThreadPoolExecutor(1) as thread:  # the test may have a loop running
        return thread.submit(copy_context().run, asyncio.run, asked()).result()

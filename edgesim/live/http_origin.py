"""An origin that speaks HTTP/1.1: its time limits, its attempts, and what went wrong."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus

from ..cloudfront.origin import Origin
from ..errors import EdgesimError
from ..http.message import Request, Response, is_websocket
from . import failures
from .bodies import Arriving, UploadBody
from .framing import is_chunked, request_head
from .incoming import MAX_LINE_BYTES, HeadTooBig, Incoming, Malformed
from .origin_connection import OriginConnection
from .origin_pool import OriginPool
from .recording import Tasks
from .tunnel import Tunnel

AT_ONCE_BYTES = 64 * 1024
"""A body up to this long is waited for, if it comes within `AT_ONCE_S`."""
AT_ONCE_S = 0.010
_RETRIED = frozenset({"GET", "HEAD"})
"""CloudFront: after a read timeout only these are sent again ("Origin settings")."""


class _Failed(Exception):
    """An attempt came to nothing; `again` if another one may be made.

    `stale` if the connection had lain idle and was closed before an answer began: the origin
    gave it up just when it was used, which is nobody's failure.
    """

    def __init__(
        self, cause: Exception, *, connected: bool, again: bool, stale: bool = False
    ) -> None:
        self.cause, self.connected = cause, connected
        self.again, self.stale = again, stale


class HttpOrigin:
    """One host and port, and what is asked there."""

    def __init__(self, origin: Origin, tasks: Tasks) -> None:
        self._tasks = tasks
        self._pool = OriginPool(origin)

    async def fetch(self, origin: Origin, request: Request) -> Response:
        """The response, after as many attempts as the origin's settings allow."""
        cap_s = origin.response_completion_timeout_s
        if cap_s is None:
            return await self._fetch(origin, request, None)
        deadline = asyncio.get_running_loop().time() + cap_s
        try:
            async with asyncio.timeout_at(deadline):
                return await self._fetch(origin, request, deadline)
        except TimeoutError:
            raise failures.incomplete(origin) from None

    async def close(self) -> None:
        await self._pool.close()

    async def _fetch(self, origin: Origin, request: Request, deadline: float | None) -> Response:
        """`deadline` is the loop's time at which the whole exchange has to be over."""
        head = request_head(request)
        attempts, spare = 0, 1
        while True:
            try:
                return await self._attempt(origin, request, head, deadline)
            except _Failed as failed:
                begun = isinstance(request.body, UploadBody) and request.body.begun
                if failed.stale and spare and not begun:
                    spare = 0
                    continue
                attempts += 1
                if begun or not failed.again or attempts >= origin.connection_attempts:
                    raise _explained(origin, failed, attempts) from failed.cause

    async def _attempt(
        self, origin: Origin, request: Request, head: bytes, deadline: float | None
    ) -> Response:
        connection = self._pool.idle()
        reused = connection is not None
        if connection is None:
            try:
                connection = await self._pool.connected(origin.connection_timeout_s)
            except OSError as error:
                again = not failures.is_final(error)
                raise _Failed(error, connected=False, again=again) from error
        incoming = _send(request, head, connection)
        try:
            response = await connection.head(incoming, origin.response_timeout_s)
            if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
                return _tunnelled(origin, request, response, connection)
            if not incoming.complete and (_length(response) or math.inf) <= AT_ONCE_BYTES:
                await _soon(origin, connection, incoming)
        except (OSError, Malformed, HeadTooBig) as error:
            connection.close()
            lost = isinstance(error, OSError)
            again = lost and request.method in _RETRIED and not is_websocket(request)
            silent = isinstance(error, TimeoutError)
            stale = reused and lost and not silent and not incoming.begun
            raise _Failed(error, connected=True, again=again, stale=stale) from error
        except BaseException:
            connection.close()
            raise
        if incoming.complete and incoming.held_bytes <= AT_ONCE_BYTES:
            body = incoming.taken()
            self._pool.release(connection)
            return response.with_body(body) if body else response
        chunks = _arriving(origin, connection, incoming, deadline)
        done, where = partial(self._pool.release, connection), failures.where(origin)
        return response.with_body(
            Arriving(chunks, _length(response), done, where=where, tasks=self._tasks)
        )


def _send(request: Request, head: bytes, connection: OriginConnection) -> Incoming:
    body = request.body
    if isinstance(body, bytes):
        return connection.ask(request.method, head, body)
    incoming = connection.ask(request.method, head)
    connection.upload(body, chunked=is_chunked(request))
    return incoming


def _tunnelled(
    origin: Origin,
    request: Request,
    response: Response,
    connection: OriginConnection,
) -> Response:
    if not is_websocket(request):
        raise failures.not_http(origin, "101 Switching Protocols, which nobody asked for")
    return response.with_body(Tunnel(connection))


def _length(response: Response) -> int | None:
    """How long the body is; None if that was not said."""
    headers = response.headers
    if "transfer-encoding" in headers or "content-length" not in headers:
        return None
    return int(headers.all("content-length")[0])


async def _soon(origin: Origin, connection: OriginConnection, incoming: Incoming) -> None:
    """Wait for a small body, if it comes quickly."""
    scope = asyncio.timeout(AT_ONCE_S)
    try:
        async with scope:
            await connection.completion(incoming, origin.response_timeout_s)
    except (OSError, Malformed) as error:
        if connection.failure is not None:
            raise failures.broken_off(origin, error) from error


async def _arriving(
    origin: Origin, connection: OriginConnection, incoming: Incoming, deadline: float | None
) -> AsyncIterator[bytes]:
    try:
        while chunk := await _next(origin, connection, incoming, deadline):
            yield chunk
    except (OSError, Malformed) as error:
        raise failures.broken_off(origin, error) from error


async def _next(
    origin: Origin, connection: OriginConnection, incoming: Incoming, deadline: float | None
) -> bytes:
    if deadline is None:
        return await connection.read(incoming, origin.response_timeout_s)
    scope = asyncio.timeout_at(deadline)
    try:
        async with scope:
            return await connection.read(incoming, origin.response_timeout_s)
    except TimeoutError:
        if scope.expired():
            raise failures.incomplete(origin) from None
        raise


def _explained(origin: Origin, failed: _Failed, attempts: int) -> EdgesimError:
    """What happened, to somebody who runs an origin."""
    error = failed.cause
    if not failed.connected:
        return failures.unreachable(origin, error, attempts)
    match error:
        case HeadTooBig():
            return failures.head_too_big(origin, MAX_LINE_BYTES)
        case Malformed():
            return failures.not_http(origin, str(error))
        case TimeoutError():
            return failures.silent(origin, attempts)
        case _:
            return failures.closed_early(origin, attempts)

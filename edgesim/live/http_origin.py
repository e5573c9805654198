"""An origin that speaks HTTP/1.1: its time limits, its attempts, and what went wrong."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from functools import partial
from http import HTTPStatus
from time import perf_counter

from ..cloudfront.origin import Origin
from ..errors import EdgesimError
from ..http.message import Request, Response, is_websocket
from ..values import value
from . import failures
from .bodies import Arriving, UploadBody
from .framing import is_chunked, request_head
from .incoming import MAX_LINE_BYTES, HeadTooBig, Incoming, Malformed
from .origin_connection import OriginConnection
from .origin_pool import OriginPool
from .ports import Asked
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


@value(frozen=True, slots=True)
class _Sent:
    """A request that went out on a connection, and the response to come."""

    connection: OriginConnection
    incoming: Incoming
    reused: bool


class HttpOrigin:
    """One host and port, and what is asked there."""

    def __init__(self, origin: Origin, tasks: Tasks) -> None:
        self._tasks = tasks
        self._pool = OriginPool(origin)

    async def fetch(self, origin: Origin, request: Request) -> Response:
        """The response, after as many attempts as the origin's settings allow."""
        cap_s = origin.response_completion_timeout_s
        if cap_s is None:
            return await self.finish(origin, request, None)
        deadline = asyncio.get_running_loop().time() + cap_s
        try:
            async with asyncio.timeout_at(deadline):
                return await self.finish(origin, request, deadline)
        except TimeoutError:
            raise failures.incomplete(origin) from None

    def ask(self, origin: Origin, request: Request) -> Asked | None:
        """Send `request` over a connection that is free, if there is one and no more to mind."""
        if origin.response_completion_timeout_s is not None or not isinstance(request.body, bytes):
            return None
        head = request_head(request)
        connection = self._pool.idle()
        if connection is None:
            return None
        sent = _Sent(connection, _send(request, head, connection), reused=True)
        return _UnderWay(self, origin, request, sent)

    async def close(self) -> None:
        await self._pool.close()

    async def finish(
        self, origin: Origin, request: Request, deadline: float | None, sent: _Sent | None = None
    ) -> Response:
        """The response, to a request that may have been sent for the first time already.

        `deadline` is the loop's time at which the whole exchange has to be over.
        """
        attempts, spare = 0, 1
        while True:
            try:
                sent = sent or await self._sent(origin, request)
                return await self._answer(origin, request, sent, deadline)
            except _Failed as failed:
                sent = None
                begun = isinstance(request.body, UploadBody) and request.body.begun
                if failed.stale and spare and not begun:
                    spare = 0
                    continue
                attempts += 1
                if begun or not failed.again or attempts >= origin.connection_attempts:
                    raise _explained(origin, failed, attempts) from failed.cause

    async def _sent(self, origin: Origin, request: Request) -> _Sent:
        head = request_head(request)
        connection = self._pool.idle()
        reused = connection is not None
        if connection is None:
            try:
                connection = await self._pool.connected(origin.connection_timeout_s)
            except OSError as error:
                again = not failures.is_final(error)
                raise _Failed(error, connected=False, again=again) from error
        return _Sent(connection, _send(request, head, connection), reused)

    async def _answer(
        self, origin: Origin, request: Request, sent: _Sent, deadline: float | None
    ) -> Response:
        connection, incoming = sent.connection, sent.incoming
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
            stale = sent.reused and lost and not silent and not incoming.begun
            raise _Failed(error, connected=True, again=again, stale=stale) from error
        except BaseException:
            connection.close()
            raise
        whole = self.whole(sent)
        if whole is not None:
            return whole
        chunks = _arriving(origin, connection, incoming, deadline)
        done, where = partial(self._pool.release, connection), failures.where(origin)
        return response.with_body(
            Arriving(chunks, _length(response), done, where=where, tasks=self._tasks)
        )

    def whole(self, sent: _Sent) -> Response | None:
        """What was answered, if all of it is at hand; its connection is for others then."""
        incoming, response = sent.incoming, sent.incoming.head
        if response is None or not incoming.complete or incoming.held_bytes > AT_ONCE_BYTES:
            return None
        body = incoming.taken()
        self._pool.release(sent.connection)
        return response.with_body(body) if body else response


class _UnderWay:
    """What `HttpOrigin.ask` has sent."""

    def __init__(self, http: HttpOrigin, origin: Origin, request: Request, sent: _Sent) -> None:
        self._http, self._origin, self._request, self._sent = http, origin, request, sent
        self.began = perf_counter()

    def when_heard(self, heard: Callable[[], None]) -> None:
        self._sent.connection.when_heard(heard, self._origin.response_timeout_s)

    def response(self) -> Response | None:
        return None if self._sent.incoming.interim else self._http.whole(self._sent)

    async def rest(self) -> Response:
        return await self._http.finish(self._origin, self._request, None, self._sent)


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

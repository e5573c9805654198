"""An origin that speaks HTTP/1.1: a pool of connections, its time limits, its attempts.

aiohttp does the talking. What it would add, normalise or follow is switched off, because the
origin has to see what CloudFront would send.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from aiohttp.http_exceptions import LineTooLong
from multidict import CIMultiDict
from yarl import URL

from ..cloudfront.origin import Origin
from ..errors import EdgesimError
from ..http.head import NO_BODY, usual_phrase
from ..http.headers import Headers
from ..http.message import Request, Response
from . import failures
from .bodies import Arriving, UploadBody
from .framing import framed
from .origin_protocol import OriginConnector
from .recording import Tasks
from .tls import tls_context

MAX_LINE_BYTES = 32_768
"""The longest header line taken from an origin, as for what CloudFront takes from viewers."""
AT_ONCE_BYTES = 64 * 1024
"""A body up to this long is waited for, if it comes within `AT_ONCE_S`."""
AT_ONCE_S = 0.010
_RETRIED = frozenset({"GET", "HEAD"})
"""CloudFront: after a read timeout only these are sent again ("Origin settings")."""
_CLOSED = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


@dataclass(slots=True)
class _Attempt:
    """One try to get an answer; aiohttp tells whether the connection was used before."""

    reused: bool = False


class _Failed(Exception):
    """An attempt came to nothing; `again` if another one may be made.

    `stale` if the connection had lain idle and was closed before an answer began: the origin
    gave it up just when it was used, which is nobody's failure.
    """

    def __init__(self, cause: Exception, *, again: bool, stale: bool) -> None:
        self.cause, self.again, self.stale = cause, again, stale


class HttpOrigin:
    """The connections to one host and port."""

    def __init__(self, origin: Origin, tasks: Tasks) -> None:
        self._tasks = tasks
        tracing = aiohttp.TraceConfig()
        tracing.on_connection_reuseconn.append(_note_reuse)
        self._session = aiohttp.ClientSession(
            connector=OriginConnector(
                limit=0,
                keepalive_timeout=origin.keepalive_timeout_s,
                resolver=aiohttp.ThreadedResolver(),  # the system's own, /etc/hosts included
                ssl=tls_context(origin) or True,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            trust_env=False,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
            trace_configs=[tracing],
        )

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

    async def _fetch(self, origin: Origin, request: Request, deadline: float | None) -> Response:
        """`deadline` is the loop's time at which the whole exchange has to be over."""
        attempts, spare = 0, 1
        while True:
            attempt = _Attempt()
            try:
                answer = await self._send(origin, request, attempt)
                return await self._response(origin, request, answer, deadline)
            except _Failed as failed:
                begun = isinstance(request.body, UploadBody) and request.body.begun
                if failed.stale and spare and not begun:
                    spare = 0
                    continue
                attempts += 1
                if begun or not failed.again or attempts >= origin.connection_attempts:
                    raise _explained(origin, failed.cause, attempts) from failed.cause

    async def close(self) -> None:
        await self._session.close()

    async def _send(
        self, origin: Origin, request: Request, attempt: _Attempt
    ) -> aiohttp.ClientResponse:
        headers = framed(request)

        async def exactly(
            outgoing: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            """Last word on what goes out, and first on what went wrong.

            aiohttp would put Host first, write the method in capitals, and send an idempotent
            request a second time by itself, so that attempts could not be counted.
            """
            outgoing.method = request.method
            outgoing.headers = CIMultiDict((name, _as_sent(value)) for name, value in headers)
            try:
                return await send(outgoing)
            except (aiohttp.ClientError, OSError) as error:
                again = _may_repeat(request, error)
                stale = attempt.reused and isinstance(error, _CLOSED)
                raise _Failed(error, again=again, stale=stale) from error

        body, length = request.body, headers.get("content-length")
        return await self._session.request(
            request.method,
            _url(origin, request.target),
            headers={"Content-Length": length} if body and length else None,
            data=body if isinstance(body, bytes) else aiter(body),
            allow_redirects=False,
            middlewares=(exactly,),
            timeout=aiohttp.ClientTimeout(
                total=None,
                connect=origin.connection_timeout_s,
                sock_read=origin.response_timeout_s,
            ),
            trace_request_ctx=attempt,
        )

    async def _response(
        self,
        origin: Origin,
        request: Request,
        answer: aiohttp.ClientResponse,
        deadline: float | None,
    ) -> Response:
        status, phrase = answer.status, answer.reason or ""
        headers = Headers(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers
        )
        reason = "" if phrase == usual_phrase(status) else phrase
        if status == HTTPStatus.SWITCHING_PROTOCOLS:
            answer.close()
            raise failures.not_http(origin, "101 Switching Protocols, which nobody asked for")
        if request.method == "HEAD" or status in NO_BODY:
            answer.release()
            return Response(status, headers, b"", reason)
        body = await self._body(origin, headers, answer, deadline)
        return Response(status, headers, body, reason)

    async def _body(
        self,
        origin: Origin,
        headers: Headers,
        answer: aiohttp.ClientResponse,
        deadline: float | None,
    ) -> bytes | Arriving:
        length = None
        if "transfer-encoding" not in headers and "content-length" in headers:
            length = int(headers.all("content-length")[0])
        content, begun = answer.content, list[bytes]()
        try:
            if content.is_eof() and content.total_bytes <= AT_ONCE_BYTES:
                return content.read_nowait()
            if length is not None and length <= AT_ONCE_BYTES:
                async with asyncio.timeout(AT_ONCE_S):
                    while chunk := await content.readany():
                        begun.append(chunk)
                return b"".join(begun)
        except (aiohttp.ClientError, OSError) as error:
            if content.exception() is not None:
                answer.close()
                raise failures.broken_off(origin, error) from error
        chunks = _arriving(origin, content, begun, deadline)
        where = failures.where(origin)
        return Arriving(chunks, length, answer.close, where=where, tasks=self._tasks)


async def _arriving(
    origin: Origin, content: aiohttp.StreamReader, begun: list[bytes], deadline: float | None
) -> AsyncIterator[bytes]:
    for chunk in begun:
        yield chunk
    try:
        while chunk := await _next(origin, content, deadline):
            yield chunk
    except (aiohttp.ClientError, OSError) as error:
        raise failures.broken_off(origin, error) from error


async def _next(origin: Origin, content: aiohttp.StreamReader, deadline: float | None) -> bytes:
    if deadline is None:
        return await content.readany()
    scope = asyncio.timeout_at(deadline)
    try:
        async with scope:
            return await content.readany()
    except TimeoutError:
        if scope.expired():
            raise failures.incomplete(origin) from None
        raise


async def _note_reuse(_session: object, context: object, _params: object) -> None:
    context.trace_request_ctx.reused = True  # type: ignore[attr-defined]


def _url(origin: Origin, target: str) -> URL:
    """A URL that puts `target` on the request line as it is.

    The whole target counts as its path, for yarl would drop a "?" with nothing behind it and
    would cut off a "#".
    """
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return URL.build(
        scheme=origin.protocol,
        host=host,
        port=origin.port,
        path=_as_sent(target),
        encoded=True,
    )


def _as_sent(value: str) -> str:
    """`value`, which has one character for each byte, such that aiohttp's UTF-8 is those bytes."""
    return value if value.isascii() else value.encode("latin-1").decode("utf-8", "replace")


def _may_repeat(request: Request, error: Exception) -> bool:
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return False  # it would be the same again
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return True  # nothing was sent yet
        case aiohttp.ServerTimeoutError() | aiohttp.ServerDisconnectedError():
            return request.method in _RETRIED
        case aiohttp.ClientOSError():
            return request.method in _RETRIED
        case _:
            return False


def _explained(origin: Origin, error: Exception, attempts: int) -> EdgesimError:
    """What `error` means to somebody who runs an origin."""
    if isinstance(error.__cause__, EdgesimError):
        return error.__cause__  # the upload broke off, not the origin
    match error:
        case aiohttp.ConnectionTimeoutError():
            return failures.unreachable(origin, TimeoutError(), attempts)
        case TimeoutError():
            return failures.silent(origin, attempts)
        case aiohttp.ClientConnectorCertificateError():
            return failures.unreachable(origin, error.certificate_error, attempts)
        case aiohttp.ClientConnectorError():
            return failures.unreachable(origin, error.os_error, attempts)
        case aiohttp.ClientResponseError():
            if isinstance(error.__cause__ and error.__cause__.__cause__, LineTooLong):
                return failures.head_too_big(origin, MAX_LINE_BYTES)
            return failures.not_http(origin, error.message)
        case _:
            return failures.unreachable(origin, error, attempts)

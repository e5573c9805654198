"""Bodies that are still arriving: an origin's response, a viewer's upload."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from ..errors import BadRequest, OriginError
from ..http.message import Coder, Stream, Upload
from .recording import Recording, Settled, Tasks, coded, sliced

__all__ = ["Arriving", "Recording", "UploadBody"]

_BROKEN_OFF = (OSError, aiohttp.ClientError, HttpProcessingError, web.RequestPayloadError)


class Arriving:
    """A response body on its way from the origin, for one reader, whose pace it takes.

    `on_close` is called once: after the end, when the reader goes away before it, or when
    nobody ever reads. `tasks` takes the one that reads it to its end if it is to be kept.
    """

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        length: int | None,
        on_close: Callable[[], object],
        *,
        where: str = "",
        tasks: Tasks | None = None,
    ) -> None:
        self.length = length
        self._chunks = chunks
        self._where = where
        self._tasks = tasks
        self._read_by_someone = False
        self._on_close = on_close
        self._abandoned = weakref.finalize(self, _close_in, asyncio.get_running_loop(), on_close)
        self._abandoned.atexit = False  # the event loop it belongs to is gone by then

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._read()

    def kept(self, settled: Settled, limit_bytes: int) -> Stream:
        return Recording(self._read(), self.length, self._tasks).kept(settled, limit_bytes)

    def part(self, first: int, stop: int) -> Stream:
        """Its bytes from `first` to `stop`; the bytes before are read and dropped."""
        chunks = sliced(self._read(), first, stop)
        return Arriving(chunks, stop - first, self._close, where=self._where, tasks=self._tasks)

    def coded(self, coder: Coder) -> Stream:
        chunks = coded(self._read(), coder)
        return Arriving(chunks, None, self._close, where=self._where, tasks=self._tasks)

    async def _read(self) -> AsyncGenerator[bytes, None]:
        if self._read_by_someone:
            raise RuntimeError("a body that is not kept can be read only once")
        self._read_by_someone = True
        received = 0
        try:
            async for chunk in self._chunks:
                received += len(chunk)
                yield chunk
            if self.length is not None and received != self.length:
                raise OriginError(
                    f"the body ended after {received:,} of {self.length:,} bytes",
                    where=self._where,
                    code="OriginInvalidResponseError",
                )
        finally:
            self._close()

    def _close(self) -> None:
        if self._abandoned.detach() is not None:
            self._on_close()


def _close_in(loop: asyncio.AbstractEventLoop, on_close: Callable[[], object]) -> None:
    """Call `on_close` where it belongs: the garbage collector may run in any thread."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(on_close)


class UploadBody:
    """A request body on its way from the viewer, for one reader.

    `before_reading` is awaited before the first byte is asked for: a viewer that sent
    `Expect: 100-continue` waits until then.
    """

    def __init__(
        self,
        chunks: aiohttp.StreamReader | AsyncIterable[bytes],
        length: int | None,
        before_reading: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        if isinstance(chunks, aiohttp.StreamReader):
            chunks = chunks.iter_any()  # its own iteration is by lines
        self.length = length
        self.begun = False
        """Whether bytes have been handed out, so that a second attempt would lack them."""
        self._chunks = aiter(chunks)
        self._before_reading = before_reading
        self._peeked: list[bytes] = []
        self._received = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun = True
        while self._peeked:
            yield self._peeked.pop(0)
        while chunk := await self._next():
            yield chunk

    async def peek(self, limit_bytes: int) -> bytes:
        held = sum(map(len, self._peeked))
        while held <= limit_bytes and (chunk := await self._next()):
            self._peeked.append(chunk)
            held += len(chunk)
        return b"".join(self._peeked)[: limit_bytes + 1]

    async def _next(self) -> bytes:
        """The next bytes from the viewer, b"" at the end. Raises `BadRequest` if cut short."""
        if self._before_reading is not None:
            before_reading, self._before_reading = self._before_reading, None
            await before_reading()
        try:
            async for chunk in self._chunks:
                if chunk:
                    self._received += len(chunk)
                    return chunk
        except _BROKEN_OFF as error:
            raise BadRequest(f"the viewer's upload broke off: {error}") from error
        if self.length is not None and self._received < self.length:
            raise BadRequest(
                f"the viewer's upload ended after {self._received:,} of {self.length:,} bytes"
            )
        return b""


if TYPE_CHECKING:
    _conforms: tuple[type[Stream], type[Upload]] = (Arriving, UploadBody)

"""One connection to an origin: a request goes out, a response comes in, one at a time."""

from __future__ import annotations

import asyncio
from asyncio import Future, Task, TimerHandle
from collections.abc import AsyncIterable, Callable
from functools import partial
from typing import cast

from ..http.head import LAST_CHUNK
from ..http.message import Response
from .incoming import HeadTooBig, Incoming, Malformed
from .interim import tell
from .known_heads import KnownHeads

HELD_BYTES = 256 * 1024
"""With more than this of a body at hand, the origin has to wait until somebody takes it."""
CLOSE_S = 5.0
"""How long an origin may take to accept the last bytes of a connection that is closed."""


class OriginConnection(asyncio.Protocol):
    """Made by `loop.create_connection`; `on_lost` is called when it is no more.

    What goes wrong with it is `failure`: an `OSError` (`TimeoutError` for silence), `Malformed`,
    `HeadTooBig`, or what the upload failed with.
    """

    def __init__(
        self, on_lost: Callable[[OriginConnection], None], heads: KnownHeads | None = None
    ) -> None:
        self._heads = heads
        self._loop = asyncio.get_running_loop()
        self._on_lost = on_lost
        self._transport: asyncio.Transport
        self.incoming: Incoming | None = None
        """The response under way; None while nothing is asked."""
        self.failure: Exception | None = None
        self.idle_since = 0.0
        self._heard: Callable[[], None] | None = None
        self._room: Future[None] | None = None
        self._upload: Task[None] | None = None
        self._writing_paused = self._reading_paused = False
        self._silence_s: float | None = None
        self._due = self._timer_due = 0.0
        self._timer: TimerHandle | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it is there, and not about to go."""
        return self.failure is None and not self._transport.is_closing()

    @property
    def is_free(self) -> bool:
        """Whether its request and response are over and it can take another."""
        incoming = self.incoming
        return (
            incoming is not None
            and incoming.complete
            and incoming.reusable
            and self._upload is None
            and self.is_usable
        )

    def ask(self, method: str, head: bytes, body: bytes = b"") -> Incoming:
        """Send a request, or its head if `upload` follows; the response is to come."""
        incoming = self.incoming = Incoming(method, self._heads)
        if body:
            self._transport.writelines((head, body))
        else:
            self._transport.write(head)
        return incoming

    def upload(self, body: AsyncIterable[bytes], *, chunked: bool) -> None:
        """Send `body` while the response is waited for, which need not wait for its end."""
        self._upload = self._loop.create_task(self._send(body, chunked))
        self._upload.add_done_callback(self._sent)

    async def head(self, incoming: Incoming, silence_s: float) -> Response:
        """The head of the final response; interim ones are told of. Raises `failure`.

        `silence_s` is how long the origin may say nothing once it has the whole request.
        """
        while True:
            if incoming.interim:
                told, incoming.interim = incoming.interim, []
                for response in told:
                    tell(response)
            if incoming.head is not None:
                return incoming.head
            await self._change(silence_s)

    async def read(self, incoming: Incoming, silence_s: float | None) -> bytes:
        """More of the body; b"" at its end. Raises `failure`."""
        while not incoming.pieces:
            if incoming.complete:
                return b""
            await self._change(silence_s)
        data = incoming.taken()
        self._resume()
        return data

    async def completion(self, incoming: Incoming, silence_s: float) -> None:
        """Wait until all of the body is here. Raises `failure`."""
        while not incoming.complete:
            await self._change(silence_s)

    def write(self, data: bytes) -> None:
        """Send bytes on a connection that is no longer HTTP; dropped if it is gone."""
        if not self._transport.is_closing():
            self._transport.write(data)

    async def received(self) -> bytes:
        """More on a connection that is no longer HTTP; b"" at its end. Raises `OSError`."""
        incoming = self.incoming
        assert incoming is not None, "HTTP has come first"  # noqa: S101
        return await self.read(incoming, None)

    async def drain(self) -> None:
        """Wait until the origin has taken most of what was written. Raises `OSError`."""
        if self.failure is not None:
            raise self.failure
        if self._writing_paused:
            self._room = self._loop.create_future()
            await self._room

    def rest(self) -> None:
        """Be idle until the next request."""
        self.incoming = None
        self._resume()
        self.idle_since = self._loop.time()

    def close(self) -> None:
        """Close, and not wait for ever until the origin takes what is still to be sent."""
        transport = self._transport
        if self._upload is not None:
            self._upload.cancel()
        if not transport.is_closing():
            transport.close()
            if transport.get_write_buffer_size():
                self._loop.call_later(CLOSE_S, transport.abort)

    def abort(self) -> None:
        """Close at once."""
        if self._upload is not None:
            self._upload.cancel()
        self._transport.abort()

    def when_heard(self, heard: Callable[[], None], silence_s: float | None) -> None:
        """Call `heard`, once, at anything new: that nothing was said for `silence_s` is, too."""
        self._heard, self._silence_s = heard, silence_s
        if silence_s is not None:
            self._listen(silence_s)

    async def _change(self, silence_s: float | None) -> None:
        """Wait for anything that is new."""
        if self.failure is not None:
            raise self.failure
        news: Future[None] = self._loop.create_future()
        self.when_heard(partial(_settle, news), silence_s)
        try:
            await news
        finally:
            self._heard = None

    def _wake(self) -> None:
        heard, self._heard = self._heard, None
        if heard is not None:
            heard()

    def _fail(self, error: Exception) -> None:
        if self.failure is None:
            self.failure = error
        self.abort()
        self._wake()

    def _resume(self) -> None:
        if self._reading_paused:
            self._reading_paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def _listen(self, silence_s: float) -> None:
        """From now on the origin may be silent for so long.

        A timer is not stopped when something is heard, but looks again when it fires.
        """
        self._due = self._loop.time() + silence_s
        if self._timer is not None and self._timer_due > self._due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer_due = self._due
            self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._heard is None or self._silence_s is None or self._upload is not None:
            return  # nobody waits for the origin
        if self._writing_paused:
            self._listen(self._silence_s)  # it has not taken all of the request
        elif self._loop.time() < self._due:
            self._timer_due = self._due
            self._timer = self._loop.call_at(self._due, self._look)
        else:
            self._fail(TimeoutError())

    async def _send(self, body: AsyncIterable[bytes], chunked: bool) -> None:  # noqa: FBT001
        async for chunk in body:
            if not chunked:
                self._transport.write(chunk)
            elif chunk:
                self._transport.writelines((b"%x\r\n" % len(chunk), chunk, b"\r\n"))
            await self.drain()
        if chunked:
            self._transport.write(LAST_CHUNK)
            await self.drain()

    def _sent(self, task: Task[None]) -> None:
        if task.cancelled():
            return
        self._upload = None
        error = task.exception()
        if isinstance(error, Exception):
            self._fail(error)
        elif self._heard is not None and self._silence_s is not None:
            self._listen(self._silence_s)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        incoming = self.incoming
        if incoming is None:
            self.abort()  # nothing was asked
            return
        try:
            incoming.feed(data)
        except (Malformed, HeadTooBig) as error:
            self._fail(error)
            return
        if incoming.held_bytes > HELD_BYTES and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()
        if incoming.head is not None or incoming.interim:
            self._wake()
        elif self._silence_s is not None:
            self._due = self._loop.time() + self._silence_s

    def connection_lost(self, exc: Exception | None) -> None:
        incoming = self.incoming
        if self.failure is None and (exc is not None or incoming is None or not incoming.end()):
            self.failure = exc or ConnectionResetError("closed by the origin")
        if self._timer is not None:
            self._timer.cancel()
        self.resume_writing()
        self._wake()
        self._on_lost(self)

    def pause_writing(self) -> None:
        self._writing_paused = True

    def resume_writing(self) -> None:
        self._writing_paused = False
        room, self._room = self._room, None
        if room is not None and not room.done():
            if self.failure is None:
                room.set_result(None)
            else:
                room.set_exception(self.failure)


def _settle(news: Future[None]) -> None:
    if not news.done():
        news.set_result(None)

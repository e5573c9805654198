"""A WebSocket to an origin: bytes both ways, once the origin has agreed to it.

Not a WebSocket implementation: what the bytes say is between the viewer and the origin.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol

from ..http.message import Coder, Stream
from .recording import Settled

IDLE_S = 600.0
"""CloudFront closes a WebSocket on which nothing was said for ten minutes ("WebSockets")."""


class TwoWay(Protocol):
    """A connection that is no longer HTTP."""

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None:
        """Wait until most of that is taken. Raises `OSError`."""

    async def received(self) -> bytes:
        """The next bytes; none once the other end has closed. Raises `OSError`."""
        ...

    def close(self) -> None: ...


class Tunnel:
    """The origin's end of an upgraded connection; iterating it gives what the origin sends."""

    length: int | None = None

    def __init__(self, connection: TwoWay) -> None:
        self.idle_s = IDLE_S
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._last_used = self._loop.time()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while data := await self._received():
                yield data
        finally:
            self.close()

    async def send(self, data: bytes) -> None:
        """Pass on what the viewer sends, as fast as the origin takes it.

        Bytes for an origin that has gone are dropped: its end shows where it is read.
        """
        self._last_used = self._loop.time()
        try:
            self._connection.write(data)
            await self._connection.drain()
        except OSError:
            self.close()

    def close(self) -> None:
        self._connection.close()

    def kept(self, settled: Settled, limit_bytes: int) -> Stream:
        settled(None)
        return self

    def part(self, first: int, stop: int) -> Stream:
        raise TypeError("a tunnel has no parts")

    def coded(self, coder: Coder) -> Stream:
        raise TypeError("a tunnel is no content")

    async def _received(self) -> bytes:
        """The next bytes; none once the origin has closed, or nobody spoke for too long."""
        while (left := self._last_used + self.idle_s - self._loop.time()) > 0:
            try:
                async with asyncio.timeout(left):
                    data = await self._connection.received()
            except TimeoutError:
                continue  # the viewer may have spoken in the meantime
            except OSError:
                return b""
            self._last_used = self._loop.time()
            return data
        return b""


if TYPE_CHECKING:
    _conforms: type[Stream] = Tunnel

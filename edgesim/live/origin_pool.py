"""The connections to one host and port: how they are made, kept while idle, and closed."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from aiohappyeyeballs import start_connection

from ..cloudfront.origin import Origin
from .known_heads import KnownHeads
from .origin_connection import CLOSE_S, OriginConnection
from .tls import tls_context

if TYPE_CHECKING:
    from aiohappyeyeballs import AddrInfoType

KNOWN_S = 10.0
"""How long the addresses of a name are taken to hold."""
HAPPY_EYEBALLS_S = 0.25
"""After so long another address is tried beside the first (RFC 8305 §8)."""


class OriginPool:
    """Idle connections wait here for the next request, the latest one first."""

    def __init__(self, origin: Origin) -> None:
        self._host, self._port = origin.host, origin.port
        self._keepalive_s = origin.keepalive_timeout_s
        self._context = tls_context(origin)
        self._all: set[OriginConnection] = set()
        self._idle: dict[OriginConnection, None] = {}
        self._expiry: asyncio.TimerHandle | None = None
        self._addresses: list[AddrInfoType] = []
        self._known_until = 0.0
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._heads = KnownHeads()

    def idle(self) -> OriginConnection | None:
        """A connection that was used before, if one is free."""
        while self._idle:
            connection, _ = self._idle.popitem()
            if connection.is_usable:
                return connection
        return None

    async def connected(self, timeout_s: float) -> OriginConnection:
        """A new connection, by one attempt. Raises `OSError`, `TimeoutError` after `timeout_s`."""
        async with asyncio.timeout(timeout_s):
            raw = await start_connection(
                await self._resolved(), happy_eyeballs_delay=HAPPY_EYEBALLS_S
            )
            secure = self._context is not None
            transport, connection = await self._loop.create_connection(
                lambda: OriginConnection(self._lost, self._heads),
                sock=raw,
                ssl=self._context,
                server_hostname=self._host.rstrip(".") if secure else None,
                ssl_shutdown_timeout=CLOSE_S if secure else None,
            )
        if not transport.is_closing():  # or it has told of its end already
            self._all.add(connection)
        return connection

    def release(self, connection: OriginConnection) -> None:
        """Whoever had `connection` has done with it: it is kept for others, or closed."""
        if self._closed or not connection.is_free:
            connection.close()
            return
        connection.rest()
        self._idle[connection] = None
        if self._expiry is None:
            self._expiry = self._loop.call_later(self._keepalive_s, self._expire)

    async def close(self) -> None:
        """Close all of them, in use or not, and wait until that is done."""
        self._closed = True
        if self._expiry is not None:
            self._expiry.cancel()
        for connection in list(self._all):
            connection.abort()
        while self._all:
            await asyncio.sleep(0)  # a transport tells of its end in one of the next turns

    def _expire(self) -> None:
        """Close what was idle for too long; the oldest ones come first."""
        self._expiry = None
        now = self._loop.time()
        for connection in list(self._idle):
            left_s = connection.idle_since + self._keepalive_s - now
            if left_s > 0:
                self._expiry = self._loop.call_later(left_s, self._expire)
                break
            del self._idle[connection]
            connection.close()

    def _lost(self, connection: OriginConnection) -> None:
        self._idle.pop(connection, None)
        self._all.discard(connection)

    async def _resolved(self) -> list[AddrInfoType]:
        """Where the host is, by the system's own resolver: another address first each time."""
        if self._loop.time() >= self._known_until:
            self._addresses = await self._asked()
            self._known_until = self._loop.time() + KNOWN_S
        first, *others = self._addresses
        self._addresses = [*others, first]
        return [first, *others]

    async def _asked(self) -> list[AddrInfoType]:
        try:
            numeric = socket.AI_NUMERICHOST
            return socket.getaddrinfo(  # type: ignore[return-value]
                self._host, self._port, type=socket.SOCK_STREAM, flags=numeric
            )
        except socket.gaierror:
            return await self._loop.getaddrinfo(  # type: ignore[return-value]
                self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            )

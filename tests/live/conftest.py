from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
import trustme

from edgesim.cloudfront.origin import Origin
from edgesim.http.headers import Headers
from edgesim.http.message import Request
from edgesim.live.origins import OriginClients

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSE = b""


class Scripted:
    """A server that answers with the bytes it was given, and keeps those it was sent.

    The answers are used in turn, the last one for all further requests; b"" closes the
    connection, and a function does as it likes with it.
    """

    def __init__(self, answers: tuple[bytes | Act, ...]) -> None:
        self.answers = answers
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed = asyncio.Event()
        self.port = 0
        self.reads_bodies = True
        """Otherwise an answer gets a request's body to read."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self, context: ssl.SSLContext | None) -> asyncio.Server:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def origin(self, **settings: Any) -> Origin:
        usual: dict[str, Any] = {"host": "127.0.0.1", "port": self.port, "response_timeout_s": 5.0}
        return Origin("app", **(usual | settings))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(
            *(writer.wait_closed() for writer in self._writers), return_exceptions=True
        )

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        self._tasks.add(asyncio.get_running_loop().create_task(self._converse(reader, writer)))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                reads = _request if self.reads_bodies else _head
                self.requests.append(await reads(reader))
                answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
                if callable(answer):
                    await answer(reader, writer)
                elif answer:
                    writer.write(answer)
                    await writer.drain()
                else:
                    break
        writer.close()
        self.closed.set()


async def _head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await _head(reader)
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked\r\n" in lower:
        return head + await reader.readuntil(b"0\r\n\r\n")
    length = lower.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
    return head + await reader.readexactly(int(length or 0))


Serve = Callable[..., Awaitable[Scripted]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts scripted servers and stops them in the end."""
    started: list[tuple[Scripted, asyncio.Server]] = []

    async def start(*answers: bytes | Act, context: ssl.SSLContext | None = None) -> Scripted:
        scripted = Scripted(answers)
        started.append((scripted, await scripted.start(context)))
        return scripted

    yield start
    for scripted, server in started:
        server.close()
        await scripted.stop()


@pytest.fixture
async def clients() -> AsyncIterator[OriginClients]:
    clients = OriginClients()
    yield clients
    await clients.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(authority: trustme.CA, *names: str, **settings: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **settings).configure_cert(context)
    return context


def get(target: str = "/", method: str = "GET", body: Any = b"", **headers: str) -> Request:
    lines = [("Host", "www.example.test")]
    lines += [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Request(method, target, Headers(lines), body)


async def whole(body: Any) -> bytes:
    return body if isinstance(body, bytes) else b"".join([chunk async for chunk in body])

"""A live edge on a free port in the test's own event loop, and a client that says exact bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import h11

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import ALL_METHODS, Behavior, Distribution
from edgesim.cloudfront.forwarding import forwards_cookies
from edgesim.cloudfront.managed_policies import CACHE_POLICIES, ORIGIN_REQUEST_POLICIES
from edgesim.cloudfront.origin import Origin
from edgesim.config.deployment import Deployment
from edgesim.errors import EdgesimError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.live.ports import Origins, Visited
from edgesim.live.server import LiveServer

Answer = Callable[[Request], Any]


@dataclass
class Watching:
    """Remembers what an observer is told."""

    visits: list[Visited] = field(default_factory=list)
    failures: list[EdgesimError] = field(default_factory=list)
    crashes: list[BaseException] = field(default_factory=list)

    def visited(self, visit: Visited) -> None:
        self.visits.append(visit)

    def broken(self, visit: Visited, failure: EdgesimError) -> None:
        self.failures.append(failure)

    def refused(self, error: EdgesimError) -> None:
        self.failures.append(error)

    def crashed(self, request: Request, error: BaseException) -> None:
        self.crashes.append(error)


class InMemory:
    """An origin without a socket: answers from a function, sync or async, and remembers."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[Request] = []

    async def fetch(self, origin: Origin, request: Request) -> Response:
        body = request.body
        if not isinstance(body, bytes):
            body = b"".join([piece async for piece in body])
        self.requests.append(Request(request.method, request.target, request.headers, body))
        answer = self.answer(self.requests[-1])
        if asyncio.iscoroutine(answer):
            answer = await answer
        if isinstance(answer, EdgesimError):
            raise answer
        assert isinstance(answer, Response)
        return answer

    def ask(self, origin: Origin, request: Request) -> None:
        return None

    async def close(self) -> None:
        pass


def says(body: bytes = b"hello", *, status: int = 200, **headers: str) -> Answer:
    lines = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return lambda _: Response(status, Headers(lines), body)


def deployment(
    cache_policy: str = "UseOriginCacheControlHeaders-QueryStrings",
    orp: str | None = "AllViewer",
    origin: Origin = Origin("app", host="127.0.0.1", port=9),
    **distribution: Any,
) -> Deployment:
    policy = CACHE_POLICIES[cache_policy]
    origin_request_policy = ORIGIN_REQUEST_POLICIES[orp] if orp else None
    rules = CloudFrontCaching(
        policy, cookies_forwarded=forwards_cookies(policy, origin_request_policy)
    )
    behavior = Behavior(
        "*",
        origin,
        rules=rules,
        cache_policy=policy,
        origin_request_policy=origin_request_policy,
        allowed_methods=ALL_METHODS,
    )
    return Deployment(
        Distribution((behavior,), **distribution), functions=(), source="test", watched=(), notes=()
    )


@dataclass
class LiveEdge:
    server: LiveServer
    port: int
    watching: Watching

    async def connect(self) -> Connection:
        return Connection(*await asyncio.open_connection("127.0.0.1", self.port))

    async def get(self, target: str, *lines: str) -> h11.Response:
        connection = await self.connect()
        response, _ = await connection.ask("GET", target, *lines)
        await connection.close()
        return response


@asynccontextmanager
async def live_edge(
    origins: Origins, deployed: Deployment | None = None, **settings: Any
) -> AsyncIterator[LiveEdge]:
    watching = Watching()
    server = LiveServer(origins=origins, observer=watching, **settings)
    await server.deploy(deployed or deployment())
    port = await server.listen("127.0.0.1", 0)
    try:
        yield LiveEdge(server, port, watching)
    finally:
        await server.stop()


class Connection:
    """One connection; h11 reads the answers, the requests are bytes of our own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._received = b""

    async def send(self, data: bytes, chunk: int = 0) -> None:
        pieces: Iterable[bytes] = [data]
        if chunk:
            pieces = [data[at : at + chunk] for at in range(0, len(data), chunk)]
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if chunk:
                await asyncio.sleep(0)

    async def ask(self, method: str, target: str, *lines: str) -> tuple[h11.Response, bytes]:
        head = "".join(f"{line}\r\n" for line in ("Host: www.example.test", *lines))
        await self.send(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
        return await self.answer(method)

    async def answer(self, method: str = "GET") -> tuple[h11.Response, bytes]:
        """The next response, as h11 understands it."""
        client = h11.Connection(h11.CLIENT)
        client.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
        client.send(h11.EndOfMessage())
        if self._received:
            client.receive_data(self._received)
            self._received = b""
        response, body = None, bytearray()
        while True:
            event = client.next_event()
            if event is h11.NEED_DATA:
                client.receive_data(await self.reader.read(65536))
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self._received = client.trailing_data[0]
                assert response is not None
                return response, bytes(body)
            elif isinstance(event, h11.ConnectionClosed):
                raise AssertionError("the connection closed before a response came")

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def field_of(response: h11.Response, name: str) -> str | None:
    values = [value.decode("latin-1") for key, value in response.headers if key == name.encode()]
    return ", ".join(values) if values else None

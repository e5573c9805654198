"""What a viewer may send, and what it gets, over real sockets and with h11 as the judge."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from edgesim.errors import OriginError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.live.ports import Visited
from edgesim.live.viewer import ViewerProtocol

from .edge import InMemory, Watching, deployment, field_of, live_edge, says

CACHEABLE = says(b"hello", cache_control="max-age=60", content_type="text/plain")


@pytest.mark.parametrize("chunk", [1, 7, 4096])
async def test_a_page_arrives_however_the_bytes_are_cut(chunk: int) -> None:
    origin = InMemory(CACHEABLE)
    async with live_edge(origin) as edge:
        connection = await edge.connect()
        for _ in range(3):
            await connection.send(b"GET /a HTTP/1.1\r\nHost: example.test\r\n\r\n", chunk)
            response, body = await connection.answer()
            assert (response.status_code, body) == (200, b"hello")
        await connection.close()
    assert len(origin.requests) == 1


TARGETS = [
    "/a/",
    "/a//b",
    "/%7Euser",
    "/a%2Fb",
    "/%E2%82%AC",
    "/a/../b",
    "/a?",
    "/a?x=1&x=2&y",
    "/a;b=c",
]


@pytest.mark.parametrize("target", TARGETS)
async def test_a_target_reaches_the_origin_as_it_came(target: str) -> None:
    origin = InMemory(says())
    async with live_edge(origin) as edge:
        await edge.get(target)
        await edge.get(target, "Expect: nothing")
    assert [request.target for request in origin.requests] == [target, target]


async def test_both_paths_answer_with_the_same_bytes() -> None:
    """The fast lane, the memo and aiohttp's path differ in nothing but the request id."""
    now = [1_000_000.0]
    async with live_edge(InMemory(CACHEABLE), clock=lambda: now[0], explains=False) as edge:
        connection = await edge.connect()
        await connection.ask("GET", "/a")  # a miss: now it is stored
        now[0] += 7
        fast = b"GET /a HTTP/1.1\r\nHost: www.example.test\r\n\r\n"
        slow = fast[:-2] + b"Connection: Keep-Alive, x\r\n\r\n"
        said = []
        for head in (fast, fast, slow):
            await connection.send(head)
            raw = await connection.reader.readuntil(b"hello")
            said.append(re.sub(rb"(?i)x-amz-cf-id: [^\r]+", b"id", raw))
        assert said[0] == said[1] == said[2]
        assert said[0].endswith(b"\r\nid\r\nAge: 7\r\n\r\nhello"), "as CloudFront orders them"
        await connection.close()


async def test_ids_are_never_the_same_twice() -> None:
    async with live_edge(InMemory(CACHEABLE)) as edge:
        ids = [field_of(await edge.get("/a"), "x-amz-cf-id") or "" for _ in range(5)]
    assert len(set(ids)) == 5
    assert all(re.fullmatch(r"[\w-]{54}==", one) for one in ids), ids


async def test_pipelined_requests_are_answered_in_order() -> None:
    async def slow_first(request: Request) -> Response:
        if request.target == "/1":
            for _ in range(20):
                await asyncio.sleep(0)
        return Response(200, Headers(), request.target.encode())

    async with live_edge(InMemory(slow_first)) as edge:
        connection = await edge.connect()
        heads = [f"GET /{n} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for n in (1, 2, 3, 4)]
        await connection.send(b"".join(heads[:3]))
        await connection.send(heads[3])
        assert [(await connection.answer())[1] for _ in heads] == [b"/1", b"/2", b"/3", b"/4"]
        await connection.close()


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
UPLOAD = b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED)


@pytest.mark.parametrize("cut", [len(UPLOAD), len(UPLOAD) - 2, len(UPLOAD) + 1, 5])
async def test_a_body_that_looks_like_a_request_is_none(cut: int) -> None:
    """The fast lane takes whole heads from the start of a message and never from within one."""
    origin = InMemory(says())
    async with live_edge(origin) as edge:
        connection = await edge.connect()
        whole = UPLOAD + SMUGGLED
        for piece in (whole[:cut], whole[cut:]):
            await connection.send(piece)
            for _ in range(10):
                await asyncio.sleep(0)  # so that the pieces arrive apart
        response, _ = await connection.answer("POST")
        assert response.status_code == 200
        await connection.ask("GET", "/next")
        await connection.close()
    assert [request.target for request in origin.requests] == ["/upload", "/next"]
    assert origin.requests[0].body == SMUGGLED


VERSIONS = [
    # request line and fields                            connection  framing          why
    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "keep-alive", "the default, RFC 9112 §9.3"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "close", "the viewer says so"),
    (b"GET / HTTP/1.0\r\nHost: x\r\n\r\n", "close", "the default of HTTP/1.0"),
    (b"GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", "keep-alive", "asked for"),
]


@pytest.mark.parametrize(("head", "connection", "why"), VERSIONS)
async def test_a_connection_lives_as_long_as_http_says(
    head: bytes, connection: str, why: str
) -> None:
    async with live_edge(InMemory(says())) as edge:
        viewer = await edge.connect()
        await viewer.send(head)
        response, body = await viewer.answer()
        assert body == b"hello"
        assert field_of(response, "connection") == connection, why
        if connection == "close":
            assert await viewer.reader.read() == b""
        await viewer.close()


async def test_head_has_the_length_and_no_body() -> None:
    async with live_edge(InMemory(CACHEABLE)) as edge:
        connection = await edge.connect()
        await connection.ask("GET", "/a")
        response, body = await connection.ask("HEAD", "/a")
        assert (field_of(response, "content-length"), body) == ("5", b"")
        assert field_of(response, "x-cache") == "Hit from cloudfront"
        await connection.close()


async def test_a_viewer_that_expects_100_continue_gets_it_when_its_body_is_wanted() -> None:
    origin = InMemory(says())
    async with live_edge(origin) as edge:
        connection = await edge.connect()
        await connection.send(
            b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        )
        interim = await connection.reader.readuntil(b"\r\n\r\n")
        assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
        await connection.send(b"body")
        response, _ = await connection.answer("POST")
        assert response.status_code == 200
        await connection.close()
    assert origin.requests[0].body == b"body"
    assert "expect" not in origin.requests[0].headers


async def test_a_chunked_upload_arrives_whole() -> None:
    origin = InMemory(says())
    async with live_edge(origin) as edge:
        connection = await edge.connect()
        await connection.send(
            b"PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            chunk=3,
        )
        response, _ = await connection.answer("PUT")
        assert response.status_code == 200
        await connection.close()
    assert origin.requests[0].body == b"abcde"


async def test_after_a_large_upload_the_fast_lane_is_open_again() -> None:
    """What its reader is too slow for aiohttp holds back, then goes on with nothing new."""
    async with live_edge(InMemory(says())) as edge:
        connection = await edge.connect()
        protocol = next(iter(edge.server._web.connections))  # type: ignore[union-attr]
        head = b"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n"
        protocol.data_received(head)
        protocol.data_received(b"." * 900_000)
        response, _ = await connection.answer("PUT")
        assert response.status_code == 200
        assert protocol._owed_bytes == 0
        await connection.close()


REFUSED = [
    (b"NONSENSE\r\n\r\n", 400, "not a request line"),
    (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400, "a space before the colon, RFC 9112 §5.1"),
    (b"GET / HTTP/1.1\r\n\r\n", 400, "no Host, RFC 9112 §3.2"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, "two of them, RFC 9112 §3.2"),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "URL over 8,192 bytes: Quotas"),
    (
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 33_000 + b"\r\n\r\n",
        494,
        "request line and headers over 32,768 bytes: Quotas",
    ),
    (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 403, "GET with a body"),
]


@pytest.mark.parametrize(("data", "status", "why"), REFUSED, ids=lambda v: str(v)[:30])
async def test_what_cloudfront_refuses_is_refused_in_its_words(
    data: bytes, status: int, why: str
) -> None:
    origin = InMemory(says())
    async with live_edge(origin) as edge:
        connection = await edge.connect()
        await connection.send(data)
        response, body = await connection.answer()
        assert response.status_code == status, why
        assert b"The request could not be satisfied" in body
        await connection.close()
        told = edge.watching.failures or [edge.watching.visits[-1].served.failure]
        assert told[0] is not None, "the terminal hears of it"
    assert origin.requests == []


async def test_a_failing_origin_is_an_error_page_for_the_viewer_and_a_cause_for_us() -> None:
    origin = InMemory(lambda _: OriginError("nothing listens there", hint="start it"))
    async with live_edge(origin) as edge:
        connection = await edge.connect()
        response, body = await connection.ask("GET", "/")
        request_id = (field_of(response, "x-amz-cf-id") or "").encode()
        await connection.close()
        assert response.status_code == 502
        assert field_of(response, "x-cache") == "Error from cloudfront"
        assert request_id in body
        assert b"nothing listens there" not in body
        failure = edge.watching.visits[-1].served.failure
        assert failure is not None
        assert failure.what == "nothing listens there"


async def test_a_mistake_of_ours_is_a_500_and_reaches_the_log() -> None:
    def broken(_: Request) -> Response:
        raise ZeroDivisionError("ours")

    async with live_edge(InMemory(broken)) as edge:
        response = await edge.get("/")
        assert response.status_code == 500
        assert [str(error) for error in edge.watching.crashes] == ["ours"]


async def test_viewers_that_come_together_cost_the_origin_one_request() -> None:
    release = asyncio.Event()

    async def held(_: Request) -> Response:
        await release.wait()
        return Response(200, Headers([("Cache-Control", "max-age=60")]), b"news")

    origin = InMemory(held)
    async with live_edge(origin, deployment("CachingOptimized", orp=None)) as edge:
        viewers = [asyncio.ensure_future(edge.get("/news")) for _ in range(50)]
        while len(edge.server.tiers[0].flights) == 0:
            await asyncio.sleep(0)
        release.set()
        statuses = [response.status_code for response in await asyncio.gather(*viewers)]
    assert statuses == [200] * 50
    assert len(origin.requests) == 1


async def test_a_viewer_that_leaves_does_not_take_the_others_along() -> None:
    release = asyncio.Event()

    async def held(request: Request) -> Response:
        if request.path == "/news":
            await release.wait()
        return Response(200, Headers([("Cache-Control", "max-age=60")]), b"news")

    origin = InMemory(held)
    async with live_edge(origin) as edge:
        leaver = await edge.connect()
        await leaver.send(b"GET /news HTTP/1.1\r\nHost: www.example.test\r\n\r\n")
        while not origin.requests:
            await asyncio.sleep(0)
        await leaver.close()
        assert (await edge.get("/other")).status_code == 200, "by then the edge knows"
        release.set()
        response = await edge.get("/news")
        assert response.status_code == 200
    assert edge.watching.crashes == [], "to leave is no mistake of ours"


class Pressing:
    """A viewer whose next request is there as soon as an answer is written."""

    def __init__(self, watching: Watching, head: bytes) -> None:
        self._watching, self._head = watching, head
        self.protocol: ViewerProtocol | None = None
        self.at_once: list[bool] = []

    def visited(self, visit: Visited) -> None:
        self._watching.visited(visit)
        if self.protocol is not None:
            asyncio.get_running_loop().call_soon(self._press, self.protocol)
            self.protocol = None

    def _press(self, protocol: ViewerProtocol) -> None:
        before = len(self._watching.visits)
        protocol.data_received(self._head)
        self.at_once.append(len(self._watching.visits) > before)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._watching, name)


PRESSED = [
    # lines of the request before           at once?  why
    (b"Connection: Keep-Alive, x\r\n", True, "all of its answer is written"),
    (b"Connection: close\r\n", False, "nothing is answered on a connection that ends"),
]


@pytest.mark.parametrize(("lines", "at_once", "why"), PRESSED)
async def test_the_fast_lane_does_not_wait_for_the_handler_before(
    lines: bytes, at_once: bool, why: str
) -> None:
    head = b"GET /a HTTP/1.1\r\nHost: www.example.test\r\n\r\n"
    async with live_edge(InMemory(CACHEABLE)) as edge:
        connection = await edge.connect()
        await connection.ask("GET", "/a")
        pressing = Pressing(edge.watching, head)
        pressing.protocol = next(iter(edge.server._web.connections))  # type: ignore[union-attr]
        edge.server.observer = pressing
        await connection.send(head[:-2] + lines + b"\r\n")
        answers = 1 + at_once
        for _ in range(answers):
            assert await connection.reader.readuntil(b"hello")
        await connection.close()
    assert pressing.at_once == [at_once], why

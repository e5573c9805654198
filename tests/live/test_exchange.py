"""One request over real sockets: a scripted origin, real origin clients, and a raw viewer."""

from __future__ import annotations

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from edgesim.http.headers import Headers
from edgesim.http.message import Response
from edgesim.live.origins import OriginClients

from .conftest import OK, Act, Serve
from .edge import Connection, InMemory, LiveEdge, deployment, field_of, live_edge

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
MIB = 1024 * 1024
LARGE = 50 * MIB
PIECE = bytes(range(256)) * 256


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@asynccontextmanager
async def edge_before(
    serve: Serve, *answers: bytes | Act, **settings: Any
) -> AsyncIterator[tuple[LiveEdge, Any]]:
    """A live edge, and the scripted origin behind it."""
    server = await serve(*answers)
    deployed = deployment(origin=server.origin(), **settings)
    async with live_edge(OriginClients(), deployed) as edge:
        yield edge, server


async def asked(edge: LiveEdge, target: str = "/", version: str = "1.1") -> Connection:
    """A connection on which a GET has been sent."""
    viewer = await edge.connect()
    await viewer.send(f"GET {target} HTTP/{version}\r\nHost: www.example.test\r\n\r\n".encode())
    return viewer


async def head_of(reader: StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode().lower()


# ---------------------------------------------------------------- bodies that take their time


async def test_events_arrive_one_by_one(serve: Serve) -> None:
    """The origin sends an event only once the viewer has the one before."""
    next_event = asyncio.Event()

    async def events(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(HEAD + b"Content-Type: text/event-stream\r\n" + CHUNKED)
        for number in range(3):
            writer.write(chunk(b"data: %d\n\n" % number))
            await writer.drain()
            await next_event.wait()
            next_event.clear()
        writer.write(b"0\r\n\r\n")

    async with edge_before(serve, events) as (edge, _):
        viewer = await asked(edge, "/events")
        assert "\r\ntransfer-encoding: chunked\r\n" in await head_of(viewer.reader)
        for number in range(3):
            assert await viewer.reader.readuntil(b"\n\n\r\n") == chunk(b"data: %d\n\n" % number)
            next_event.set()
        assert await viewer.reader.readuntil(b"0\r\n\r\n") == b"0\r\n\r\n"
        await viewer.close()


async def test_who_stops_listening_is_not_sent_events_any_more(serve: Serve) -> None:
    gone = asyncio.Event()

    async def events(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(HEAD + b"Content-Type: text/event-stream\r\n" + CHUNKED + chunk(b"data: 1\n"))
        assert await reader.read() == b"", "the edge closes, and not only at the next event"
        gone.set()

    async with edge_before(serve, events) as (edge, _):
        viewer = await asked(edge, "/events")
        await viewer.reader.readuntil(b"data: 1\n")
        viewer.writer.transport.abort()
        await asyncio.wait_for(gone.wait(), 5)


async def test_a_chunked_download_arrives_whole(serve: Serve) -> None:
    whole = HEAD + CHUNKED + chunk(b"abc") + chunk(PIECE) + chunk(b"xyz") + b"0\r\n\r\n"
    async with edge_before(serve, whole) as (edge, _):
        viewer = await edge.connect()
        for _ in range(2):
            response, body = await viewer.ask("GET", "/")
            assert (response.status_code, body) == (200, b"abc" + PIECE + b"xyz")
        await viewer.close()


async def test_what_came_in_chunks_goes_out_in_chunks_from_the_cache_too(serve: Serve) -> None:
    whole = HEAD + b"Cache-Control: max-age=60\r\n" + CHUNKED + chunk(b"abc") + b"0\r\n\r\n"
    async with edge_before(serve, whole) as (edge, origin):
        for version in ("1.1", "1.1", "1.1", "1.0"):  # a miss, a hit, the memo, and who knows none
            viewer = await asked(edge, version=version)
            head = await head_of(viewer.reader)
            assert ("\r\ntransfer-encoding: chunked\r\n" in head) is (version == "1.1")
            assert ("\r\ncontent-length: 3\r\n" in head) is (version == "1.0")
            body = chunk(b"abc") + b"0\r\n\r\n" if version == "1.1" else b"abc"
            assert await viewer.reader.readexactly(len(body)) == body
            await viewer.close()
        assert len(origin.requests) == 1


async def unmeasured(_: StreamReader, writer: StreamWriter) -> None:
    """A body that is long enough to be passed on before its end has come."""
    writer.write(HEAD + CHUNKED)
    for _ in range(32):
        writer.write(chunk(PIECE))
        await writer.drain()
    writer.write(b"0\r\n\r\n")


async def test_without_chunks_the_end_of_the_connection_is_the_end(serve: Serve) -> None:
    """RFC 9112 §6.3: HTTP/1.0 knows no chunked."""
    async with edge_before(serve, unmeasured) as (edge, _):
        viewer = await asked(edge, version="1.0")
        head = await head_of(viewer.reader)
        assert "transfer-encoding" not in head
        assert "\r\nconnection: close\r\n" in head
        assert await viewer.reader.read() == PIECE * 32
        await viewer.close()


BROKEN = [
    (b"Content-Length: 400000\r\n\r\n" + PIECE, "1.1", "fewer bytes than were promised"),
    (CHUNKED + chunk(PIECE), "1.1", "no last chunk"),
    (CHUNKED + chunk(PIECE), "1.0", "an ordinary end would look like the end of the body"),
]


@pytest.mark.parametrize(("begun", "version", "why"), BROKEN, ids=lambda v: str(v)[-40:])
async def test_a_body_that_breaks_off_never_looks_complete(
    serve: Serve, begun: bytes, version: str, why: str
) -> None:
    break_off = asyncio.Event()

    async def broken(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(HEAD + b"Cache-Control: max-age=60\r\n" + begun)
        await writer.drain()
        await break_off.wait()
        raise ConnectionResetError

    async with edge_before(serve, broken, OK) as (edge, server):
        viewer = await asked(edge, version=version)
        await head_of(viewer.reader)
        received = await viewer.reader.readexactly(len(PIECE))
        break_off.set()
        try:
            received += await viewer.reader.read()
        except ConnectionResetError:
            assert version == "1.0", why
        else:
            assert version == "1.1", why
        assert len(received) < 400_000
        assert not received.endswith(b"0\r\n\r\n"), why
        [failure] = edge.watching.failures
        assert failure.code == "OriginInvalidResponseError"
        assert (failure.where, "see its log" in failure.hint) != ("", False)
        viewer.writer.transport.abort()

        assert field_of(await edge.get("/"), "x-cache") == "Miss from cloudfront", "nothing is kept"
        assert len(server.requests) == 2


async def test_a_slow_viewer_slows_the_origin(serve: Serve) -> None:
    """What is not stored is held nowhere: 50 MiB cannot all have left the origin."""
    left = 0

    async def much(_: StreamReader, writer: StreamWriter) -> None:
        nonlocal left
        writer.write(HEAD + b"Cache-Control: no-store\r\nContent-Length: %d\r\n\r\n" % LARGE)
        for _ in range(0, LARGE, len(PIECE)):
            writer.write(PIECE)
            await writer.drain()
            left += len(PIECE)

    async with edge_before(serve, much) as (edge, _):
        receiver = socket.socket()
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        receiver.setblocking(False)
        await asyncio.get_running_loop().sock_connect(receiver, ("127.0.0.1", edge.port))
        reader, writer = await asyncio.open_connection(sock=receiver)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await head_of(reader)

        async def all_left() -> None:
            while left < LARGE:
                await asyncio.sleep(0)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(all_left(), 0.5)
        assert left < LARGE / 2
        received = 0
        while received < LARGE:
            received += len(await reader.read(MIB))
        assert received == LARGE
        writer.close()


async def test_a_large_body_is_stored_while_it_streams(serve: Serve) -> None:
    """The second viewer reads along, from the beginning; the third finds it complete."""
    size, go_on = 4 * MIB, asyncio.Event()

    async def halting(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(HEAD + b"Cache-Control: max-age=60\r\nContent-Length: %d\r\n\r\n" % size)
        for number in range(size // len(PIECE)):
            if number == 2:
                await go_on.wait()
            writer.write(PIECE)
            await writer.drain()

    async with edge_before(serve, halting) as (edge, server):
        viewers = []
        for x_cache in ("miss", "hit"):
            viewer = await asked(edge, "/video")
            assert f"\r\nx-cache: {x_cache} from cloudfront\r\n" in await head_of(viewer.reader)
            assert await viewer.reader.readexactly(len(PIECE)) == PIECE, "before it is complete"
            viewers.append(viewer)
        go_on.set()
        for viewer in viewers:
            rest = await viewer.reader.readexactly(size - len(PIECE))
            assert rest == PIECE * (size // len(PIECE) - 1)
        response, body = await viewers[0].ask("GET", "/video")
        assert field_of(response, "x-cache") == "Hit from cloudfront"
        assert field_of(response, "content-length") == str(len(body)) == str(size)
        for viewer in viewers:
            await viewer.close()
    assert len(server.requests) == 1


# ---------------------------------------------------------------- parts, conditions, HEAD

PAGE = HEAD + b'Cache-Control: max-age=60\r\nETag: "1"\r\nContent-Length: 10\r\n\r\n0123456789'
PART = (
    b"HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\n"
    b"Content-Range: bytes 2-4/10\r\nContent-Length: 3\r\n\r\n234"
)
OF_A_HIT = [
    # method, field, status, Content-Range, Content-Length, body
    ("GET", "Range: bytes=2-4", 206, "bytes 2-4/10", "3", b"234"),
    ("GET", "Range: bytes=-3", 206, "bytes 7-9/10", "3", b"789"),
    ("GET", "Range: bytes=8-", 206, "bytes 8-9/10", "2", b"89"),
    ("GET", "Range: bytes=10-", 416, "bytes */10", "0", b""),
    ("GET", "Range: lines=1-2", 200, None, "10", b"0123456789"),
    ("GET", 'If-None-Match: "1"', 304, None, None, b""),
    ("GET", 'If-None-Match: "2"', 200, None, "10", b"0123456789"),
    ("HEAD", "Accept: */*", 200, None, "10", b""),
    ("HEAD", 'If-None-Match: "1"', 304, None, None, b""),
]


@pytest.mark.parametrize(
    ("method", "line", "status", "content_range", "length", "body"), OF_A_HIT, ids=str
)
async def test_what_is_stored_answers_it(
    serve: Serve,
    method: str,
    line: str,
    status: int,
    content_range: str | None,
    length: str | None,
    body: bytes,
) -> None:
    async with edge_before(serve, PAGE) as (edge, server):
        viewer = await edge.connect()
        await viewer.ask("GET", "/")
        response, received = await viewer.ask(method, "/", line)
        assert (response.status_code, received) == (status, body)
        assert field_of(response, "content-range") == content_range
        assert field_of(response, "content-length") == length
        expected = "Error" if status >= 400 else "Hit"
        assert field_of(response, "x-cache") == f"{expected} from cloudfront"
        await viewer.ask("GET", "/")  # the connection goes on
        await viewer.close()
    assert len(server.requests) == 1


async def test_a_part_of_what_is_not_stored_is_the_origins_to_give(serve: Serve) -> None:
    async with edge_before(serve, PART, PAGE) as (edge, server):
        viewer = await edge.connect()
        response, body = await viewer.ask("GET", "/", "Range: bytes=2-4")
        assert (response.status_code, body) == (206, b"234")
        assert field_of(response, "content-range") == "bytes 2-4/10"
        assert b"\r\nRange: bytes=2-4\r\n" in server.requests[0]
        response, body = await viewer.ask("GET", "/")
        assert (response.status_code, body) == (200, b"0123456789"), "a part is never the whole"
        await viewer.close()


async def test_an_origin_that_ignores_range_is_passed_on_whole_and_cut_from_then_on(
    serve: Serve,
) -> None:
    async with edge_before(serve, PAGE) as (edge, server):
        viewer = await edge.connect()
        for status, expected in ((200, b"0123456789"), (206, b"234")):
            response, body = await viewer.ask("GET", "/", "Range: bytes=2-4")
            assert (response.status_code, body) == (status, expected)
        await viewer.close()
    assert len(server.requests) == 1


async def test_head_goes_to_the_origin_as_head(serve: Serve) -> None:
    head = HEAD + b"Cache-Control: max-age=60\r\nContent-Length: 1000000\r\n\r\n"
    async with edge_before(serve, head, PAGE) as (edge, server):
        viewer = await edge.connect()
        response, body = await viewer.ask("HEAD", "/")
        assert (field_of(response, "content-length"), body) == ("1000000", b"")
        response, body = await viewer.ask("GET", "/")
        assert body == b"0123456789", "what a HEAD brought is no answer to a GET"
        await viewer.close()
    assert [request[:4] for request in server.requests] == [b"HEAD", b"GET "]


# ---------------------------------------------------------------- uploads


@pytest.mark.parametrize("framing", ["chunked", "length"])
async def test_an_upload_flows_at_the_pace_of_the_origin(serve: Serve, framing: str) -> None:
    """What the origin has not read yet waits at the viewer, not in memory."""
    read = asyncio.Event()
    sent = received = 0

    async def slow(reader: StreamReader, writer: StreamWriter) -> None:
        nonlocal received
        await read.wait()
        if framing == "chunked":
            while size := int(await reader.readuntil(b"\r\n"), 16):
                received += len((await reader.readexactly(size + 2))[:-2])
            await reader.readuntil(b"\r\n")
        else:
            while received < LARGE:
                received += len(await reader.read(65536))
        writer.write(OK)

    server = await serve(slow)
    server.reads_bodies = False
    deployed = deployment(origin=server.origin())
    async with live_edge(OriginClients(), deployed) as edge:
        viewer = await edge.connect()
        field = CHUNKED.strip() if framing == "chunked" else b"Content-Length: %d" % LARGE
        await viewer.send(b"PUT /file HTTP/1.1\r\nHost: x\r\n" + field + b"\r\n\r\n")

        async def upload() -> None:
            nonlocal sent
            while sent < LARGE:
                await viewer.send(chunk(PIECE) if framing == "chunked" else PIECE)
                sent += len(PIECE)
            if framing == "chunked":
                await viewer.send(b"0\r\n\r\n")

        uploading = asyncio.ensure_future(upload())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(uploading), 0.3)
        assert sent < LARGE / 2
        read.set()
        await uploading
        response, _ = await viewer.answer("PUT")
        assert (response.status_code, received) == (200, LARGE)
        await viewer.close()
    assert field.lower() + b"\r\n" in server.requests[0].lower(), "and it is framed as it came"


async def test_the_origin_is_not_asked_to_continue(serve: Serve) -> None:
    """CloudFront answers `Expect: 100-continue` itself and takes the field off."""
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    async with edge_before(serve, interim + OK) as (edge, server):
        viewer = await edge.connect()
        await viewer.send(
            b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        )
        assert await viewer.reader.readuntil(b"\r\n\r\n") == interim
        await viewer.send(b"body")
        response, body = await viewer.answer("POST")
        assert (response.status_code, body) == (200, b"ok"), "the origin's own 100 goes no further"
        await viewer.close()
    assert b"\r\nexpect:" not in server.requests[0].lower()
    assert server.requests[0].endswith(b"\r\n\r\nbody")


# ---------------------------------------------------------------- fields


async def test_hop_by_hop_fields_end_at_the_edge(serve: Serve) -> None:
    """RFC 9110 §7.6.1, in both directions."""
    said = (
        b"Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nX-End: 1\r\n"
        b"Proxy-Authenticate: Basic\r\nTrailer: X\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok"
    )
    async with edge_before(serve, HEAD + said) as (edge, server):
        viewer = await edge.connect()
        response, _ = await viewer.ask(
            "GET",
            "/",
            "Connection: keep-alive, X-Own",
            "X-Own: 1",
            "Keep-Alive: timeout=3",
            "TE: trailers",
            "Proxy-Authorization: Basic eA==",
            "Proxy-Connection: keep-alive",
            "X-End: 1",
        )
        await viewer.close()
    names = {name.decode() for name, _ in response.headers}
    hop_by_hop = {"x-hop", "x-own", "keep-alive", "proxy-authenticate", "trailer", "upgrade", "te"}
    assert not names & hop_by_hop
    assert "x-end" in names
    assert field_of(response, "connection") == "keep-alive", "the edge's own"
    sent = {line.partition(b":")[0].decode().lower() for line in server.requests[0].split(b"\r\n")}
    assert not sent & (hop_by_hop | {"connection", "proxy-authorization", "proxy-connection"})
    assert "x-end" in sent


async def test_the_origin_learns_who_asks_and_through_whom(serve: Serve) -> None:
    async with edge_before(serve, OK) as (edge, server):
        response = await edge.get("/", "X-Forwarded-For: 192.0.2.7", "Via: 1.1 proxy.example.test")
        sent = server.requests[0].decode()
        via = edge.server.running.edge.via
    assert "\r\nX-Forwarded-For: 192.0.2.7,127.0.0.1\r\n" in sent
    assert f"\r\nVia: 1.1 proxy.example.test, 1.1 {via} (CloudFront)\r\n" in sent
    assert f"\r\nX-Amz-Cf-Id: {field_of(response, 'x-amz-cf-id')}\r\n" in sent, "one id for both"


HOSTS = [
    ("AllViewer", "www.example.test", "the viewer's"),
    ("AllViewerExceptHostHeader", "127.0.0.1:{port}", "the origin's own"),
    (None, "127.0.0.1:{port}", "without a policy the viewer's Host is not sent on"),
]


@pytest.mark.parametrize(("orp", "host", "why"), HOSTS)
async def test_host(serve: Serve, orp: str | None, host: str, why: str) -> None:
    async with edge_before(serve, OK, cache_policy="CachingOptimized", orp=orp) as (edge, server):
        await edge.get("/")
        lines = server.requests[0].decode().split("\r\n")
        hosts = [line for line in lines if line.lower().startswith("host:")]
        assert hosts == ["Host: " + host.format(port=server.port)], why


async def test_a_thousand_connections_cost_the_origin_one_request() -> None:
    released = asyncio.Event()

    async def slowly() -> Response:
        await released.wait()
        return Response(200, Headers([("Cache-Control", "max-age=60")]), b"hello")

    origin = InMemory(lambda _: slowly())
    async with live_edge(origin, deployment("CachingOptimized", None)) as edge:
        connections = [await edge.connect() for _ in range(1000)]
        waiting = [asyncio.ensure_future(one.ask("GET", "/news")) for one in connections]
        while len(edge.server.tiers[0].aloft) < 1 or edge.server.running._inside < 1000:
            await asyncio.sleep(0)
        released.set()
        bodies = [body for _, body in await asyncio.gather(*waiting)]
        await asyncio.gather(*(one.close() for one in connections))
    assert bodies == [b"hello"] * 1000
    assert len(origin.requests) == 1

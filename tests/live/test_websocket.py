"""A WebSocket from a viewer to an origin, through the edge, over real sockets."""

from __future__ import annotations

import asyncio

import pytest

from edgesim.live.origins import OriginClients

from .conftest import Serve
from .edge import Connection, LiveEdge, deployment, field_of, live_edge
from .websocket import ASKS, CLOSE, TEXT, Echo, frame, read_frame

BIG = bytes(range(256)) * 8192
"""2 MiB, which is more than any buffer on the way."""


async def upgraded(edge: LiveEdge, target: str = "/chat") -> tuple[Connection, bytes]:
    """A viewer's connection after the handshake, and the head that agreed to it."""
    viewer = await edge.connect()
    lines = "".join(f"{line}\r\n" for line in ("Host: www.example.test", *ASKS))
    await viewer.send(f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode())
    return viewer, await viewer.reader.readuntil(b"\r\n\r\n")


async def test_frames_go_both_ways(serve: Serve) -> None:
    server = await serve(Echo())
    async with live_edge(OriginClients(), deployment(origin=server.origin())) as edge:
        viewer, head = await upgraded(edge)
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head
        assert b"\r\nX-Cache: Miss from cloudfront\r\n" in head, "as CloudFront logs it"
        assert b"content-length" not in head.lower()
        for message in (b"hello", b"", BIG):
            viewer.writer.write(frame(message, masked=True))
            assert await read_frame(viewer.reader) == (TEXT, message)
        await viewer.close()
    sent = server.requests[0].decode().lower()
    assert (
        sent.count("\r\nupgrade: websocket\r\n") == sent.count("\r\nconnection: upgrade\r\n") == 1
    )
    assert "\r\nsec-websocket-key: dghlihnhbxbszsbub25jzq==\r\n" in sent


async def test_the_viewer_may_speak_before_the_origin_agrees(serve: Serve) -> None:
    server = await serve(Echo())
    async with live_edge(OriginClients(), deployment(origin=server.origin())) as edge:
        viewer = await edge.connect()
        lines = "".join(f"{line}\r\n" for line in ("Host: www.example.test", *ASKS))
        early = frame(b"early", masked=True)
        await viewer.send(f"GET /chat HTTP/1.1\r\n{lines}\r\n".encode() + early)
        await viewer.reader.readuntil(b"\r\n\r\n")
        assert await read_frame(viewer.reader) == (TEXT, b"early")
        await viewer.close()


@pytest.mark.parametrize("who", ["the viewer", "the origin"])
async def test_either_side_may_close(serve: Serve, who: str) -> None:
    server = await serve(Echo())
    async with live_edge(OriginClients(), deployment(origin=server.origin())) as edge:
        viewer, _ = await upgraded(edge)
        said = (b"", CLOSE) if who == "the viewer" else (b"bye", TEXT)
        viewer.writer.write(frame(*said, masked=True))
        assert await read_frame(viewer.reader) == (CLOSE, said[0]), "the other side's close"
        assert await viewer.reader.read() == b"", "and the connection ends"
        await viewer.close()
    assert edge.watching.crashes == []


async def test_a_viewer_that_leaves_takes_the_connection_to_the_origin_along(serve: Serve) -> None:
    echo = Echo()
    server = await serve(echo)
    async with live_edge(OriginClients(), deployment(origin=server.origin())) as edge:
        viewer, _ = await upgraded(edge)
        viewer.writer.transport.abort()
        await asyncio.wait_for(echo.left.wait(), 5)


async def test_a_refusal_is_an_ordinary_response(serve: Serve) -> None:
    server = await serve(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nno way")
    async with live_edge(OriginClients(), deployment(origin=server.origin())) as edge:
        viewer = await edge.connect()
        for _ in range(2):  # on the same connection, which goes on
            response, body = await viewer.ask("GET", "/chat", *ASKS)
            assert (response.status_code, body) == (403, b"no way")
            assert field_of(response, "x-cache") == "Error from cloudfront"
        await viewer.close()
    assert len(server.requests) == 2, "not even an error is kept of it"


async def test_an_upgrade_is_neither_cached_nor_collapsed(serve: Serve) -> None:
    """A page and two sockets at one address have nothing to do with each other."""
    echo = Echo()
    page = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\npage"
    server = await serve(page, echo)
    deployed = deployment("CachingOptimized", orp="AllViewer", origin=server.origin())
    async with live_edge(OriginClients(), deployed) as edge:
        assert (await edge.get("/chat")).status_code == 200
        first, _ = await upgraded(edge)
        second, _ = await upgraded(edge)
        for viewer in (first, second):
            viewer.writer.write(frame(b"mine", masked=True))
            assert await read_frame(viewer.reader) == (TEXT, b"mine")
        again = await edge.get("/chat")
        assert field_of(again, "x-cache") == "Hit from cloudfront", "open sockets hold up nobody"
        await first.close()
        await second.close()
    assert echo.opened == 2

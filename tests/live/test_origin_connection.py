from __future__ import annotations

import asyncio
import socket
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer

import pytest

from edgesim.errors import OriginError
from edgesim.live.origins import OriginClients

from .conftest import OK, Serve, get, whole

HINT = b"HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\n"

SURPLUS = [
    # what an origin sends                   body    why; RFC 9112 §6.3
    ([OK + b"and more"], b"ok", "in one piece"),
    ([OK[:-1], b"k and more"], b"ok", "with the body's end"),
    ([HINT + OK + b"and more"], b"ok", "behind an interim response"),
    ([HINT, OK + b"and more"], b"ok", "which came by itself"),
    ([OK], b"ok", "nothing too much"),
]


@pytest.mark.parametrize(("pieces", "body", "why"), SURPLUS)
async def test_what_follows_a_body_is_dropped(
    serve: Serve, clients: OriginClients, pieces: list[bytes], body: bytes, why: str
) -> None:
    async def send(reader: Reader, writer: Writer) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.005)

    origin = await serve(send)
    for _ in range(2):
        response = await clients.fetch(origin.origin(), get())
        assert (response.status, await whole(response.body)) == (200, body), why


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"


async def test_where_chunks_tell_the_end_nothing_is_counted(
    serve: Serve, clients: OriginClients
) -> None:
    origin = await serve(CHUNKED)
    for _ in range(2):
        response = await clients.fetch(origin.origin(), get())
        assert await whole(response.body) == b"ok"
    assert origin.connections == 1, "and the connection is used again"


async def test_a_head_without_its_body_is_no_surplus(serve: Serve, clients: OriginClients) -> None:
    origin = await serve(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", OK)
    assert (await clients.fetch(origin.origin(), get(method="HEAD"))).status == 200
    assert await whole((await clients.fetch(origin.origin(), get())).body) == b"ok"
    assert origin.connections == 1


@pytest.mark.parametrize("behind", [b"", b"surplus"])
async def test_a_body_ends_though_its_last_bytes_were_more_than_is_held(
    serve: Serve, clients: OriginClients, behind: bytes
) -> None:
    """The origin had to wait for its reader, and goes on to the end when that has caught up."""
    size = 3_000_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    origin = await serve(head + b"." * size + behind)
    response = await clients.fetch(origin.origin(), get())
    async with asyncio.timeout(5):
        await asyncio.sleep(0)
        assert len(await whole(response.body)) == size


async def test_a_reset_is_no_end_of_a_body(serve: Serve, clients: OriginClients) -> None:
    """Where the end of the connection tells that of the body, a broken one must not be kept."""

    async def reset(_: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nhalf")
        await writer.drain()
        await asyncio.sleep(0.02)
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()
        raise ConnectionResetError

    response = await clients.fetch((await serve(reset)).origin(), get())
    with pytest.raises(OriginError, match="broke off"):
        await whole(response.body)

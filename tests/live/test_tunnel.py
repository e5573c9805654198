from __future__ import annotations

import asyncio
import base64
import hashlib
from asyncio import StreamReader, StreamWriter
from pathlib import Path
from typing import Any

import pytest
import trustme

from edgesim.errors import OriginError, OriginTimeout
from edgesim.live.origins import OriginClients
from edgesim.live.tunnel import Tunnel

from .conftest import CLOSE, Serve, get, server_context, whole

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = get(
    "/chat?room=1",
    Sec_WebSocket_Key=KEY,
    Sec_WebSocket_Version="13",
    Upgrade="websocket",
    Connection="Upgrade",
)
AGREED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: %b\r\n\r\n"
    % base64.b64encode(hashlib.sha1(f"{KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
)


async def echo(reader: StreamReader, writer: StreamWriter) -> None:
    """Agrees, says hello in the same packet, and then gives back what it gets, in capitals."""
    writer.write(AGREED + b"\x81\x05hello")
    while data := await reader.read(65536):
        writer.write(data.upper())
        await writer.drain()
    raise ConnectionResetError


@pytest.mark.parametrize("secure", [False, True])
async def test_bytes_go_both_ways_once_the_origin_agrees(
    serve: Serve, clients: OriginClients, authority: trustme.CA, tmp_path: Path, secure: bool
) -> None:
    settings: dict[str, Any] = {}
    if secure:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        settings = {"protocol": "https", "host": "localhost", "ca_file": str(tmp_path / "ca.pem")}
    context = server_context(authority, "localhost") if secure else None
    server = await serve(echo, context=context)

    response = await clients.fetch(server.origin(**settings), UPGRADE)
    assert response.status == 101
    assert response.headers.get("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    expected = "".join(f"{name}: {value}\r\n" for name, value in UPGRADE.headers)
    assert server.requests == [f"GET /chat?room=1 HTTP/1.1\r\n{expected}\r\n".encode()]

    tunnel = response.body
    assert isinstance(tunnel, Tunnel)
    received = aiter(tunnel)
    assert await anext(received) == b"\x81\x05hello", "bytes right behind the head are kept"
    await tunnel.send(b"frame")
    assert await anext(received) == b"FRAME"
    tunnel.close()
    await asyncio.wait_for(server.closed.wait(), 5)
    assert [data async for data in received] == []


async def test_the_end_of_the_origin_is_the_end_of_the_tunnel(
    serve: Serve, clients: OriginClients
) -> None:
    async def agree_and_go(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(AGREED)
        await writer.drain()
        raise ConnectionResetError

    response = await clients.fetch((await serve(agree_and_go)).origin(), UPGRADE)
    tunnel = response.body
    assert isinstance(tunnel, Tunnel)
    assert await whole(tunnel) == b""
    await tunnel.send(b"too late, and no error")


async def test_silence_on_both_sides_closes_it(serve: Serve, clients: OriginClients) -> None:
    server = await serve(echo)
    response = await clients.fetch(server.origin(), UPGRADE)
    assert isinstance(response.body, Tunnel)
    response.body.idle_s = 0.1
    assert await asyncio.wait_for(whole(response.body), 5) == b"\x81\x05hello"
    await asyncio.wait_for(server.closed.wait(), 5)


async def test_a_slow_reader_slows_the_sender(serve: Serve, clients: OriginClients) -> None:
    async def agree_and_stop_reading(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(AGREED)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.Event().wait()

    response = await clients.fetch((await serve(agree_and_stop_reading)).origin(), UPGRADE)
    tunnel = response.body
    assert isinstance(tunnel, Tunnel)

    async def send_much() -> None:
        for _ in range(1000):
            await tunnel.send(bytes(65536))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send_much(), 0.5)
    tunnel.close()


async def test_a_tunnel_is_never_stored(serve: Serve, clients: OriginClients) -> None:
    response = await clients.fetch((await serve(echo)).origin(), UPGRADE)
    settled: list[Any] = []
    assert isinstance(response.body, Tunnel)
    assert response.body.kept(settled.append, 1000) is response.body
    assert settled == [None]
    response.body.close()


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 6\r\n\r\nsorry!",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nsor\r\n3\r\nry!\r\n0\r\n\r\n",
        b"\r\nsorry!",
    ],
)
async def test_a_refusal_is_an_ordinary_response(
    serve: Serve, clients: OriginClients, framing: bytes
) -> None:
    async def refuse(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 426 Please\r\nX-Why: old\r\n" + framing
        )
        await writer.drain()
        raise ConnectionResetError

    response = await clients.fetch((await serve(refuse)).origin(), UPGRADE)
    assert (response.status, response.reason) == (426, "Please")
    assert response.headers.get("x-why") == "old"
    assert await whole(response.body) == b"sorry!"


@pytest.mark.parametrize(
    "framing",
    [b"Content-Length: 6\r\n\r\nsor", b"Transfer-Encoding: chunked\r\n\r\n3\r\nsor\r\n"],
)
async def test_a_refusal_cut_short_is_an_error(
    serve: Serve, clients: OriginClients, framing: bytes
) -> None:
    async def refuse(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 403 Forbidden\r\n" + framing)
        await writer.drain()
        raise ConnectionResetError

    server = await serve(refuse)
    with pytest.raises(OriginError) as caught:
        await whole((await clients.fetch(server.origin(), UPGRADE)).body)
    assert (caught.value.code, caught.value.where) == ("OriginInvalidResponseError", "origin app")


async def stay_silent(reader: StreamReader, _: StreamWriter) -> None:
    await reader.read()


async def garbage(_: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"what?\r\n")
    await writer.drain()
    raise ConnectionResetError


@pytest.mark.parametrize(
    ("answer", "code", "status", "words"),
    [
        (CLOSE, "OriginConnectError", 502, "closed the connection"),
        (stay_silent, "OriginCommError", 504, r"sent nothing for 0\.2 s"),
        (garbage, "OriginInvalidResponseError", 502, "no HTTP response"),
        (b"HTTP/9 what?\r\n\r\n", "OriginInvalidResponseError", 502, "no HTTP response"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "OriginHeaderTooBigError", 502, "32,768"),
    ],
)
async def test_a_failure_says_what_it_was(
    serve: Serve, clients: OriginClients, answer: Any, code: str, status: int, words: str
) -> None:
    server = await serve(answer)
    with pytest.raises(OriginError, match=words) as caught:
        await clients.fetch(server.origin(response_timeout_s=0.2), UPGRADE)
    error = caught.value
    assert (error.code, error.status, error.where) == (code, status, "origin app")
    assert isinstance(error, OriginTimeout) == (status == 504)


async def test_nothing_listens(serve: Serve, clients: OriginClients) -> None:
    with pytest.raises(OriginError, match=r"nothing listens .* \(connection refused, 2 attempts\)"):
        await clients.fetch((await serve()).origin(port=1, connection_attempts=2), UPGRADE)

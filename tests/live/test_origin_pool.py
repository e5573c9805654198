from __future__ import annotations

import asyncio
import gc
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections.abc import AsyncIterator
from typing import Any

import pytest

from edgesim.errors import OriginTimeout
from edgesim.live.bodies import UploadBody
from edgesim.live.origins import OriginClients

from .conftest import OK, Serve, get, whole


async def until_closed(server: Any) -> None:
    await asyncio.wait_for(server.closed.wait(), 5)


async def test_a_connection_is_idle_for_so_long_and_no_longer(
    serve: Serve, clients: OriginClients
) -> None:
    server = await serve(OK)
    await clients.fetch(server.origin(keepalive_timeout_s=0.05), get())
    await until_closed(server)
    await clients.fetch(server.origin(keepalive_timeout_s=0.05), get())
    assert server.connections == 2


async def test_what_comes_unasked_closes_the_connection(
    serve: Serve, clients: OriginClients
) -> None:
    """Servers tell so that they give a connection up: 408 Request Timeout."""

    async def and_later(_: Reader, writer: Writer) -> None:
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")

    server = await serve(and_later, OK)
    assert (await clients.fetch(server.origin(), get())).body == b"ok"
    await until_closed(server)
    assert (await clients.fetch(server.origin(), get())).body == b"ok"


async def test_each_request_has_its_own_patience(serve: Serve, clients: OriginClients) -> None:
    async def silent(reader: Reader, _: Writer) -> None:
        await reader.read()

    server = await serve(OK, silent)
    await clients.fetch(server.origin(response_timeout_s=30.0), get())
    async with asyncio.timeout(5):
        with pytest.raises(OriginTimeout, match=r"sent nothing for 0\.1 s"):
            await clients.fetch(server.origin(response_timeout_s=0.1), get(method="POST"))
    assert server.connections == 1


async def test_a_request_that_is_given_up_closes_its_connection(
    serve: Serve, clients: OriginClients
) -> None:
    arrived = asyncio.Event()

    async def silent(reader: Reader, _: Writer) -> None:
        arrived.set()
        await reader.read()

    server = await serve(silent, OK)
    asking = asyncio.create_task(clients.fetch(server.origin(), get()))
    await arrived.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until_closed(server)


async def test_a_body_that_nobody_reads_closes_its_connection(
    serve: Serve, clients: OriginClients
) -> None:
    async def endlessly(_: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(bytes(65536))
            await writer.drain()

    server = await serve(endlessly)
    response = await clients.fetch(server.origin(), get())
    del response
    gc.collect()
    await until_closed(server)


async def test_an_answer_that_does_not_wait_for_the_upload(
    serve: Serve, clients: OriginClients
) -> None:
    """The rest of the upload goes nowhere, and neither does another request behind it."""

    async def endless() -> AsyncIterator[bytes]:
        yield b"some"
        await asyncio.Event().wait()

    server = await serve(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno", OK)
    server.reads_bodies = False
    request = get(method="POST", body=UploadBody(endless(), None))
    async with asyncio.timeout(5):
        response = await clients.fetch(server.origin(), request)
        assert (response.status, await whole(response.body)) == (413, b"no")
        assert (await clients.fetch(server.origin(), get())).body == b"ok"
    assert server.connections == 2


async def test_while_an_upload_goes_on_the_origin_may_be_silent(
    serve: Serve, clients: OriginClients
) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"some"
        await asyncio.sleep(0.6)
        yield b"more"

    server = await serve(OK)
    request = get(method="POST", body=UploadBody(slow(), None))
    assert (await clients.fetch(server.origin(response_timeout_s=0.5), request)).body == b"ok"


async def test_closing_closes_every_connection(serve: Serve) -> None:
    async def begins(reader: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nbegun")
        await reader.read()

    clients = OriginClients()
    busy, idle = await serve(begins), await serve(OK)
    response = await clients.fetch(busy.origin(), get())
    await clients.fetch(idle.origin(), get())
    await clients.close()
    await until_closed(busy)
    await until_closed(idle)
    del response


async def test_all_addresses_of_a_name_are_tried(serve: Serve, clients: OriginClients) -> None:
    """The server is on 127.0.0.1 only; localhost may be ::1 as well."""
    server = await serve(OK)
    for _ in range(3):
        response = await clients.fetch(server.origin(host="localhost"), get())
        assert response.body == b"ok"

"""Load on real sockets, from a server of the test's own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
import trustme

from edgesim.bench.connection import Lost
from edgesim.bench.load import Load, Plan
from edgesim.bench.pace import Stage
from edgesim.bench.recorder import Recorder
from edgesim.bench.workload import Fields, Target, Workload, crossed, workload

HIT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Cache: Hit from cloudfront\r\n\r\nok"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
TO_THE_END = b"HTTP/1.0 200 OK\r\n\r\nall of it"

Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[bool]]


@dataclass
class Seen:
    """What a server was asked."""

    port: int = 0
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def serving(behave: Behave, context: ssl.SSLContext | None = None) -> AsyncIterator[Seen]:
    """A server that reads heads and lets `behave` answer; False from that ends the connection."""
    seen = Seen()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                seen.heads.append(head)
                if not await behave(reader, writer, head):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()


def answering(data: bytes, *, goes_on: bool = True) -> Behave:
    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: bytes) -> bool:
        writer.write(data)
        return goes_on

    return behave


def asking(port: int, *methods: str, fields: Fields = Fields()) -> Workload:
    lines = crossed({"/": 1.0}, dict.fromkeys(methods or ("GET",), 1.0))
    return workload(Target("http", "127.0.0.1", port), lines, fields)


async def loaded(requests: Workload, plan: Plan) -> tuple[Recorder, Load]:
    recorder = Recorder()
    load = Load(requests, plan, recorder)
    await load.run()
    return recorder, load


async def test_a_closed_loop_asks_again_as_soon_as_it_is_answered() -> None:
    async with serving(answering(HIT)) as seen:
        recorder, load = await loaded(asking(seen.port), Plan(4, 60, requests=200))
    assert seen.connections <= 4
    assert len(seen.heads) == recorder.total.count == load.sent == 200
    assert recorder.hits == recorder.total.count
    assert not recorder.errors
    assert recorder.total.size_bytes == recorder.total.count * len(HIT)


async def test_it_ends_when_its_time_is_over() -> None:
    async with serving(answering(HIT)) as seen:
        recorder, load = await loaded(asking(seen.port), Plan(2, 0.2, warm_up_s=0.1))
    assert load.ended - load.began == pytest.approx(0.2, abs=0.15)
    assert recorder.warm_up > 0
    assert recorder.total.count + recorder.warm_up == load.sent


async def test_an_open_loop_sends_what_is_due() -> None:
    plan = Plan(16, 0.5, stages=[Stage(0.5, 200, 200)], poisson=False)
    async with serving(answering(HIT)) as seen:
        recorder, load = await loaded(asking(seen.port), plan)
    assert recorder.total.count == load.sent == 100


async def test_an_open_loop_does_not_wait_for_a_server_that_stalls() -> None:
    """Coordinated omission: those that should have gone out meanwhile count as late."""
    stalled = asyncio.Event()

    async def behave(_: object, writer: asyncio.StreamWriter, __: bytes) -> bool:
        if not stalled.is_set():
            stalled.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.5)
        writer.write(HIT)
        return True

    plan = Plan(1, 1, stages=[Stage(1, 100, 100)], poisson=False)
    async with serving(behave) as seen:
        recorder, _ = await loaded(asking(seen.port), plan)
    assert recorder.total.count == 100
    assert 0.45 < recorder.total.latencies.max_s() < 0.9
    late = recorder.total.latencies
    assert late.percentile(75) > 0.2, "half of the requests came while it stalled"


async def test_connections_that_close_are_opened_again() -> None:
    for data in (CLOSING, TO_THE_END):
        async with serving(answering(data, goes_on=False)) as seen:
            recorder, _ = await loaded(asking(seen.port), Plan(3, 60, requests=30))
        assert recorder.total.count >= 30
        assert seen.connections >= 30
        assert not recorder.errors


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "closed early"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "closed early"),
        (b"SSH-2.0\r\n\r\n", "malformed response"),
    ],
)
async def test_errors_are_told_by_kind(data: bytes, kind: str) -> None:
    async with serving(answering(data, goes_on=False)) as seen:
        recorder, _ = await loaded(asking(seen.port), Plan(2, 60, requests=10))
    assert set(recorder.errors) == {kind}
    assert recorder.errors[kind] >= 10
    assert recorder.total.count == 0


async def test_an_answer_that_never_comes_is_given_up() -> None:
    async def never(*_: object) -> bool:
        await asyncio.Event().wait()
        return True

    async with serving(never) as seen:
        recorder, _ = await loaded(asking(seen.port), Plan(2, 0.2, timeout_s=0.3))
    assert set(recorder.errors) == {"timeout"}


async def test_every_method_and_field_is_sent() -> None:
    fields = Fields([("X-A", "1")], [("Cookie", {"id=1": 1.0, "id=2": 1.0})], b"body")

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> bool:
        if head.startswith(b"POST"):
            assert await reader.readexactly(4) == b"body"
        writer.write(HIT[:-2] if head.startswith(b"HEAD") else HIT)
        return True

    async with serving(behave) as seen:
        requests = asking(seen.port, "GET", "HEAD", "POST", fields=fields)
        recorder, _ = await loaded(requests, Plan(2, 60, requests=300))
    assert not recorder.errors
    assert {head.split()[0] for head in seen.heads} == {b"GET", b"HEAD", b"POST"}
    assert all(b"\r\nX-A: 1\r\nCookie: id=" in head for head in seen.heads)


async def test_a_certificate_that_nobody_vouches_for() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with serving(answering(HIT), context) as seen:
        load = Load(asking(seen.port), Plan(2, 1), Recorder(), tls=ssl.create_default_context())
        with pytest.raises(Lost, match=r"certificate: .*unable to get local issuer") as lost:
            await load.run()
    assert "--insecure" in lost.value.hint


async def test_https_to_a_server_of_plain_http() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        load = Load(asking(port), Plan(2, 1), Recorder(), tls=ssl.create_default_context())
        with pytest.raises(Lost, match="TLS: WRONG_VERSION_NUMBER"):
            await load.run()


async def test_nobody_listens() -> None:
    with pytest.raises(Lost, match="connect: Connection refused"):
        await loaded(asking(9), Plan(2, 1))

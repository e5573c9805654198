"""What crosses between processes: nothing that matters is lost, and no body is in a head."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.reuse import Bypass, Decision, Forward, ForwardReason, Refuse, Serve
from edgesim.cache.storing import NotStored
from edgesim.cache.verdict import Verdict, cache_status
from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.origin import Origin
from edgesim.edge import Served
from edgesim.effects import Effect, Fetch, Flight, Invoke, Join, Peek, Spawn, Travel
from edgesim.errors import ConfigError, ConfigErrors, FunctionTimeout, OriginError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.live.bodies import UploadBody
from edgesim.live.crossing import (
    Crossing,
    Kind,
    connect,
    listen,
    loaded,
    pieces,
    told_of,
    upload,
    without_bodies,
)
from edgesim.live.ports import Step
from edgesim.live.timing import spent
from edgesim.provenance import came_from
from edgesim.topology.network import Link

NOW = 1000.0
STORED = StoredResponse(Response(200, body=b"x" * 100_000), NOW - 9, NOW - 8, NOW - 8, 0, 60)

DECISIONS: list[tuple[Decision, StoredResponse | NotStored | None]] = [
    (Serve(STORED), None),
    (Serve(STORED, stale=True), None),
    (Forward(ForwardReason.URI_MISS), STORED),
    (Forward(ForwardReason.STALE, stale=STORED), NotStored.METHOD),
    (Forward(ForwardReason.PARTIAL, part=STORED), None),
    (Bypass(ForwardReason.METHOD), None),
    (Refuse(), None),
]


@pytest.mark.parametrize(("decision", "kept"), DECISIONS, ids=str)
@pytest.mark.parametrize("flags", [{}, {"joined": True}, {"validated": True}], ids=str)
def test_a_verdict_says_the_same_on_the_other_side(
    decision: Decision, kept: StoredResponse | NotStored | None, flags: dict[str, bool]
) -> None:
    served = Served(
        Response(200), 200, hit=STORED, verdicts=(Verdict("regional", decision, kept, **flags),)
    )
    data = pickle.dumps(without_bodies(served, b"small"))
    assert len(data) < 4000, "no stored body goes along"
    there: Served = pickle.loads(data)
    said = [cache_status(one.verdicts, NOW, 200) for one in (served, there)]
    assert said[0] == said[1]
    assert came_from(there) is came_from(served)
    assert (there.response.body, there.hit) == (b"small", None)


def test_an_error_is_the_same_on_the_other_side() -> None:
    error = FunctionTimeout("too slow", where="function f", hint="faster", status=599, rule="r")
    error.log = ["one", "two"]
    error.faces_viewer = True
    there = pickle.loads(pickle.dumps(error))
    assert str(there) == str(error)
    assert type(there) is FunctionTimeout
    assert vars(there) == vars(error)


def test_several_mistakes_at_once_are_the_same_on_the_other_side() -> None:
    errors = ConfigErrors([ConfigError("one", where="a:1"), ConfigError("two", hint="h")])
    there = pickle.loads(pickle.dumps(errors))
    assert str(there) == str(errors)
    assert len(there.errors) == 2


async def test_steps_cross_by_name() -> None:
    body = UploadBody(nothing(), None)
    effects: list[Effect] = [
        Invoke(Function("f"), Trigger.ORIGIN_REQUEST, {"Records": ["large" * 10_000]}),
        Fetch(Origin("app"), Request("GET", "/", Headers([("a", "b" * 10_000)]), body)),
        Travel(Link("regional-origin"), 0, 0.5),
        Join(Flight()),
        Peek(body, 10),
        Spawn(iter(())),  # type: ignore[arg-type]
    ]
    steps = [Step(effect, 0.1, cold_start_s=0.05, reply=body) for effect in effects]
    data = pickle.dumps(told_of(steps))
    assert len(data) < 4000
    assert spent(pickle.loads(data)) == spent(steps)


async def nothing() -> AsyncIterator[bytes]:
    empty: tuple[bytes, ...] = ()
    for piece in empty:
        yield piece


@pytest.fixture
async def ends(tmp_path: Path) -> AsyncIterator[tuple[Crossing, Crossing]]:
    """Both ends of a connection."""
    accepted: asyncio.Future[Crossing] = asyncio.get_running_loop().create_future()
    listener = await listen(tmp_path / "s", accepted.set_result)
    one = await connect(tmp_path / "s")
    other = await accepted
    yield one, other
    one.abort()
    other.abort()
    listener.close()
    for end in (one, other):
        await asyncio.gather(end.writer.wait_closed(), return_exceptions=True)


async def test_a_body_crosses_as_it_arrives(ends: tuple[Crossing, Crossing]) -> None:
    one, other = ends
    gate = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"first"
        await gate.wait()
        yield b"second"

    sending = asyncio.ensure_future(one.put_body(UploadBody(slow(), None)))
    received = []
    async for piece in pieces(other):
        received.append(piece)
        gate.set()
    await sending
    assert received == [b"first", b"second"]


async def test_what_breaks_a_body_off_breaks_it_off_there(
    ends: tuple[Crossing, Crossing],
) -> None:
    one, other = ends

    async def broken() -> AsyncIterator[bytes]:
        yield b"first"
        raise OriginError("it fell", code="OriginInvalidResponseError")

    await one.put_body(UploadBody(broken(), None))
    with pytest.raises(OriginError, match="it fell"):
        assert [piece async for piece in pieces(other)] == [b"first"]


async def test_a_slow_reader_holds_the_writer_up(ends: tuple[Crossing, Crossing]) -> None:
    one, other = ends
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield bytes(65536)

    sending = asyncio.ensure_future(one.put_body(UploadBody(endless(), None)))
    before = -1
    while before != sent and sent < 1000:
        before = sent
        for _ in range(50):
            await asyncio.sleep(0)
    assert 0 < sent * 65536 < 4_000_000, "buffers fill, and no more than that"
    taking = pieces(other)
    for _ in range(sent):
        await anext(taking)
    while sent == before:
        await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def test_an_upload_is_asked_for_once_somebody_wants_it(
    ends: tuple[Crossing, Crossing],
) -> None:
    worker, regional = ends
    body = upload(regional, 5)
    reading = asyncio.ensure_future(body.peek(3))
    assert await worker.next() == (Kind.WANTED, b"")
    worker.put(Kind.PIECE, b"hello")
    worker.put(Kind.END)
    assert await reading == b"hell"
    assert b"".join([piece async for piece in body]) == b"hello"


async def test_who_has_gone_is_noticed_though_nobody_reads(
    ends: tuple[Crossing, Crossing],
) -> None:
    one, other = ends
    left = asyncio.Event()
    other.on_left = left.set
    one.close()
    async with asyncio.timeout(5):
        await left.wait()
    with pytest.raises(asyncio.IncompleteReadError):
        await other.next()


def test_values_cross_whole() -> None:
    request = Request("GET", "/a?b", Headers([("Host", "x"), ("a", "1"), ("A", "2")]), b"body")
    there = loaded(pickle.dumps(replace(request)))
    assert there == request
    assert there.headers.all("a") == ["1", "2"]

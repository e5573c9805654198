"""Requests that an origin was sent without a task to wait in: answered as with one."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
import pytest

from edgesim.http.message import Response
from edgesim.live.http_origin import HttpOrigin
from edgesim.live.memo import HeadMemo
from edgesim.live.origins import OriginClients

from .conftest import CLOSE, Act, Scripted, Serve
from .edge import Connection, LiveEdge, live_edge
from .test_rehearsal import DATE, Forgetful, amended

EARLY = b"HTTP/1.1 103 Early Hints\r\n\r\n"


def sends(*all_of_it: bytes) -> Act:
    """Each piece by itself: the edge reads it before the next one is sent."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in all_of_it:
            writer.write(piece)
            await writer.drain()
            for _turn in range(20):
                await asyncio.sleep(0)

    return act


async def says_nothing(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


DATED = f"HTTP/1.1 200 OK\r\nDate: {DATE}\r\n".encode()
TWO = DATED + b"Content-Length: 2\r\n\r\nok"
GONE = DATED.replace(b"200", b"404") + b"Content-Length: 0\r\n\r\n"
LARGE = DATED + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000
OVER_SOCKETS: list[tuple[list[bytes | Act], str, int, str]] = [
    # what the origin answers, its statuses, requests for which a task had to wait, why
    ([TWO] * 3, "200 200 200", 1, "the first one: there was no connection"),
    ([TWO, TWO[:-2] + b"no", TWO], "200 200 200", 1, "another body"),
    ([TWO, sends(TWO[:-2], b"ok"), TWO], "200 200 200", 2, "its body later"),
    ([TWO, sends(TWO[:20], TWO[20:]), TWO], "200 200 200", 1, "its head in pieces"),
    ([TWO, EARLY + TWO, TWO], "200 200 200", 2, "an interim response first"),
    ([TWO, sends(EARLY, TWO), TWO], "200 200 200", 2, "the same by itself"),
    ([TWO, TWO + b"more", TWO, TWO], "200 200 200 200", 2, "a new connection, then as before"),
    ([TWO, CLOSE, TWO, TWO], "200 200 200", 2, "one that was given up is no failure"),
    ([TWO, CLOSE, CLOSE, CLOSE, CLOSE], "200 502", 2, "one that is closed again is"),
    ([TWO, b"what?\r\n\r\n", TWO, TWO], "200 502 200 200", 3, "no HTTP"),
    ([TWO, sends(TWO[:-1]), CLOSE], "200 broken", 2, "closed in the middle"),
    (
        [TWO, DATED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", TWO],
        "200 200 200",
        1,
        "no length",
    ),
    (
        [TWO, DATED + b"Connection: close\r\nContent-Length: 0\r\n\r\n", TWO, TWO],
        "200 " * 4,
        2,
        "a new connection is made",
    ),
    (
        [TWO, GONE, TWO],
        "200 404 200",
        1,
        "",
    ),
    ([TWO, LARGE, TWO], "200 200 200", 2, "more than is waited for"),
    ([TWO, says_nothing, says_nothing, says_nothing], "200 504", 2, "too long"),
]


@pytest.mark.parametrize("amends", [False, True], ids=["", "behind functions"])
@pytest.mark.parametrize(("answers", "statuses", "waited", "why"), OVER_SOCKETS)
async def test_an_origin_that_was_asked_without_a_task_is_understood_as_with_one(
    answers: list[bytes | Act],
    statuses: str,
    waited: int,
    why: str,
    amends: bool,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told, finished = [], []
    finish = HttpOrigin.finish

    async def counting(self: HttpOrigin, *given: Any) -> Response:
        finished.append(given)
        return await finish(self, *given)

    monkeypatch.setattr(HttpOrigin, "finish", counting)
    for memo in (Forgetful(), HeadMemo()):
        finished.clear()
        origin = await serve(*answers)
        deployed = amended(amends, origin.origin(response_timeout_s=0.05))
        async with live_edge(OriginClients(), deployed, clock=lambda: 1_800_000_000.0) as edge:
            edge.server.ids._prefix = "id"
            edge.server.running.memos["http"] = memo
            connection = await edge.connect()
            seen = [await answer_of(connection) for _ in statuses.split()]
            await connection.close()
            seen += [
                ([type(step.effect).__name__ for step in visit.steps], visit.served.result_type)
                for visit in edge.watching.visits
            ]
            assert edge.watching.crashes == []
        told.append((seen, [one.split(b"\r\n")[0] for one in origin.requests]))
    assert told[0] == told[1], why
    assert " ".join(str(status) for status, *_ in told[1][0][: len(statuses.split())]) == (
        statuses.strip()
    )
    assert len(finished) == waited, why


async def answer_of(connection: Connection) -> tuple[object, ...]:
    """One answer, but for what differs each time."""
    try:
        response, body = await connection.ask("GET", "/a?b=c", "Cookie: d=e")
    except (h11.RemoteProtocolError, ConnectionError):
        return ("broken",)
    lines = [line for line in response.headers.raw_items() if line[0].lower() != b"server-timing"]
    return (response.status_code, response.reason, lines, body)


class Held:
    """An origin that answers only when it is let."""

    def __init__(self) -> None:
        self.arrived, self.let = asyncio.Event(), asyncio.Event()

    async def act(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.arrived.set()
        await self.let.wait()
        writer.write(TWO)


A = b"GET /a HTTP/1.1\r\nHost: www.example.test\r\n\r\n"


async def asked(edge: LiveEdge, origin: Scripted, held: Held) -> Connection:
    """A viewer whose request the origin has and keeps."""
    edge.server.running.memos["http"] = HeadMemo()
    connection = await edge.connect()
    await connection.ask("GET", "/a")
    await connection.send(A)
    await held.arrived.wait()
    assert len(origin.requests) == 2
    return connection


async def test_requests_meanwhile_wait_for_their_turn(serve: Serve) -> None:
    held = Held()
    origin = await serve(TWO, held.act, TWO.replace(b"ok", b"B!"), TWO)
    async with live_edge(OriginClients(), amended(False, origin.origin())) as edge:
        connection = await asked(edge, origin, held)
        await connection.send(A.replace(b"/a", b"/b") + A)
        held.let.set()
        bodies = [(await connection.answer())[1] for _ in range(3)]
        assert bodies == [b"ok", b"B!", b"ok"]
        assert [one.split()[1] for one in origin.requests] == [b"/a", b"/a", b"/b", b"/a"]
        await connection.close()


async def test_the_answer_for_a_viewer_who_has_gone_is_dropped(serve: Serve) -> None:
    held = Held()
    origin = await serve(TWO, held.act, TWO)
    async with live_edge(OriginClients(), amended(False, origin.origin())) as edge:
        connection = await asked(edge, origin, held)
        await connection.close()
        held.let.set()
        assert (await edge.get("/a")).status_code == 200
        assert origin.connections == 1, "what it came on is used again"
        assert edge.watching.crashes == []


async def test_who_is_answered_soon_is_waited_for_at_the_end(serve: Serve) -> None:
    held = Held()
    origin = await serve(TWO, held.act)
    async with live_edge(OriginClients(), amended(False, origin.origin())) as edge:
        connection = await asked(edge, origin, held)
        stopping = asyncio.ensure_future(edge.server.stop())
        await asyncio.sleep(0)
        held.let.set()
        _, body = await connection.answer()
        assert body == b"ok"
        await stopping
        await connection.close()

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from edgesim.live.outbox import Outbox

from .edge import InMemory, live_edge, says


class Written:
    """A transport that notes what it is given."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.closed = False

    def is_closing(self) -> bool:
        return self.closed

    def writelines(self, pieces: Sequence[bytes]) -> None:
        assert not self.closed
        self.pieces += pieces


def put(outbox: Outbox, transport: Written, *pieces: bytes) -> None:
    outbox.put(cast(Any, transport), pieces)


async def test_what_one_turn_brings_is_written_before_anything_that_comes_after_it() -> None:
    outbox, one, other = Outbox(), Written(), Written()
    put(outbox, one, b"head", b"body")
    seen: list[list[bytes]] = []
    asyncio.get_running_loop().call_soon(lambda: seen.append(list(one.pieces)))
    put(outbox, other, b"head")
    put(outbox, one, b"next")
    assert (one.pieces, other.pieces) == ([], [])
    await asyncio.sleep(0)
    assert (one.pieces, other.pieces) == ([b"head", b"body", b"next"], [b"head"])
    assert seen == [one.pieces]
    put(outbox, other, b"a turn later")
    await asyncio.sleep(0)
    assert other.pieces == [b"head", b"a turn later"]


async def test_a_viewer_that_has_gone_keeps_nobody_from_his_answer() -> None:
    outbox, gone, there = Outbox(), Written(), Written()
    put(outbox, gone, b"head")
    put(outbox, there, b"head")
    gone.closed = True
    await asyncio.sleep(0)
    assert (gone.pieces, there.pieces) == ([], [b"head"])


async def test_a_stop_loses_no_answer() -> None:
    head = b"GET /a HTTP/1.1\r\nHost: www.example.test\r\n\r\n"
    async with live_edge(InMemory(says(cache_control="max-age=60"))) as edge:
        connection = await edge.connect()
        for _ in range(2):
            await connection.ask("GET", "/a")
        protocol = next(iter(edge.server._web.connections))  # type: ignore[union-attr]
        protocol.data_received(head)
        await protocol.shutdown(1.0)
        _, body = await connection.answer()
        assert body == b"hello"
        await connection.close()

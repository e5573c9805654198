"""A server whose delays are known: uniform, and for one second nothing is answered.

    stalling.py PORT SHORTEST_S LONGEST_S STALL_AFTER_S

The stall begins so long after the first request. What is due in it comes at its end.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from typing import cast

import uvloop

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
STALL_S = 1.0
GOLDEN = 0.6180339887498949
"""Its multiples fill the unit interval evenly, so that few requests are as uniform as many."""


class Stalling(asyncio.Protocol):
    """One request at a time on each connection, each head in one piece."""

    began = 0.0
    numbers = count()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its type

    def data_received(self, _: bytes) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        Stalling.began = Stalling.began or now
        at = now + SHORTEST_S + (LONGEST_S - SHORTEST_S) * (next(self.numbers) * GOLDEN % 1)
        stall = Stalling.began + STALL_AFTER_S
        loop.call_at(stall + STALL_S if stall <= at < stall + STALL_S else at, self.answer)

    def answer(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(ANSWER)


async def main(port: int) -> None:
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(Stalling, "127.0.0.1", port, backlog=4096)
    await listener.serve_forever()


SHORTEST_S, LONGEST_S, STALL_AFTER_S = map(float, sys.argv[2:])
with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main(int(sys.argv[1])))

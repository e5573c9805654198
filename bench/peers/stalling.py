"""A server whose delays are known, that stands still for a second, and that keeps a record.

    stalling.py PORT RECORD SHORTEST_S LONGEST_S STALL_AFTER_S

Delays are spread evenly over the logarithms between the two. The stall begins so long after the
first request: nothing is read then, and nothing answered. For each request, in the order in which
they came, RECORD gets two readings of the monotonic clock as doubles: when it was read, and when
its answer had been handed to the kernel.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from array import array
from pathlib import Path
from typing import cast

import uvloop

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
STALL_S = 1.0
GOLDEN = 0.6180339887498949
"""Its multiples fill the unit interval evenly, so that few requests spread as evenly as many."""


class Stalling(asyncio.Protocol):
    """One request at a time on each connection, each head in one piece."""

    record = array("d")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its type

    def data_received(self, _: bytes) -> None:
        now, number = time.monotonic(), len(self.record) // 2
        self.record.extend((now, 0.0))
        loop = asyncio.get_running_loop()
        if not number:
            loop.call_later(STALL_AFTER_S, time.sleep, STALL_S)
        delay = SHORTEST_S * (LONGEST_S / SHORTEST_S) ** (number * GOLDEN % 1)
        loop.call_later(delay, self.answer, number)

    def answer(self, number: int) -> None:
        if not self.transport.is_closing():
            self.transport.write(ANSWER)
            self.record[2 * number + 1] = time.monotonic()


async def main(port: int) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await loop.create_server(Stalling, "127.0.0.1", port, backlog=4096)
    await stop.wait()


SHORTEST_S, LONGEST_S, STALL_AFTER_S = map(float, sys.argv[3:])
with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main(int(sys.argv[1])))
Path(sys.argv[2]).write_bytes(Stalling.record.tobytes())

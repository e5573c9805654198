"""An event loop without sockets whose time is virtual, for load tests that are exact.

Nothing of the load tester is replaced but its clock and its alarm: requests and answers are the
bytes that would go over the wire, they only take no time to get there.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Any, cast


class _Nothing(selectors.SelectSelector):
    """Where nothing ever comes in: waiting makes time pass."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "nothing will ever happen again"
        self._loop.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Connects to `server`: a function of a request's bytes and of what sends the answer."""

    def __init__(
        self, server: Callable[[bytes, Callable[[bytes], None]], None], connecting_s: float = 0.0
    ) -> None:
        self.now = 0.0
        self._server, self._connecting_s = server, connecting_s
        super().__init__(_Nothing(self))

    def time(self) -> float:
        return self.now

    async def create_connection(  # type: ignore[override]  # whatever else asyncio's can
        self, factory: Any, *_: Any, **__: Any
    ) -> Any:
        await asyncio.sleep(self._connecting_s)
        protocol = factory()
        transport = _Transport(self._server, protocol)
        protocol.connection_made(transport)
        return transport, protocol


class _Transport(asyncio.Transport):
    def __init__(
        self,
        server: Callable[[bytes, Callable[[bytes], None]], None],
        protocol: asyncio.Protocol,
    ) -> None:
        super().__init__()
        self._server, self._protocol = server, protocol

    def write(self, data: Any) -> None:
        self._server(data, self._protocol.data_received)

    def abort(self) -> None:
        """Nobody listens any more."""


class VirtualAlarm:
    """Rings when it should."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    def set(self, moment: float) -> None:
        asyncio.get_running_loop().call_at(moment, self._ring)

    def stop(self) -> None:
        """It rings once, anyway."""


def run(load: Any, loop: VirtualLoop) -> None:
    """`load` from beginning to end, in no time."""
    with asyncio.Runner(loop_factory=lambda: cast("asyncio.AbstractEventLoop", loop)) as runner:
        runner.run(load.run())

"""One of several processes on a port: a cache server of the POP, which does what it is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import assert_never

from ..config.deployment import Deployment
from ..errors import EdgesimError
from .crossing import GONE, Kind, connect, loaded
from .handing_over import WaysOver
from .orders import Deploy, Invalidate, Listen, Order, Rewritings, Switch, Tell, told
from .server import LiveServer

Build = Callable[[], Deployment]

REGIONAL, ORDERS = "regional", "orders"
"""The sockets in the folder of the first process."""


class Worker:
    """Does what comes over the socket in `folder`, until nobody is at its other end.

    `served` are all behind the port, once `listening` has deployed them.
    """

    def __init__(
        self,
        ways: WaysOver,
        served: Callable[[], Sequence[tuple[LiveServer, Build]]],
        listening: Callable[[Listen], Awaitable[None]],
    ) -> None:
        self._ways, self._all, self._listening = ways, served, listening

    async def obey(self, folder: Path) -> None:
        crossing = await connect(folder / ORDERS)
        with suppress(*GONE):
            while True:
                _, data = await crossing.next()
                try:
                    answer = await self._done(loaded(data))
                except EdgesimError as error:
                    crossing.put_value(Kind.BROKEN, error)
                else:
                    crossing.put_value(Kind.DONE, answer)
        crossing.close()

    async def _done(self, order: Order) -> object:
        match order:
            case Listen():
                await self._listening(order)
            case Deploy(server, generation, changed):
                one, build = self._all()[server]
                one.beyond = self._ways.of(server, generation)
                await one.deploy(build(), changed)
            case Rewritings(server, path_pattern):
                return self._server(server).rewritten(path_pattern)
            case Invalidate(server, path_pattern, rewritten):
                return await self._server(server).invalidate(path_pattern, rewritten)
            case Switch(names, on):
                for one, _ in self._all():
                    one.switch_outage(names, on=on)
            case Tell():
                return told([one for one, _ in self._all()])
            case _:
                assert_never(order)
        return None

    def _server(self, index: int) -> LiveServer:
        return self._all()[index][0]

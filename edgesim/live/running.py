"""A deployment that is serving: its edge, its functions, its memo, and who is still inside."""

from __future__ import annotations

import asyncio
from secrets import token_urlsafe

from ..cloudfront.access import looks_at_viewer
from ..config.deployment import Geo
from ..edge import Edge, Served
from ..effects import Waiting, start
from ..http.message import Request, Viewer
from ..lifecycle import serve
from .driver import Driver
from .geography import Geography
from .memo import Answer, HeadMemo


class Running:
    """One deployment from the first request it serves until the last has left."""

    def __init__(self, edge: Edge, driver: Driver, geography: Geography | None = None) -> None:
        self.edge = edge
        self.geography = geography or Geography(Geo())
        self.driver = driver
        self.memos = {scheme: HeadMemo() for scheme in ("http", "https")}
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    def begin(self, request: Request, viewer: Viewer, request_id: str) -> Served | Waiting[Served]:
        """Serve `request` as far as that goes without waiting."""
        return start(serve(self.edge, request, self.geography.placed(viewer), request_id))

    def recall(self, head: bytes, viewer: Viewer) -> Answer | None:
        """What these very bytes were answered with, if that is still the answer."""
        return self.memos[viewer.scheme].recall(head, self.edge.clock())

    def learn(self, head: bytes, viewer: Viewer, answer: Answer) -> None:
        """Remember a hit, unless the answer depends on more than the bytes of the request."""
        hit, behavior = answer.served.hit, answer.served.behavior
        if hit is None or behavior is None:
            return
        if not looks_at_viewer(self.edge.distribution, behavior):
            self.memos[viewer.scheme].learn(head, hit, answer, self.edge.clock())

    def enter(self) -> None:
        """A request that has to wait is inside from here on."""
        self._inside += 1
        self._empty.clear()

    def leave(self) -> None:
        self._inside -= 1
        if not self._inside:
            self._empty.set()

    async def drained(self) -> None:
        """Wait until nobody is inside."""
        await self._empty.wait()


class RequestIds:
    """Values for x-amz-cf-id: 54 characters that look random, and `==`, never one twice."""

    def __init__(self) -> None:
        self._prefix = token_urlsafe(30)
        self._count = 0

    def next(self) -> str:
        self._count += 1
        return f"{self._prefix}{self._count * 0x9E3779B97F4A7 & 0xFFFFFFFFFFFFFF:014x}=="

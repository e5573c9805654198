"""What makes an httpx client talk to a virtual edge."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import httpx


class Sends(Protocol):
    """A virtual edge, as far as a client has to do with it."""

    def send(self, *messages: httpx.Request) -> Sequence[httpx.Response]:
        """The responses to requests that are all sent at the same moment."""
        ...


class EdgeTransport(httpx.BaseTransport):
    """One request after another."""

    def __init__(self, edge: Sends) -> None:
        self._edge = edge

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._edge.send(request)[0]


class AsyncEdgeTransport(httpx.AsyncBaseTransport):
    """Requests that are sent while the loop goes round once arrive at the same virtual moment.

    So those of one `asyncio.gather` are collapsed as they would be on the network.
    """

    def __init__(self, edge: Sends) -> None:
        self._edge = edge
        self._waiting: list[tuple[httpx.Request, asyncio.Future[httpx.Response]]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._send)
        answered: asyncio.Future[httpx.Response] = loop.create_future()
        self._waiting.append((request, answered))
        return await answered

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            responses = self._edge.send(*(request for request, _ in waiting))
        except BaseException as error:
            for _, answered in waiting:
                if not answered.done():
                    answered.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for (_, answered), response in zip(waiting, responses, strict=True):
            if not answered.done():
                answered.set_result(response)

"""A live edge in a thread of its own, for browsers and any other client of a test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from ..config.deployment import Deployment
from ..live.server import LiveServer

T = TypeVar("T")


class EdgeServer:
    """Listening on a free port of the loopback interface from the moment it is made."""

    def __init__(self, deployment: Deployment) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = LiveServer()
        try:
            self.port = self._wait(self._start(deployment))
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def invalidate(self, path_pattern: str) -> int:
        """Forget what matches; returns how many stored responses that were."""

        async def invalidated() -> int:
            return self._server.invalidate(path_pattern)

        return self._wait(invalidated())

    def stop(self) -> None:
        """Leave nothing running."""
        if self._loop.is_closed():
            return
        self._wait(self._server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self, deployment: Deployment) -> int:
        await self._server.deploy(deployment)
        return await self._server.listen("127.0.0.1", 0)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

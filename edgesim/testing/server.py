"""A live edge in a thread of its own, for browsers and any other client of a test."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Thread
from traceback import format_exception
from typing import TYPE_CHECKING, Any, TypeVar

from ..config.deployment import Deployment
from ..errors import EdgesimError
from ..http.message import Request
from ..live.ports import Observer, Visited
from ..live.server import LiveServer
from ..runtimes.base import LogLine

T = TypeVar("T")


class EdgeServer:
    """Listening on a free port of the loopback interface from the moment it is made."""

    def __init__(self, deployment: Deployment) -> None:
        self._told = Told()
        self._loop: asyncio.AbstractEventLoop
        self._stopping: asyncio.Event
        listening: Future[int] = Future()
        serving = self._serve(deployment, listening)
        self._thread = Thread(target=asyncio.run, args=(serving,), name="edgesim", daemon=True)
        self._thread.start()
        try:
            self.port = listening.result()
        except BaseException:
            self._thread.join()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> list[LogLine]:
        """What the functions have said so far."""
        self._settle()
        return list(self._told.log)

    def invalidate(self, *path_patterns: str) -> int:
        """Forget what matches, in every tier (CloudFront: "Invalidate files"); how many keys."""

        async def invalidated() -> int:
            return sum([await self._server.invalidate(path) for path in path_patterns])

        return self._wait(invalidated())

    def report(self) -> str:
        """What happened to each request, and what the functions said."""
        self._settle()
        return "\n".join(self._told.lines)

    def stop(self) -> None:
        """Leave nothing running: no port, no process, no thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    async def _serve(self, deployment: Deployment, listening: Future[int]) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._server = LiveServer(observer=self._told, log=self._told.said)
        try:
            await self._server.deploy(deployment)
            listening.set_result(await self._server.listen("127.0.0.1", 0))
            await self._stopping.wait()
        except BaseException as error:
            if listening.done():
                raise
            listening.set_exception(error)
        finally:
            await self._server.stop()

    def _settle(self) -> None:
        """Let the edge take note of the responses that it has just written."""
        if self._thread.is_alive():
            self._wait(asyncio.sleep(0))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)


class Told:
    """Keeps what a live edge tells, for the report of a failing test."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.log: list[LogLine] = []

    def said(self, line: LogLine) -> None:
        self.log.append(line)
        self.lines += [f"{line.function} | {text}" for text in line.text.splitlines()]

    def visited(self, visit: Visited) -> None:
        request, served = visit.request, visit.served
        asked = f"{request.method} {request.target}"
        self.lines.append(f"{asked}: {served.response.status} {served.result_type}")
        tiers = served.response.headers.get("cache-status")
        self.lines += [f"  {tier}" for tier in reversed(tiers.split(", ") if tiers else [])]
        self.lines += [f"  warning: {warning}" for warning in served.warnings]
        if served.failure is not None:
            self.lines.append(f"  failed: {served.failure}")

    def broken(self, visit: Visited, failure: EdgesimError) -> None:
        self.lines.append(f"{visit.request.method} {visit.request.target} broke off: {failure}")

    def refused(self, error: EdgesimError) -> None:
        pass

    def crashed(self, request: Request, error: BaseException) -> None:
        self.lines.append(f"{request.method} {request.target}: a mistake in edgesim")
        self.lines.append("".join(format_exception(error)).rstrip())


if TYPE_CHECKING:
    _conforms: type[Observer] = Told

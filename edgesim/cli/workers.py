"""`edgesim dev --workers N`: what the processes have in common with one alone, and what not."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from ..cloudfront.distribution import Routing
from ..config.deployment import Deployment
from ..errors import ConfigError
from ..live.companions import Build, Companions
from ..live.garbage import sparing
from ..live.handing_over import WaysOver
from ..live.orders import Listen
from ..live.ports import Beyond
from ..live.server import LiveServer
from ..live.worker import REGIONAL, Worker
from ..runtimes import Conditions, LogLine
from ..runtimes.base import LogSink

WORKER_OPTION = "--worker-of"
MOST_PENDING = 100
"""Lines of functions that wait for a request to be shown with."""


class Pending:
    """What functions said in the first process, for the next line of a request in a worker.

    The first process prints no such lines; too much for one it prints by itself, by `said`.
    """

    def __init__(self, said: LogSink) -> None:
        self._said = said
        self._lines: list[LogLine] = []

    def add(self, line: LogLine) -> None:
        self._lines.append(line)
        if len(self._lines) >= MOST_PENDING:
            for one in self.take():
                self._said(one)

    def take(self) -> Sequence[LogLine]:
        lines, self._lines = self._lines, []
        return lines


def check_alone(conditions: Conditions) -> None:
    """Raises `ConfigError` for options that mean one process, beside --workers."""
    options = {
        "--debug": (conditions.debug, "a debugger stops one process, and others would answer"),
        "--inspect": (conditions.inspect_port is not None, "each process would want its ports"),
        "--concurrency": (
            conditions.concurrent_executions is not None,
            "no process knows how many functions run in the others",
        ),
    }
    for option, (is_given, why) in options.items():
        if is_given:
            raise ConfigError(f"it does not go with {option}: {why}", where="--workers")


def with_pops(build: Build) -> Build:
    """`build`, which raises `ConfigError` for a deployment that has no POP."""

    def built() -> Deployment:
        deployment = build()
        routing = deployment.distribution.routing
        if routing is not Routing.EDGE_OPTIMIZED:
            what = f"routing is {routing}: there is no POP whose cache servers workers could be"
            hint = "leave out --workers, or routing"
            raise ConfigError(what, where=deployment.source, hint=hint)
        return deployment

    return built


def worker_command(folder: Path) -> list[str]:
    """How this process was started, and where its workers find it."""
    return [sys.executable, *sys.orig_argv[1:], WORKER_OPTION, str(folder)]


class Make(Protocol):
    """Makes one of the servers behind the port."""

    def __call__(self, beside: str = "", *, beyond: Beyond | None = None) -> LiveServer: ...


Listening = Callable[[Companions, Listen], Coroutine[Any, Any, None]]


async def work(
    folder: Path,
    make: Make,
    build: Build,
    others: Sequence[Build],
    said: LogSink,
    listening: Listening,
) -> None:
    """Be a worker of the process that is found in `folder`, for as long as there is one."""
    ways, numbers = WaysOver(folder / REGIONAL, said), count()

    def made(beside: str = "") -> LiveServer:
        return make(beside, beyond=ways.of(next(numbers)))

    server = made()
    companions = Companions(server, others, made)
    while_serving = ExitStack()

    async def listen(order: Listen) -> None:
        await server.deploy(build())
        await companions.start()
        await listening(companions, order)
        while_serving.enter_context(sparing(companions.puts))

    worker = Worker(ways, lambda: ((server, build), *companions.served), listen)
    try:
        with while_serving:
            await worker.obey(folder)
    finally:
        await server.stop()
        await companions.stop()
        await ways.close()
        shutil.rmtree(folder, ignore_errors=True)  # where the first process could not

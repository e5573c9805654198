"""Real child processes, and a check after every test that none of them is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from edgesim.cloudfront.function import Function, Trigger
from edgesim.runtimes.base import LogLine
from edgesim.runtimes.host import Host
from edgesim.runtimes.node import node_host
from edgesim.runtimes.pool import Pool
from edgesim.runtimes.python import python_host
from edgesim.runtimes.report import Report
from tests.needed import node_or_skip

Write = Callable[..., Function]


def processes_of(folder: Path) -> set[int]:
    """The processes, dead ones not yet waited for aside, whose command line names `folder`.

    Or whose variables do: what a function starts has those of its process.
    """
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            if str(folder).encode() in told:
                found.add(int(entry.name))
        except OSError:  # it ended while we looked
            continue
    return found


@pytest.fixture(autouse=True)
def no_process_left(tmp_path: Path) -> Iterator[None]:
    yield
    deadline = time.monotonic() + 2  # one that is killed may still be on its way out
    while processes_of(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.001)
    assert processes_of(tmp_path) == set()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a function's code into the code folder `fn`; the rest are its settings."""

    def written(source: str, file: str = "index.py", **settings: Any) -> Function:
        path = tmp_path / "fn" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source))
        settings.setdefault("code", str(tmp_path / "fn"))
        settings.setdefault("name", "fn")
        return Function(**settings)

    return written


@dataclass
class Running:
    """A pool, and what its function has said."""

    pool: Pool
    said: list[LogLine]
    heard: asyncio.Event
    reports: list[Report]

    async def __call__(self, event: Any = None, trigger: Trigger = Trigger.VIEWER_REQUEST) -> Any:
        return await self.pool.invoke(trigger, {} if event is None else event)

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.said]


Run = Callable[..., Running]


@pytest.fixture
async def run(write: Write) -> AsyncIterator[Run]:
    """A pool for some code, not started: its first event starts a process."""
    pools = []

    def running(
        source: str,
        *,
        limit: int = 10,
        host: Callable[[Function], Host] = python_host,
        **settings: Any,
    ) -> Running:
        said: list[LogLine] = []
        heard = asyncio.Event()

        reports: list[Report] = []

        def log(line: LogLine | Report) -> None:
            if isinstance(line, Report):
                reports.append(line)
                return
            said.append(line)
            heard.set()

        described = replace(host(write(source, **settings)), environments=limit)
        pool = Pool(described, log)
        pools.append(pool)
        return Running(pool, said, heard, reports)

    yield running
    for pool in pools:
        await pool.stop()


@pytest.fixture
def node(run: Run) -> Run:
    """As `run`, for Node.js."""
    node_or_skip()

    def running(source: str, **settings: Any) -> Running:
        usual = {"file": "index.mjs", "runtime": "nodejs22.x"}
        return run(source, host=node_host, **(usual | settings))

    return running


__all__ = ["Run", "Running", "Write", "processes_of"]

"""How a crew comes to an end, good or bad; what it does in between is in `test_workers.py`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from edgesim.errors import ConfigError, EdgesimError
from edgesim.live.crew import Crew
from edgesim.live.orders import Listen
from edgesim.live.server import LiveServer
from tests.runtimes.conftest import no_process_left

from .edge import InMemory, deployment, live_edge, says

assert no_process_left, "it runs after every test here too"

ANYWHERE = Listen("127.0.0.1", 0, None)
REFUSES = dedent("""
    import asyncio, sys
    from pathlib import Path
    from edgesim.errors import ConfigError
    from edgesim.live.handing_over import WaysOver
    from edgesim.live.worker import REGIONAL, Worker

    async def listening(order):
        raise ConfigError("not here", hint="elsewhere")

    folder = Path(sys.argv[1])
    worker = Worker(WaysOver(folder / REGIONAL, print), lambda: (), listening)
    asyncio.run(worker.obey(folder))
""")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where crews put their folders."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield tmp_path
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


async def started(server: LiveServer, program: str, folder: Path) -> None:
    """Start two workers, which run `program`, and stop them again."""
    crew = Crew(lambda: (), lambda: None)
    [place] = await asyncio.to_thread(lambda: list(folder.iterdir()))
    assert place.stat().st_mode & 0o777 == 0o700, "nobody else may enter"
    try:
        command = lambda where: [sys.executable, "-c", program, str(where)]  # noqa: E731
        await crew.start([server], 2, command, ANYWHERE)
    finally:
        assert await crew.stop() == []


async def test_workers_that_do_not_start(temporary: Path) -> None:
    async with live_edge(InMemory(says()), deployment()) as edge:
        with pytest.raises(EdgesimError, match=r"worker [12] ended with status 3"):
            await started(edge.server, "raise SystemExit(3)", temporary)


async def test_workers_that_refuse_to_listen_say_why(temporary: Path) -> None:
    async with live_edge(InMemory(says()), deployment()) as edge:
        with pytest.raises(ConfigError, match="not here") as refused:
            await started(edge.server, REFUSES, temporary)
        assert refused.value.hint == "elsewhere"


async def test_a_port_that_is_taken(temporary: Path) -> None:
    async with live_edge(InMemory(says()), deployment()) as edge:
        crew = Crew(lambda: (), lambda: None)
        try:
            with pytest.raises(ConfigError, match="in use"):
                await crew.start(
                    [edge.server], 2, lambda _: [], Listen("127.0.0.1", edge.port, None)
                )
        finally:
            await crew.stop()

"""`edgesim dev --workers 2` as people start it: real processes, and viewers of each worker."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.runtimes.conftest import processes_of

from .conftest import Scripted
from .edge import Connection, field_of

ROOT = Path(__file__).parents[2]
PREFIX = 40
"""So many characters of X-Amz-Cf-Id are the same for all that one process answers."""

FUNCTIONS = {
    "count.py": """
import os
def handler(event, context):
    cf = event["Records"][0]["cf"]
    trigger = cf["config"]["eventType"]
    print("ran at", trigger)
    if "response" in cf:
        said = cf["response"]["headers"]
        said["x-" + trigger] = [{"key": "X-" + trigger, "value": str(os.getppid())}]
        return cf["response"]
    if trigger == "viewer-request":
        cf["request"]["uri"] = cf["request"]["uri"].replace("/was", "/is")
    cf["request"]["headers"]["x-" + trigger] = [
        {"key": "X-" + trigger, "value": str(os.getppid())}
    ]
    return cf["request"]
""",
}


@dataclass
class Run:
    """All processes of one edge, and what they have said."""

    process: Process
    port: int
    control: str
    said: list[str]
    heard: asyncio.Condition = field(default_factory=asyncio.Condition)
    opened: list[Connection] = field(default_factory=list)

    async def connect(self, port: int = 0, **tls: Any) -> Connection:
        streams = await asyncio.open_connection("127.0.0.1", port or self.port, **tls)
        self.opened.append(Connection(*streams))
        return self.opened[-1]

    async def leave(self) -> None:
        for viewer in self.opened:
            viewer.writer.transport.abort()
        waiting = (viewer.writer.wait_closed() for viewer in self.opened)
        await asyncio.gather(*waiting, return_exceptions=True)

    async def viewers(self, count: int = 2) -> list[Connection]:
        """A connection to each worker."""
        found: dict[str, Connection] = {}
        for _ in range(100):
            viewer = await self.connect()
            response, _ = await viewer.ask("GET", "/which")
            worker = (field_of(response, "x-amz-cf-id") or "")[:PREFIX]
            if worker in found:
                await viewer.close()
            found.setdefault(worker, viewer)
            if len(found) == count:
                return list(found.values())
        raise AssertionError(f"a hundred connections went to {len(found)} workers")

    async def tells(self, path: str, body: Any = None) -> Any:
        """What the control port answers."""
        async with aiohttp.ClientSession() as session:
            method = "GET" if body is None else "POST"
            async with session.request(method, f"{self.control}{path}", json=body) as response:
                return await response.json()

    async def says(self, text: str) -> str:
        """The line with `text`, as soon as it is said."""
        async with asyncio.timeout(20), self.heard:
            while True:
                for line in self.said:
                    if text in line:
                        return line
                await self.heard.wait()

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            async with self.heard:
                self.said.append(line.decode().rstrip())
                self.heard.notify_all()

    def workers(self) -> list[int]:
        """Their process ids."""
        pid = self.process.pid
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        named = {int(one): Path(f"/proc/{one}/cmdline").read_bytes() for one in listed}
        return [one for one, command in named.items() if b"--worker-of" in command]


@asynccontextmanager
async def running(
    folder: Path,
    *options: str,
    workers: int = 2,
    ends: signal.Signals = signal.SIGTERM,
    status: int | None = None,
) -> AsyncIterator[Run]:
    """An edge from the configuration in `folder`, ended by a signal unless it has ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edgesim", "dev", "--config", str(folder / "edgesim.toml"),
        "--port", "0", "--control-port", str(free_port()), "--workers", str(workers), *options,
        stdout=PIPE, stderr=asyncio.subprocess.STDOUT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "TMPDIR": str(folder)}
        | dict.fromkeys(("HOME", "XDG_DATA_HOME"), str(folder)),
    )  # fmt: skip
    run = Run(process, 0, "", [])
    listening = asyncio.ensure_future(run.listen())
    try:
        run.port = int((await run.says("Listening on: ")).rpartition(":")[2])
        run.control = (await run.says("Control port: ")).split()[-1]
        yield run
    finally:
        await run.leave()
        if process.returncode is None:
            process.send_signal(ends)
        async with asyncio.timeout(20):
            await listening
            left = await process.wait()
            while processes_of(folder):
                await asyncio.sleep(0.01)
        if ends is signal.SIGTERM:
            assert left == (status or 0), run.said
        with suppress(ProcessLookupError):
            process.kill()


def free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def configure(folder: Path, origin: Scripted, more: str = "") -> None:
    for name, code in FUNCTIONS.items():
        (folder / name).write_text(code)
    (folder / "edgesim.toml").write_text(
        f'[origins.app]\nurl = "http://127.0.0.1:{origin.port}"\n'
        '[functions.count]\ncode = "count.py"\nhandler = "count.handler"\n'
        '[default_behavior]\norigin = "app"\ncache_policy = "CachingOptimized"\n'
        'allowed_methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]\n'
        '[[behaviors]]\npath_pattern = "/endless"\norigin = "app"\n'
        'cache_policy = "CachingDisabled"\n'
        '[[behaviors]]\npath_pattern = "/counted/*"\norigin = "app"\n'
        'cache_policy = "CachingOptimized"\n'
        'viewer_request = "count"\norigin_request = "count"\n'
        'origin_response = "count"\nviewer_response = "count"\n' + more
    )

"""`edgesim dev --cache-dir` stopped, killed and started again: real processes, real sockets."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import time

import pytest

from edgesim.live.cache_index import NAME
from tests.runtimes.conftest import no_process_left, processes_of

from .conftest import Scripted, Serve
from .edge import Connection, field_of

assert no_process_left, "it runs after every test here too"

ROOT = Path(__file__).parents[2]
LARGE = 3 * 1024 * 1024
PIECE = bytes(range(256)) * 256


@dataclass
class Run:
    """One process, from its start to its end."""

    process: Process
    port: int
    control: int
    said: list[str]

    async def get(self, target: str, *lines: str) -> tuple[str, str, bytes]:
        """X-Cache's first word, Age, and the body."""
        viewer = Connection(*await asyncio.open_connection("127.0.0.1", self.port))
        try:
            response, body = await viewer.ask("GET", target, *lines)
        finally:
            with suppress(ConnectionError):
                await viewer.close()
        assert response.status_code in (200, 206)
        x_cache = (field_of(response, "x-cache") or "").split()[0]
        return x_cache, field_of(response, "age") or "", body

    async def invalidate(self, path: str) -> int:
        """As the command does it: what it says was forgotten."""
        command = ("invalidate", path, "--port", str(self.control))
        process = await edgesim(*command)
        out, err = await process.communicate()
        assert process.returncode == 0, err
        return int(out.decode().split()[1].replace(",", ""))

    async def end(self, number: signal.Signals) -> None:
        if self.process.returncode is None:
            self.process.send_signal(number)
        assert self.process.stdout is not None
        self.said += (await self.process.stdout.read()).decode().splitlines()
        status = await self.process.wait()
        assert status == (0 if number is signal.SIGTERM else -number)

    def messages(self) -> list[str]:
        return [line for line in self.said if line.startswith("    ! ")]


async def edgesim(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edgesim", *arguments,
        stdout=PIPE, stderr=PIPE, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


@dataclass
class Site:
    """A configuration with two behaviors, a cache directory, and an origin that counts."""

    folder: Path
    origin: Scripted

    def configure(self, default_ttl_s: int = 3600, stamp: str = "1") -> None:
        code = (
            "def handler(event, context):\n"
            '    response = event["Records"][0]["cf"]["response"]\n'
            f'    response["headers"]["x-stamp"] = [{{"key": "X-Stamp", "value": "{stamp}"}}]\n'
            "    return response\n"
        )
        file = self.folder / "stamp.py"
        if not file.exists() or file.read_text() != code:
            file.write_text(code)
        (self.folder / "edgesim.toml").write_text(
            f'[origins.app]\nurl = "http://127.0.0.1:{self.origin.port}"\n'
            '[functions.stamp]\ncode = "stamp.py"\nhandler = "stamp.handler"\n'
            '[cache_policies.short]\nquery_strings = ["v"]\n'
            f"default_ttl_s = {default_ttl_s}\n"
            '[default_behavior]\norigin = "app"\ncache_policy = "short"\n'
            '[[behaviors]]\npath_pattern = "/stamped/*"\norigin = "app"\n'
            'cache_policy = "CachingOptimized"\norigin_response = "stamp"\n'
        )

    @property
    def directory(self) -> Path:
        return self.folder / ".edgesim" / "cache"

    def asked(self) -> int:
        """Requests that the origin got since this was asked last."""
        count = len(self.origin.requests)
        self.origin.requests.clear()
        return count

    @asynccontextmanager
    async def running(self, *, ends: signal.Signals = signal.SIGTERM) -> AsyncIterator[Run]:
        """A process that is ended by this signal, unless it has ended before."""
        control = free_port()
        process = await edgesim(
            "dev", "--config", str(self.folder / "edgesim.toml"), "--port", "0", "--quiet",
            "--control-port", str(control), "--cache-dir", str(self.directory),
        )  # fmt: skip
        assert process.stdout is not None
        said: list[str] = []
        while not said or "http://" not in said[-1]:
            said.append((await process.stdout.readline()).decode().rstrip())
            assert said[-1], await process.communicate()
        run = Run(process, int(said[-1].rpartition(":")[2]), control, said)
        try:
            yield run
        finally:
            await run.end(ends)
            while processes_of(self.folder):
                await asyncio.sleep(0.01)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
async def site(tmp_path: Path, serve: Serve) -> Site:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = origin.requests[-1].split()[1]
        if target.startswith(b"/large"):
            await large(writer)
            return
        body = b"%s, answer %d" % (target, len(origin.requests))
        if target.startswith(b"/vast"):
            body = body.ljust(200_000, b".")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    origin = await serve(answer)
    site = Site(tmp_path, origin)
    site.configure()
    return site


async def large(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
    for _ in range(LARGE // len(PIECE)):
        writer.write(PIECE)
        await writer.drain()


KINDS = ["/page", "/page?v=2", "/vast", "/stamped/page", "/large"]
"""In the index, another variant of it, in a file, behind a function, too large for the memory."""


@pytest.mark.parametrize("ends", [signal.SIGTERM, signal.SIGKILL])
async def test_what_was_stored_is_there_after_a_restart(site: Site, ends: signal.Signals) -> None:
    async with site.running(ends=ends) as run:
        first = {target: await run.get(target) for target in KINDS}
        assert [x_cache for x_cache, _, _ in first.values()] == ["Miss"] * len(KINDS)
        if ends is signal.SIGKILL:
            assert await run.invalidate("/nothing") == 0, "by then all before it is on the disk"
    assert site.asked() == len(KINDS)
    async with site.running() as run:
        for target in KINDS:
            x_cache, _, body = await run.get(target)
            assert (x_cache, body == first[target][2]) == ("Hit", True), target
        assert len((await run.get("/large", "Range: bytes=100-200"))[2]) == 101
    assert site.asked() == 0
    assert run.messages() == []


async def test_age_goes_on_while_edgesim_is_down(site: Site) -> None:
    async with site.running() as run:
        await run.get("/page")
        began = time()
    await asyncio.sleep(1.1)
    async with site.running() as run:
        _, age, _ = await run.get("/page")
        assert int(time() - began) - 1 <= int(age) <= int(time() - began) + 1
        assert int(age) >= 1


@pytest.mark.parametrize("loaded", [False, True], ids=["on the disk only", "in memory too"])
async def test_what_was_invalidated_does_not_come_back_though_killed_at_once(
    site: Site, loaded: bool
) -> None:
    async with site.running() as run:
        for target in ("/page", "/page?v=2", "/vast", "/large", "/other"):
            await run.get(target)
    async with site.running(ends=signal.SIGKILL) as run:
        if loaded:
            assert (await run.get("/page"))[0] == "Hit"
        assert await run.invalidate("/page*") == 4, "two keys, in two tiers"
        assert await run.invalidate("/large") == 2
    site.asked()
    async with site.running() as run:
        said = [(await run.get(target))[0] for target in ("/page", "/page?v=2", "/large")]
        assert said == ["Miss"] * 3
        assert (await run.get("/other"))[0] == (await run.get("/vast"))[0] == "Hit"
    assert site.asked() == 3


async def test_killed_while_it_writes_it_leaves_nothing_that_is_not_whole(site: Site) -> None:
    async with site.running(ends=signal.SIGKILL) as run:
        asking = [
            asyncio.ensure_future(run.get(f"/{kind}/{number}"))
            for number in range(40)
            for kind in ("small", "vast", "large")
        ]
        for answered in islice(asyncio.as_completed(asking), len(asking) // 2):
            await answered
        run.process.kill()
        await asyncio.gather(*asking, return_exceptions=True)
    site.asked()
    async with site.running() as run:
        hits = 0
        for number in range(40):
            x_cache, _, small = await run.get(f"/small/{number}")
            assert small.startswith(b"/small/%d, " % number)
            hits += x_cache == "Hit"
            x_cache, _, vast = await run.get(f"/vast/{number}")
            assert vast.startswith(b"/vast/%d, " % number)
            assert len(vast) == 200_000
            hits += x_cache == "Hit"
            if number < 10:
                x_cache, _, body = await run.get(f"/large/{number}")
                assert body == PIECE * (LARGE // len(PIECE))
                hits += x_cache == "Hit"
        assert hits, "what was complete is there"
    assert run.messages() == []


CHANGES: list[tuple[Callable[[Site], None], dict[str, str], str]] = [
    (lambda _: None, {"/page": "Hit", "/stamped/a": "Hit"}, "nothing was changed"),
    (
        lambda site: site.configure(stamp="2"),
        {"/page": "Hit", "/stamped/a": "Miss"},
        "the code of a function, which concerns its behavior",
    ),
    (
        lambda site: site.configure(default_ttl_s=60),
        {"/page": "Miss", "/stamped/a": "Hit"},
        "a cache policy, which concerns another",
    ),
]


@pytest.mark.parametrize(("change", "expected", "why"), CHANGES, ids=[why for *_, why in CHANGES])
async def test_what_was_made_otherwise_is_dropped_and_that_is_said(
    site: Site, change: Callable[[Site], None], expected: dict[str, str], why: str
) -> None:
    async with site.running() as run:
        for target in expected:
            await run.get(target)
    change(site)
    async with site.running() as run:
        assert {target: (await run.get(target))[0] for target in expected} == expected, why
    dropped = "Miss" in expected.values()
    assert len(run.messages()) == dropped
    assert not dropped or "2 stored responses are dropped" in run.messages()[0]
    async with site.running() as run:
        assert {target: (await run.get(target))[0] for target in expected} == dict.fromkeys(
            expected, "Hit"
        )
    assert run.messages() == []


async def test_an_edit_while_it_runs_holds_for_the_disk_too(site: Site) -> None:
    async with site.running() as run:
        await run.get("/stamped/a")
        await run.get("/page")
    async with site.running(ends=signal.SIGKILL) as run:
        site.asked()
        site.configure(stamp="2")
        while (await run.get("/stamped/a"))[0] == "Hit":
            pass
        assert site.asked() == 1
        await run.invalidate("/nothing")
    async with site.running() as run:
        assert (await run.get("/stamped/a"))[0] == (await run.get("/page"))[0] == "Hit"


async def test_a_second_process_is_turned_away(site: Site) -> None:
    async with site.running():
        second = await edgesim(
            "dev", "--config", str(site.folder / "edgesim.toml"), "--port", "0",
            "--cache-dir", str(site.directory),
        )  # fmt: skip
        _, err = await second.communicate()
        assert second.returncode == 2
        assert "another edgesim keeps its stored responses there" in err.decode()
        assert len(err.splitlines()) == 2, "the message and its hint"


async def test_a_damaged_index_is_one_message_and_an_empty_cache(site: Site) -> None:
    async with site.running() as run:
        await run.get("/page")
    index = site.directory / NAME
    index.write_bytes(index.read_bytes()[:1000])
    async with site.running() as run:
        assert (await run.get("/page"))[0] == "Miss"
    assert len(run.messages()) == 1

"""Several processes on one port, as viewers, developers and the origin see them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import ssl
from asyncio import StreamReader, StreamWriter
from pathlib import Path

import pytest

from tests.runtimes.conftest import no_process_left, processes_of

from .conftest import Scripted, Serve
from .edge import Connection, field_of
from .several import configure, running
from .test_restart import edgesim
from .websocket import ASKS, CLOSE, TEXT, Echo, frame, read_frame

assert no_process_left, "it runs after every test here too"

PIECE = bytes(range(256)) * 256
LARGE = 64 * len(PIECE)
"""4 MiB, more than all buffers on the way."""


class Behind:
    """The origin: what it does depends on the path."""

    def __init__(self) -> None:
        self.server: Scripted
        self.gate = asyncio.Event()
        self.waiting = asyncio.Event()
        self.left = asyncio.Event()
        self.echo = Echo()

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        target = self.server.requests[-1].split()[1].decode().partition("?")[0]
        if target == "/chat":
            await self.echo(reader, writer)
        await getattr(self, f"on_{target.split('/')[1]}", self.on_usual)(reader, writer)

    async def on_usual(self, _: StreamReader, writer: StreamWriter) -> None:
        body = self.server.requests[-1].split(b"\r\n")[0]
        writer.write(
            b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )

    async def on_slow(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.waiting.set()
        await self.gate.wait()
        await self.on_usual(reader, writer)

    async def on_missing(self, _: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone")

    async def on_large(self, _reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
        for _ in range(LARGE // len(PIECE)):
            writer.write(PIECE)
            await writer.drain()

    async def on_broken(self, _: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE + PIECE)
        await writer.drain()
        raise ConnectionResetError

    async def on_endless(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head + b"5\r\nfirst\r\n")
        await reader.read()
        self.left.set()
        raise ConnectionResetError

    async def on_upload(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = self.server.requests[-1].lower()
        length = int(head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
        self.waiting.set()
        try:
            body = await reader.readexactly(length)
        except asyncio.IncompleteReadError:
            self.left.set()
            raise
        told = b"%d %d" % (length, sum(body) % 1000)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told))

    def asked(self) -> list[str]:
        """The targets since this was asked last, but for those that look for workers."""
        lines = [one.split(b" ")[1].decode() for one in self.server.requests]
        self.server.requests.clear()
        return [one for one in lines if one != "/which"]


@pytest.fixture
async def origin(serve: Serve) -> Behind:
    behind = Behind()
    behind.server = await serve(behind)
    behind.server.reads_bodies = False
    return behind


@pytest.fixture
def site(tmp_path: Path, origin: Behind) -> Path:
    configure(tmp_path, origin.server)
    return tmp_path


def x_cache(response: object) -> str:
    return (field_of(response, "x-cache") or "").split()[0]  # type: ignore[arg-type]


async def test_each_worker_is_a_cache_of_its_own_and_the_regional_one_is_shared(
    site: Path, origin: Behind
) -> None:
    async with running(site) as run:
        said = []
        for viewer in await run.viewers():
            for _ in range(2):
                response, body = await viewer.ask("GET", "/page")
                assert body == b"GET /page HTTP/1.1"
                said.append((x_cache(response), (field_of(response, "cache-status") or "")[:14]))
        assert said == [
            ("Miss", "regional; fwd="),
            ("Hit", "pop; hit; ttl="),
            ("Hit", "regional; hit;"),
            ("Hit", "pop; hit; ttl="),
        ]
        assert origin.asked() == ["/page"]
        told = await run.tells("/status")
        assert told["tiers"]["pop"]["stored"] == 4, "/page and /which, in each worker"
        assert told["tiers"]["regional"]["stored"] == 2
        assert told["process"]["origin_requests"] == 2


async def test_simultaneous_misses_are_one_request_to_the_origin(
    site: Path, origin: Behind
) -> None:
    async with running(site) as run:
        viewers = await run.viewers()
        viewers += [await run.connect() for _ in range(8)]
        origin.asked()
        asking = [asyncio.ensure_future(viewer.ask("GET", "/slow")) for viewer in viewers]
        await origin.waiting.wait()
        while read_by_workers(run.port) < len(viewers):
            await asyncio.sleep(0)
        origin.gate.set()
        answers = await asyncio.gather(*asking)
        assert {body for _, body in answers} == {b"GET /slow HTTP/1.1"}
        assert origin.asked() == ["/slow"]


def read_by_workers(port: int) -> int:
    """How many viewers' connections have nothing left that a worker has not read."""
    here, read = f":{port:04X}", 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, queues, *_ = line.split()
        read += local.endswith(here) and state == "01" and queues.endswith(":00000000")
    return read


async def test_an_invalidation_reaches_all_and_waits_for_all(site: Path, origin: Behind) -> None:
    async with running(site) as run:
        viewers = await run.viewers()
        for viewer in viewers:
            await viewer.ask("GET", "/page")
        said = await run.tells("/invalidations", {"paths": ["/page"]})
        assert said == {"forgotten": 3, "paths": {"/page": 3}}, "in two workers, and behind them"
        origin.asked()
        answers = [x_cache((await viewer.ask("GET", "/page"))[0]) for viewer in viewers]
        assert answers == ["Miss", "Hit"]
        assert origin.asked() == ["/page"]


async def test_an_invalidation_of_a_url_that_a_function_rewrote_elsewhere(
    site: Path, origin: Behind
) -> None:
    async with running(site) as run:
        one, other = await run.viewers()
        await one.ask("GET", "/counted/was")
        await other.ask("GET", "/counted/is")
        said = await run.tells("/invalidations", {"paths": ["/counted/was"]})
        assert said["forgotten"] == 3, "only one worker knows that /is stands for /was"
        origin.asked()
        assert x_cache((await other.ask("GET", "/counted/is"))[0]) == "Miss"


async def test_functions_run_where_their_trigger_is(site: Path, origin: Behind) -> None:
    async with running(site) as run:
        (viewer, other), first = await run.viewers(), str(run.process.pid)
        origin.asked()
        response, _ = await viewer.ask("GET", "/counted/page")
        sent = origin.server.requests[-1].decode().lower()
        workers = {str(pid) for pid in run.workers()}
        assert f"\r\nx-origin-request: {first}\r\n" in sent
        assert field_of(response, "x-origin-response") == first
        assert field_of(response, "x-viewer-response") in workers
        timing = field_of(response, "server-timing") or ""
        for trigger in ("viewer-request", "origin-request", "origin-response", "viewer-response"):
            assert f'{trigger};desc="count"' in timing
            await run.says(f"    │ count: ran at {trigger}")
        line = await run.says("GET  /counted/page")
        assert "count@origin-request" in line
        await other.ask("GET", "/counted/page")
        told = await run.tells("/functions")
        assert told["functions"]["count"]["invocations"] == 6, "four, and twice at the other"
    assert any("count" in line and " 6 " in line for line in run.said[-4:]), run.said


@pytest.mark.parametrize("head", ["", "Expect: 100-continue\r\n"])
async def test_a_large_upload(site: Path, head: str) -> None:
    async with running(site) as run:
        viewer = await run.connect()
        lines = f"Host: www.example.test\r\nContent-Length: {LARGE}\r\n{head}"
        await viewer.send(f"POST /upload HTTP/1.1\r\n{lines}\r\n".encode())
        if head:
            assert await viewer.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await viewer.send(PIECE * (LARGE // len(PIECE)))
        _, body = await viewer.answer("POST")
        assert body == b"%d %d" % (LARGE, sum(PIECE) * 64 % 1000)
        _, body = await viewer.ask("GET", "/after")
        assert body == b"GET /after HTTP/1.1"


async def test_an_upload_that_breaks_off(site: Path, origin: Behind) -> None:
    async with running(site) as run:
        viewer = await run.connect()
        await viewer.send(
            b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s" % (LARGE, PIECE * 8)
        )
        async with asyncio.timeout(10):
            await origin.waiting.wait()
        await viewer.close()
        async with asyncio.timeout(10):
            await origin.left.wait()
        _, body = await (await run.connect()).ask("GET", "/after")
        assert body == b"GET /after HTTP/1.1"


async def test_a_large_download_and_a_part_of_it(site: Path, origin: Behind) -> None:
    async with running(site) as run:
        for viewer in await run.viewers():
            _, body = await viewer.ask("GET", "/large")
            assert body == PIECE * 64
            response, body = await viewer.ask("GET", "/large", "Range: bytes=70000-70009")
            assert (response.status_code, body) == (206, (PIECE * 2)[70000:70010])
        assert origin.asked() == ["/large"]


async def test_a_download_that_breaks_off(site: Path) -> None:
    async with running(site) as run:
        viewer = await run.connect()
        await viewer.send(b"GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")
        received = await viewer.reader.read(-1)
        assert len(received) < LARGE
        assert received.endswith(PIECE)
        assert "OriginInvalidResponseError" in await run.says("broke off in the middle")
        assert (await (await run.connect()).ask("GET", "/after"))[1] == b"GET /after HTTP/1.1"


async def test_a_viewer_who_leaves_lets_the_origin_go(site: Path, origin: Behind) -> None:
    async with running(site) as run:
        viewer = await run.connect()
        await viewer.send(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"first" in await viewer.reader.readuntil(b"first")
        await viewer.close()
        async with asyncio.timeout(10):
            await origin.left.wait()


@pytest.mark.parametrize("who", ["viewer", "origin"])
async def test_a_websocket(site: Path, origin: Behind, who: str) -> None:
    async with running(site) as run:
        viewer = await run.connect()
        lines = "".join(f"{line}\r\n" for line in ("Host: www.example.test", *ASKS))
        await viewer.send(f"GET /chat HTTP/1.1\r\n{lines}\r\n".encode())
        head = await viewer.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        for message in (b"hello", PIECE * 32):
            viewer.writer.write(frame(message, masked=True))
            assert await read_frame(viewer.reader) == (TEXT, message)
        if who == "viewer":
            await viewer.close()
            async with asyncio.timeout(10):
                await origin.echo.left.wait()
        else:
            viewer.writer.write(frame(b"bye", masked=True))
            assert await read_frame(viewer.reader) == (CLOSE, b"bye")
            assert await viewer.reader.read() == b""


async def test_an_edit_is_live_in_all_and_a_broken_one_is_told_once(
    site: Path, origin: Behind
) -> None:
    async with running(site) as run:
        viewers = await run.viewers()
        for viewer in viewers:
            await viewer.ask("GET", "/counted/page")
        code = site / "count.py"
        code.write_text(code.read_text().replace("str(os.getppid())", '"new"'))
        await run.says("↻ function count live after")
        origin.asked()
        for viewer in viewers:
            response, _ = await viewer.ask("GET", "/counted/page")
            assert field_of(response, "x-viewer-response") == "new"
            assert field_of(response, "x-origin-response") == "new"
        assert origin.asked() == ["/counted/page"], "its work was stored in all tiers"
        code.write_text("def handler(:\n")
        await run.says("✗ not reloaded")
        response, _ = await viewers[0].ask("GET", "/counted/page")
        assert response.status_code == 200
    assert sum("not reloaded" in line for line in run.said) == 1


TABLE = [
    ("GET", "/page", ()),
    ("GET", "/page", ()),
    ("HEAD", "/page", ()),
    ("GET", "/page", ("Range: bytes=0-2",)),
    ("GET", "/page", ("Cache-Control: only-if-cached",)),
    ("GET", "/missing", ()),
    ("GET", "/missing", ()),
    ("GET", "/counted/was", ()),
    ("GET", "/counted/is", ()),
    ("POST", "/page", ("Content-Length: 0",)),
    ("OPTIONS", "/page", ()),
    ("GET", "/large", ()),
    ("GET", "/large", ("Range: bytes=5-",)),
]


async def test_the_answers_of_one_worker_are_those_of_one_process(
    site: Path, origin: Behind
) -> None:
    told = []
    for workers in (1, 2):
        async with running(site, workers=workers) as run:
            viewer = (await run.viewers(workers))[0]
            told.append([await answer(viewer, *row) for row in TABLE])
            origin.asked()
    for row, alone, several in zip(TABLE, *told, strict=True):
        assert alone == several, row


VARYING = {"x-amz-cf-id", "server-timing", "date", "x-viewer-response", "x-origin-response", "age"}


async def answer(viewer: Connection, method: str, target: str, lines: tuple[str, ...]) -> object:
    response, body = await viewer.ask(method, target, *lines)
    fields = [
        (name, re.sub(rb"ttl=\d+", b"ttl", value))  # which time takes from
        for name, value in response.headers
        if name.decode() not in VARYING
    ]
    names = [name for name, _ in response.headers]
    return response.status_code, sorted(fields), sorted(names), body


async def test_two_distributions_by_tls(tmp_path: Path, origin: Behind) -> None:
    for name in ("edgesim", "other"):
        (tmp_path / f"{name}.toml").write_text(
            f'[distribution]\ndomain_name = "{name}.cloudfront.net"\naliases = ["{name}.test"]\n'
            f'[origins.app]\nurl = "http://127.0.0.1:{origin.server.port}"\npath = "/{name}"\n'
            '[default_behavior]\norigin = "app"\nviewer_protocol_policy = "redirect-to-https"\n'
        )
    options = ("--config", str(tmp_path / "other.toml"), "--tls", "--tls-port", "0")
    async with running(tmp_path, *options) as run:
        tls_port = int((await run.says("And by TLS: ")).partition("localhost:")[2].split()[0])
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for name in ("edgesim", "other"):
            secured = await run.connect(tls_port, ssl=context, server_hostname=f"{name}.test")
            await secured.send(f"GET /a HTTP/1.1\r\nHost: {name}.test\r\n\r\n".encode())
            assert (await secured.answer())[1] == f"GET /{name}/a HTTP/1.1".encode()
            viewer = await run.connect()
            await viewer.send(f"GET /a HTTP/1.1\r\nHost: {name}.test\r\n\r\n".encode())
            response, _ = await viewer.answer()
            assert field_of(response, "location") == f"https://{name}.test:{tls_port}/a"
        said = {"paths": ["/*"], "distribution": "other.test"}
        assert (await run.tells("/invalidations", said))["forgotten"] == 2
        assert [one["distribution"] for one in (await run.tells("/status"))["beside"]]


async def test_what_is_behind_the_pop_outlives_a_restart(site: Path, origin: Behind) -> None:
    options = ("--cache-dir", str(site / "cache"))
    async with running(site, *options) as run:
        await (await run.connect()).ask("GET", "/page")
        assert origin.asked() == ["/page"]
    async with running(site, *options) as run:
        response, _ = await (await run.connect()).ask("GET", "/page")
        assert x_cache(response) == "Hit"
        assert (field_of(response, "cache-status") or "").startswith("regional; hit")
    assert origin.asked() == []


async def test_a_broken_function_at_the_start(tmp_path: Path, origin: Behind) -> None:
    configure(tmp_path, origin.server)
    (tmp_path / "count.py").write_text("def handler(:\n")
    process = await edgesim(
        "dev", "--config", str(tmp_path / "edgesim.toml"), "--port", "0", "--workers", "2"
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode().count("SyntaxError") == 1, "once, and not by each process"


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_nothing_is_left_behind(site: Path, ends: signal.Signals) -> None:
    async with running(site, ends=ends) as run:
        viewer = await run.connect()
        await viewer.ask("GET", "/counted/page")
        assert len(run.workers()) == 2
    assert processes_of(site) == set()
    async with asyncio.timeout(10):
        while any(one.name.startswith("edgesim-") for one in await in_folder(site)):
            await asyncio.sleep(0.01)


async def in_folder(folder: Path) -> list[Path]:
    return await asyncio.to_thread(lambda: list(folder.iterdir()))


async def test_a_worker_that_dies_ends_everything(site: Path) -> None:
    async with running(site, status=1) as run:
        os.kill(run.workers()[0], signal.SIGKILL)
        await run.says("was ended by signal 9, and with it all that it had stored [Worker]")
        await run.process.wait()


async def test_outages_reach_all(site: Path) -> None:
    async with running(site, "--viewer", "Tokyo") as run:
        viewers = await run.viewers()
        before = [await pop(viewer) for viewer in viewers]
        await run.tells("/outages", {"what": ["NRT"], "on": True})
        after = [await pop(viewer) for viewer in viewers]
        assert {one[:3] for one in before} == {"NRT"}
        assert {one[:3] for one in after}.isdisjoint({"NRT"})
        said = await run.tells("/status")
        assert said["outages"]["places"] == ["NRT"]


async def pop(viewer: Connection) -> str:
    response, _ = await viewer.ask("GET", "/page")
    return field_of(response, "x-amz-cf-pop") or ""

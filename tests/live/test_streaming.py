"""A gibibyte each way through a real edgesim process, and what it costs in memory."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .origin_process import SIZE

ROOT = Path(__file__).parents[2]
PEAK_MB = 100
PIECE = bytes(256 * 1024)


async def started(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=PIPE, stderr=PIPE, env={"PYTHONPATH": str(ROOT)}
    )


async def ended(process: Process) -> int:
    """Its exit status after SIGTERM."""
    process.terminate()
    await process.communicate()
    return process.returncode or 0


@pytest.fixture
async def edgesim() -> AsyncIterator[tuple[int, int]]:
    """`edgesim dev` before an origin in another process: its process id and port."""
    origin = await started(str(Path(__file__).parent / "origin_process.py"))
    assert origin.stdout is not None
    url = f"http://127.0.0.1:{int(await origin.stdout.readline())}"
    edge = await started("-m", "edgesim", "dev", "--origin", url, "--port", "0", "--quiet")
    assert edge.stdout is not None
    said = re.search(rb"http://127\.0\.0\.1:(\d+)", await edge.stdout.readline())
    assert said is not None
    yield edge.pid, int(said[1])
    assert await ended(edge) == 0
    await ended(origin)


def peak_mb(process: int) -> float:
    """The most memory that it ever had resident."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


async def downloaded(port: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=len(PIECE))
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    received = 0
    while received < SIZE and (data := await reader.read(len(PIECE))):
        received += len(data)
    writer.close()
    return received


async def uploaded(port: int) -> int:
    """How much the origin says it has got."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"PUT /large HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % SIZE)
    for _ in range(0, SIZE, len(PIECE)):
        writer.write(PIECE)
        await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = re.search(rb"(?i)content-length: (\d+)", head)
    assert length is not None
    received = int(await reader.readexactly(int(length[1])))
    writer.close()
    return received


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak")
async def test_a_gibibyte_each_way_stays_small(edgesim: tuple[int, int]) -> None:
    process, port = edgesim
    assert await asyncio.gather(downloaded(port), uploaded(port)) == [SIZE, SIZE]
    assert peak_mb(process) < PEAK_MB

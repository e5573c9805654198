from __future__ import annotations

import asyncio
import gc
import os
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from edgesim.errors import BadRequest, OriginError
from edgesim.http.message import Stream
from edgesim.live.bodies import Arriving, UploadBody
from edgesim.live.recording import IN_MEMORY_BYTES, Recording

from .conftest import whole

MIB = 1024 * 1024


class Source:
    """Chunks that come when the test says so."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self.queue: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.given = 0
        for chunk in chunks:
            self.queue.put_nowait(chunk)

    def end(self) -> None:
        self.queue.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self.queue.get()) is not None:
            if isinstance(chunk, Exception):
                raise chunk
            self.given += 1
            yield chunk


class Outcome:
    """What a recording was told to have come to."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.known = asyncio.Event()

    def __call__(self, value: Stream | bytes | None) -> None:
        self.values.append(value)
        self.known.set()

    async def value(self) -> Any:
        await asyncio.wait_for(self.known.wait(), 5)
        assert len(self.values) == 1, "told once"
        return self.values[0]


def arriving(source: Source, length: int | None = None) -> tuple[Arriving, list[str]]:
    closed: list[str] = []
    return Arriving(aiter(source), length, lambda: closed.append("closed")), closed


async def many(count: int, chunk: bytes = bytes(64 * 1024)) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield chunk
        await asyncio.sleep(0)


async def turns(count: int = 20) -> None:
    """Let everything run that can."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_the_reader_gets_each_chunk_when_it_comes_and_the_connection_is_closed_once() -> None:
    source = Source(b"one", b"two")
    body, closed = arriving(source, 6)
    chunks = aiter(body)
    assert await anext(chunks) == b"one"
    assert source.given == 1, "the second is not fetched before it is asked for"
    assert await anext(chunks) == b"two"
    source.end()
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)
    del body, chunks
    gc.collect()
    assert closed == ["closed"]


@pytest.mark.parametrize("chunks", [[b"onl"], []])
async def test_a_body_shorter_than_announced_is_an_error(chunks: list[bytes]) -> None:
    source = Source(*chunks)
    source.end()
    body, closed = arriving(source, 4)
    with pytest.raises(OriginError, match=f"after {len(b''.join(chunks))} of 4 bytes"):
        await whole(body)
    assert closed == ["closed"]


async def test_a_reader_who_goes_away_closes_the_connection() -> None:
    body, closed = arriving(Source(b"one", b"two"))
    chunks: Any = aiter(body)
    await anext(chunks)
    await chunks.aclose()
    assert closed == ["closed"]


async def test_a_body_that_nobody_reads_closes_the_connection() -> None:
    body, closed = arriving(Source(b"one"))
    del body
    gc.collect()
    await turns()
    assert closed == ["closed"]


async def test_part_of_a_body_that_is_not_kept_reads_no_further_than_it_must() -> None:
    source = Source(b"0123", b"4567", b"89")
    body, closed = arriving(source, 10)
    part = body.part(2, 6)
    del body
    assert closed == []
    assert (part.length, await whole(part)) == (4, b"2345")
    assert (closed, source.given) == (["closed"], 2)


async def test_a_small_recording_settles_as_bytes_and_serves_readers_at_any_time() -> None:
    source, outcome = Source(b"one"), Outcome()
    kept = arriving(source)[0].kept(outcome, MIB)
    early = asyncio.create_task(whole(kept))
    await turns()
    source.queue.put_nowait(b"two")
    late = aiter(kept)
    assert await anext(late) in (b"one", b"onetwo")
    source.end()
    assert await outcome.value() == b"onetwo"
    assert (await early, await whole(kept), kept.length) == (b"onetwo", b"onetwo", 6)


async def test_it_is_read_to_its_end_though_every_reader_has_gone() -> None:
    source, outcome = Source(b"one"), Outcome()
    kept = arriving(source)[0].kept(outcome, MIB)
    reader: Any = aiter(kept)
    await anext(reader)
    await reader.aclose()
    del reader, kept
    source.queue.put_nowait(b"two")
    source.end()
    assert await outcome.value() == b"onetwo"


async def test_a_large_recording_settles_as_itself_and_its_file_goes_with_it() -> None:
    outcome = Outcome()
    chunks = [os.urandom(64 * 1024) for _ in range(40)]
    source = Source(*chunks)
    source.end()
    kept = arriving(source)[0].kept(outcome, 64 * MIB)
    readers = [asyncio.create_task(whole(kept)) for _ in range(3)]
    assert await outcome.value() is kept
    content = b"".join(chunks)
    assert await asyncio.gather(*readers) == [content] * 3
    assert (
        await whole(kept.part(IN_MEMORY_BYTES - 5, IN_MEMORY_BYTES + 5))
        == (content[IN_MEMORY_BYTES - 5 : IN_MEMORY_BYTES + 5])
    )
    assert await whole(kept.part(100, 200).part(10, 20)) == content[110:120]
    assert isinstance(kept, Recording)
    descriptor = kept._file
    assert descriptor is not None
    assert os.fstat(descriptor).st_nlink == 0, "the file has no name"
    del kept, readers
    outcome.values.clear()
    await turns()
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


@pytest.mark.parametrize("size", [IN_MEMORY_BYTES, IN_MEMORY_BYTES + 1])
async def test_one_mebibyte_is_the_border_between_memory_and_file(size: int) -> None:
    outcome, source = Outcome(), Source(bytes(size))
    source.end()
    kept = arriving(source)[0].kept(outcome, 64 * MIB)
    value = await outcome.value()
    assert isinstance(value, bytes) == (size == IN_MEMORY_BYTES)
    assert len(await whole(kept)) == size


async def test_a_part_is_served_while_the_rest_arrives() -> None:
    source = Source(b"0123")
    kept = arriving(source)[0].kept(Outcome(), MIB)
    assert await whole(kept.part(1, 3)) == b"12"
    waiting = asyncio.create_task(whole(kept.part(2, 6)))
    await turns()
    assert not waiting.done()
    source.queue.put_nowait(b"456789")
    assert await waiting == b"2345"
    source.end()


@pytest.mark.parametrize(
    ("chunks", "length"),
    [([b"half"], 8), ([b"half", OriginError("reset")], None), ([bytes(2 * MIB)], 3 * MIB)],
)
async def test_a_truncated_body_never_settles_as_complete(
    chunks: list[Any], length: int | None
) -> None:
    source, outcome = Source(*chunks), Outcome()
    source.end()
    body, closed = arriving(source, length)
    kept = body.kept(outcome, 64 * MIB)
    got = bytearray()

    async def read() -> None:
        async for chunk in kept:
            got.extend(chunk)

    with pytest.raises(OriginError):
        await read()
    assert bytes(got) == chunks[0], "what came before the break is passed on"
    assert await outcome.value() is None
    later = Outcome()
    kept.kept(later, 64 * MIB)
    assert later.values == [None]
    with pytest.raises(OriginError):
        await whole(kept)
    assert closed == ["closed"]


async def test_each_tier_has_its_own_limit_and_readers_get_the_whole_all_the_same() -> None:
    source, small, large = Source(b"0123456789"), Outcome(), Outcome()
    kept = arriving(source)[0].kept(small, 15)
    assert kept.kept(large, 100) is kept
    reader = asyncio.create_task(whole(kept))
    await turns()
    assert small.values == []
    source.queue.put_nowait(b"0123456789")
    assert await small.value() is None
    source.end()
    assert await reader == b"0123456789" * 2
    assert await large.value() == b"0123456789" * 2


async def test_a_length_above_the_limit_is_refused_at_once() -> None:
    source, outcome = Source(b"0123456789"), Outcome()
    source.end()
    kept = arriving(source, 10)[0].kept(outcome, 9)
    assert outcome.values == [None]
    assert await whole(kept) == b"0123456789"


async def test_who_asks_late_is_told_at_once() -> None:
    source, first, second = Source(b"all"), Outcome(), Outcome()
    source.end()
    kept = arriving(source)[0].kept(first, MIB)
    await first.value()
    kept.kept(second, MIB)
    assert second.values == [b"all"]


async def test_an_endless_body_that_no_cache_keeps_ends_with_its_last_reader() -> None:
    source, outcome = Source(b"event"), Outcome()
    body, closed = arriving(source)
    reader: Any = aiter(body.kept(outcome, 8))
    await anext(reader)
    source.queue.put_nowait(b"event")
    assert await anext(reader) == b"event"
    assert await outcome.value() is None
    await turns()
    assert closed == [], "somebody is still listening"
    await reader.aclose()
    source.queue.put_nowait(b"event")
    await turns()
    assert closed == ["closed"]


async def test_recordings_under_way_can_be_given_up() -> None:
    tasks: set[asyncio.Task[None]] = set()
    closed: list[str] = []
    body = Arriving(aiter(Source(b"half")), None, lambda: closed.append("closed"), tasks=tasks)
    outcome = Outcome()
    kept = body.kept(outcome, MIB)
    reader = asyncio.create_task(whole(kept))
    await turns()
    for task in list(tasks):
        task.cancel()
    with pytest.raises(OriginError, match="stopping"):
        await reader
    await turns()
    assert (outcome.values, closed, tasks) == ([None], ["closed"], set())


async def test_a_hundred_mebibytes_pass_through_in_bounded_memory() -> None:
    tracemalloc.start()
    try:
        read = 0
        async for chunk in Arriving(many(1600), 100 * MIB, lambda: None):
            read += len(chunk)
        assert read == 100 * MIB
        direct = tracemalloc.get_traced_memory()[1]

        tracemalloc.reset_peak()
        outcome = Outcome()
        kept = Arriving(many(1600), 100 * MIB, lambda: None).kept(outcome, 200 * MIB)
        sizes = await asyncio.gather(*(counted(kept) for _ in range(3)))
        assert sizes == [100 * MIB] * 3
        assert await outcome.value() is kept
        recorded = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert direct < MIB
    assert recorded < 4 * MIB


async def counted(body: Stream) -> int:
    read = 0
    async for chunk in body:
        read += len(chunk)
    return read


async def test_peeked_bytes_are_yielded_later() -> None:
    source = Source(b"0123", b"4567", b"89")
    source.end()
    upload = UploadBody(aiter(source), 10)
    assert await upload.peek(5) == b"012345"
    assert source.given == 2, "no more is taken than is needed"
    assert await upload.peek(2) == b"012"
    assert not upload.begun
    assert await whole(upload) == b"0123456789"
    assert upload.begun


async def test_peeking_beyond_the_end_gives_what_there_is() -> None:
    source = Source(b"0123")
    source.end()
    upload = UploadBody(aiter(source), None)
    assert await upload.peek(100) == b"0123"


async def test_the_viewer_is_told_to_continue_before_its_first_byte_and_only_once() -> None:
    said: list[str] = []

    async def say_continue() -> None:
        said.append("100 Continue")
        source.queue.put_nowait(b"body")
        source.end()

    source = Source()
    upload = UploadBody(aiter(source), 4, say_continue)
    assert said == []
    assert await upload.peek(10) == b"body"
    assert await whole(upload) == b"body"
    assert said == ["100 Continue"]


@pytest.mark.parametrize("last", [ConnectionResetError("gone"), None])
async def test_an_upload_that_breaks_off_is_the_viewers_fault(last: Exception | None) -> None:
    source = Source(b"half")
    source.queue.put_nowait(last)
    with pytest.raises(BadRequest, match="upload"):
        await whole(UploadBody(aiter(source), 8))


async def test_a_body_is_coded_while_it_arrives() -> None:
    source = Source(b"a" * 5000, b"b" * 5000)
    body, closed = arriving(source, 10_000)
    coded = body.coded(zlib.compressobj())
    assert coded.length is None
    outcome = Outcome()
    kept = coded.kept(outcome, MIB)
    source.end()
    assert zlib.decompress(await whole(kept)) == b"a" * 5000 + b"b" * 5000
    assert zlib.decompress(await outcome.value()) == b"a" * 5000 + b"b" * 5000
    assert closed == ["closed"]
    again = Recording(aiter(source), None).coded(zlib.compressobj())
    source.queue.put_nowait(b"c")
    source.end()
    assert zlib.decompress(await whole(again)) == b"c"


async def test_a_coded_body_that_breaks_off_is_not_kept() -> None:
    body, _ = arriving(Source(b"a" * 5000, OriginError("gone")), 10_000)
    outcome = Outcome()
    kept = body.coded(zlib.compressobj()).kept(outcome, MIB)
    with pytest.raises(OriginError):
        await whole(kept)
    assert await outcome.value() is None

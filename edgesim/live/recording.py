"""A body that is kept while it arrives, for any number of readers.

One task reads it to its end at full speed; readers follow at their own pace, each from its
beginning. What is small stays in memory, what is large goes to a file without a name.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from ..errors import OriginError
from ..http.message import Coder, Stream

IN_MEMORY_BYTES = 1024 * 1024
"""A body up to this long is held as bytes, a longer one in a file."""
PIECE_BYTES = 256 * 1024
"""The most a reader gets at once."""

Settled = Callable[[Stream | bytes | None], None]
Tasks = set[asyncio.Task[None]]
"""Where running tasks are kept: an event loop holds them only weakly, and somebody ends them."""


class Recording:
    """A kept body. The first bytes may be read while the last are not there yet."""

    def __init__(
        self, chunks: AsyncIterator[bytes], length: int | None, tasks: Tasks | None = None
    ) -> None:
        self.length = length
        self._size = 0
        self._memory: bytearray | bytes = bytearray()
        self._file: int | None = None
        self._ended = False
        self._failure: Exception | None = None
        self._readers = 0
        self._was_read = False
        self._refused_at_bytes: int | None = None
        self._listeners: list[tuple[Settled, int]] = []
        self._news = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._record(chunks))
        self._task.add_done_callback(self._end)
        if tasks is not None:
            tasks.add(self._task)
            self._task.add_done_callback(tasks.discard)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.between(0, None)

    def kept(self, settled: Settled, limit_bytes: int) -> Stream:
        """Itself; `settled` is told at once if the outcome is known by now."""
        if max(self._size, self.length or 0) > limit_bytes or self._failure is not None:
            settled(None)
        elif self._ended:
            settled(self._outcome())
        else:
            self._listeners.append((settled, limit_bytes))
        return self

    def part(self, first: int, stop: int) -> Stream:
        return Part(self, first, stop)

    def coded(self, coder: Coder) -> Stream:
        return Recording(coded(aiter(self), coder), None)

    async def between(self, first: int, stop: int | None) -> AsyncIterator[bytes]:
        """The bytes from `first` up to `stop`, or to the end, as they come."""
        self._readers += 1
        self._was_read = True
        try:
            at = first
            while stop is None or at < stop:
                end = self._size if stop is None else min(stop, self._size)
                if at < end:
                    piece = self.piece(at, min(end, at + PIECE_BYTES))
                    at += len(piece)
                    yield piece
                elif not self._ended:
                    await self._news.wait()
                elif self._failure is not None:
                    raise self._failure
                else:
                    return
        finally:
            self._readers -= 1

    async def _record(self, chunks: AsyncIterator[bytes]) -> None:
        try:
            async for chunk in chunks:
                self._append(chunk)
                self._refuse()
                if self._unwanted():
                    self._failure = OriginError("too long for the cache, and nobody reads it")
                    break
        except Exception as error:  # noqa: BLE001 - whatever it is, the readers are who must know
            self._failure = error
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    def _append(self, chunk: bytes) -> None:
        if self._file is None and self._size + len(chunk) <= IN_MEMORY_BYTES:
            self._memory += chunk
        else:
            if self._file is None:
                self._file = _unnamed_file(self)
                _write(self._file, self._memory, 0)
                self._memory = b""
            _write(self._file, chunk, self._size)
        self._size += len(chunk)
        self._wake()

    def _refuse(self) -> None:
        """Tell those who cannot keep so much; who reads it still gets the whole."""
        beyond = [one for one in self._listeners if one[1] < self._size]
        self._listeners = [one for one in self._listeners if one[1] >= self._size]
        for settled, _ in beyond:
            self._refused_at_bytes = self._size
            settled(None)

    def _unwanted(self) -> bool:
        """Whether it is kept for nobody: then it must stop, for it might have no end.

        A reader who has the recording and is about to begin gets some time to do so.
        """
        if self._refused_at_bytes is None or self._listeners or self._readers:
            return False
        return self._was_read or self._size > 2 * self._refused_at_bytes

    def _end(self, task: asyncio.Task[None]) -> None:
        """Settle. Called by the task itself, for one that is cancelled may never have begun."""
        self._ended = True
        if task.cancelled():
            self._failure = OriginError("the rest of the body was given up: edgesim is stopping")
        self._memory = bytes(self._memory)
        if self._failure is None:
            self.length = self._size
        self._wake()
        listeners, self._listeners = self._listeners, []
        for settled, _ in listeners:
            settled(self._outcome())

    def _outcome(self) -> Stream | bytes | None:
        if self._failure is not None:
            return None
        return bytes(self._memory) if self._file is None else self

    def piece(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`, which are there; in any thread once it has ended."""
        if self._file is not None:
            return os.pread(self._file, stop - start, start)
        with memoryview(self._memory) as view:
            return bytes(view[start:stop])

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class Seekable(Protocol):
    """A body that can be read from anywhere."""

    def between(self, first: int, stop: int | None) -> AsyncIterator[bytes]:
        """The bytes from `first` up to `stop`, or to the end, as they come."""
        ...


class Part:
    """A slice of a body that is kept, complete or not."""

    def __init__(self, whole: Seekable, first: int, stop: int) -> None:
        self._whole, self._first, self._stop = whole, first, stop
        self.length: int | None = stop - first

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._whole.between(self._first, self._stop)

    def kept(self, settled: Settled, limit_bytes: int) -> Stream:
        return Recording(aiter(self), self.length).kept(settled, limit_bytes)

    def part(self, first: int, stop: int) -> Stream:
        return Part(self._whole, self._first + first, min(self._first + stop, self._stop))

    def coded(self, coder: Coder) -> Stream:
        return Recording(coded(aiter(self), coder), None)


async def sliced(chunks: AsyncIterator[bytes], first: int, stop: int) -> AsyncIterator[bytes]:
    """The bytes of `chunks` from `first` up to `stop`; what comes after is not read."""
    at = 0
    async with aclosing(chunks) as source:  # type: ignore[type-var]
        async for chunk in source:
            piece = chunk[max(0, first - at) : max(0, stop - at)]
            at += len(chunk)
            if piece:
                yield piece
            if at >= stop:
                return


async def coded(chunks: AsyncIterator[bytes], coder: Coder) -> AsyncIterator[bytes]:
    """The bytes of `chunks` as `coder` writes them."""
    async with aclosing(chunks) as source:  # type: ignore[type-var]
        async for chunk in source:
            if piece := coder.compress(chunk):
                yield piece
    yield coder.flush()


def _unnamed_file(owner: Recording) -> int:
    """A file that is gone with its owner: its name is already removed."""
    with tempfile.TemporaryFile(prefix="edgesim-", buffering=0) as file:
        descriptor = os.dup(file.fileno())
    weakref.finalize(owner, os.close, descriptor)
    return descriptor


def _write(descriptor: int, data: bytes | bytearray, offset: int) -> None:
    with memoryview(data) as view:
        written = 0
        while written < len(view):
            written += os.pwrite(descriptor, view[written:], offset + written)


if TYPE_CHECKING:
    _conforms: tuple[type[Stream], ...] = (Recording, Part)

"""Complete bodies as files that outlive the process, each piece of them sealed."""

from __future__ import annotations

import os
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from ..errors import OriginError
from ..http.message import Coder, Stream
from .packing import digest
from .recording import IN_MEMORY_BYTES, PIECE_BYTES, Part, Recording, Settled, coded

SUFFIX = ".body"
UNFINISHED = ".part"


class Damaged(Exception):
    """What is on the disk is not what was written."""


class BodyFile:
    """A file that `write` has written, for any number of readers.

    A piece is looked at before anybody gets it. Where it is not as it was written the body breaks
    off, and `on_damage` is told.
    """

    def __init__(self, path: Path, length: int, seals: Sequence[bytes]) -> None:
        """Raises `Damaged` if the file is not there, or has another length."""
        self.length: int | None = length
        self.path = path
        self.on_damage: Callable[[], None] = lambda: None
        self._length = length
        self.seals = seals
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise Damaged(f"{path.name}: {error.strerror}") from None
        weakref.finalize(self, os.close, self._descriptor)
        size = os.fstat(self._descriptor).st_size
        if size != length:
            raise Damaged(f"{path.name} has {size:,} bytes instead of {length:,}")

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.between(0, None)

    def kept(self, settled: Settled, limit_bytes: int) -> Stream:
        settled(self if self._length <= limit_bytes else None)
        return self

    def part(self, first: int, stop: int) -> Stream:
        return Part(self, first, stop)

    def coded(self, coder: Coder) -> Stream:
        return Recording(coded(aiter(self), coder), None)

    async def between(self, first: int, stop: int | None) -> AsyncIterator[bytes]:
        """The bytes from `first` up to `stop`, or to the end. Raises `OriginError` if damaged."""
        at, end = first, self._length if stop is None else min(stop, self._length)
        while at < end:
            start = at - at % PIECE_BYTES
            try:
                piece = self._sealed(start)
            except Damaged as error:
                self.on_damage()
                raise OriginError(f"a stored body is damaged: {error}") from None
            piece = piece[at - start : end - start]
            at += len(piece)
            yield piece

    def piece(self, first: int, stop: int) -> bytes:
        """The bytes from `first` up to `stop`, in any thread."""
        return os.pread(self._descriptor, stop - first, first)

    def whole(self) -> bytes:
        """All of it. Raises `Damaged`."""
        return b"".join(map(self._sealed, range(0, self._length, PIECE_BYTES)))

    def _sealed(self, start: int) -> bytes:
        piece = self.piece(start, min(start + PIECE_BYTES, self._length))
        if digest(piece) != self.seals[start // PIECE_BYTES]:
            raise Damaged(f"{self.path.name} is not as it was written")
        return piece


def write(folder: Path, body: bytes | Stream) -> tuple[str, list[bytes]]:
    """Write a complete body to a new file of `folder`: its name, and the seal of each piece.

    The file has that name only once all of it is there. Raises `OSError`.
    """
    name = f"{token_hex(8)}{SUFFIX}"
    if isinstance(body, BodyFile):
        with suppress(OSError):  # where there are no links, or it has been removed
            os.link(body.path, folder / name)
            return name, list(body.seals)
    unfinished = folder / f"{name}{UNFINISHED}"
    seals = []
    try:
        with unfinished.open("xb") as file:
            for piece in _pieces(body):
                file.write(piece)
                seals.append(digest(piece))
        unfinished.rename(folder / name)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return name, seals


def opened(path: Path, length: int, seals: Sequence[bytes]) -> bytes | BodyFile:
    """The body that was written to `path`, as bytes if it is short. Raises `Damaged`."""
    body = BodyFile(path, length, seals)
    return body.whole() if length <= IN_MEMORY_BYTES else body


def remove(folder: Path, names: Sequence[str]) -> None:
    """Remove files; who reads one of them has it open and gets the whole."""
    for name in names:
        (folder / name).unlink(missing_ok=True)


def is_ours(name: str) -> bool:
    """Whether a file of this name was written here, finished or not."""
    return name.removesuffix(UNFINISHED).endswith(SUFFIX)


def _pieces(body: bytes | Stream) -> Iterator[bytes]:
    if isinstance(body, bytes):
        for at in range(0, len(body), PIECE_BYTES):
            yield body[at : at + PIECE_BYTES]
        return
    if not isinstance(body, Recording | BodyFile) or body.length is None:
        raise TypeError(f"{type(body).__name__} is no complete body")
    for at in range(0, body.length, PIECE_BYTES):
        yield body.piece(at, min(at + PIECE_BYTES, body.length))


if TYPE_CHECKING:
    _conforms: type[Stream] = BodyFile

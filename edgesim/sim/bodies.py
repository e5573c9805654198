"""Bodies that have a length and no content, so that a simulated gigabyte takes no memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from ..http.message import Coder, Stream

PIECE_BYTES = 65_536


class Sized:
    """So many zeros, at once there in full."""

    __slots__ = ("length",)

    def __init__(self, length: int) -> None:
        self.length: int | None = length

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self.length or 0
        while left:
            piece = min(left, PIECE_BYTES)
            left -= piece
            yield bytes(piece)

    def kept(self, settled: Callable[[Stream | bytes | None], None], limit_bytes: int) -> Stream:
        """It is complete: there is nothing to wait for, and nothing to be told later."""
        return self

    def part(self, first: int, stop: int) -> Stream:
        return Sized(stop - first)

    def coded(self, coder: Coder) -> Stream:
        """As long as it was: what has no content cannot be compressed."""
        return self


if TYPE_CHECKING:
    _conforms: type[Stream] = Sized

"""Finding what a cache directory has, while another thread writes to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..cache.freshness import StoredResponse
from ..cache.store import MAX_VARIANTS, CacheKey
from ..http.message import Stream
from .body_files import Damaged, opened
from .cache_index import BODIES, connected
from .packing import digest, unpacked


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    made_by: bytes
    head: bytes
    body: bytes
    file: str
    length: int
    seals: bytes
    seal: bytes

    def stored(self, key: CacheKey, folder: Path) -> StoredResponse:
        """What the row says, with its body. Raises `Damaged`."""
        try:
            if digest(self.head, self.body, self.seals) != self.seal:
                raise Damaged("a row of the index is not as it was written")
            body: bytes | Stream = self.body
            if self.file:
                width = len(self.seal)
                seals = [self.seals[at : at + width] for at in range(0, len(self.seals), width)]
                body = opened(folder / BODIES / self.file, self.length, seals)
            return unpacked(key, self.head, body)
        except (ValueError, TypeError, LookupError) as error:
            raise Damaged(f"a row of the index says nothing: {error}") from None


class Lookup:
    """Reads an index that somebody else writes."""

    def __init__(self, folder: Path) -> None:
        """Raises `sqlite3.Error`."""
        self._connection = connected(folder)
        self._connection.execute("PRAGMA query_only = ON")

    def rows(self, slot: bytes) -> list[Row]:
        """The variants of one key, oldest first. Raises `sqlite3.Error`."""
        found = self._connection.execute(
            "SELECT number, made_by, head, body, file, length, seals, seal"
            " FROM stored WHERE slot = ? ORDER BY number",
            (slot,),
        )
        return [Row(*row) for row in found.fetchall()][-MAX_VARIANTS:]

    def close(self) -> None:
        self._connection.close()

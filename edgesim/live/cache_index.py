"""The index of a cache directory: one row for each stored response, in SQLite.

One thread writes; another may look rows up meanwhile (`cache_lookup.py`), which waits for nothing
(write-ahead log).
Small bodies are in their rows, others in files (`body_files.py`), which are there before their row
is and go after it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..cache.bans import TAG, Doomed
from ..cache.freshness import StoredResponse
from ..cache.store import CacheKey
from ..http.message import Response, size_bytes
from . import body_files
from .packing import FORMAT, digest, packed, variant_of

NAME = "index.sqlite3"
BODIES = "bodies"
APPLICATION = 0x65646765
IN_ROW_BYTES = 64 * 1024
"""A body up to this long is in its row: SQLite is faster at that than a file system."""
ROW_BYTES = 1024
"""What a row costs besides its head and body: its entries in the other tables."""

SCHEMA = """
CREATE TABLE stored (
    number INTEGER PRIMARY KEY,
    slot BLOB NOT NULL,
    variant BLOB NOT NULL,
    url BLOB NOT NULL,
    tags TEXT NOT NULL,
    made_by BLOB NOT NULL,
    used INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    head BLOB NOT NULL,
    body BLOB NOT NULL,
    file TEXT NOT NULL,
    length INTEGER NOT NULL,
    seals BLOB NOT NULL,
    seal BLOB NOT NULL
);
CREATE UNIQUE INDEX by_slot ON stored (slot, variant);
CREATE INDEX by_url ON stored (url, slot);
CREATE INDEX by_tags ON stored (tags, slot) WHERE tags != '';
CREATE INDEX by_use ON stored (used, cost);
CREATE INDEX by_maker ON stored (made_by);
CREATE INDEX by_file ON stored (file) WHERE file != '';
"""


class Index:
    """Writes. Every method raises `sqlite3.Error`, and `OSError` for files."""

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self._folder = folder
        self._bodies = folder / BODIES
        self._budget_bytes = budget_bytes
        self._connection = connected(folder)
        self._unwanted: list[str] = []
        """Files whose rows are going."""
        self._forgotten = 0
        if not _is_ours(self._connection):
            self._connection.executescript(SCHEMA)
            self._connection.execute(f"PRAGMA application_id = {APPLICATION}")
            self._connection.execute(f"PRAGMA user_version = {FORMAT}")
        self._cost = self._uses = 0

    def begin(self) -> None:
        """Count what is there, and remove the files of rows that never came to be."""
        self._cost, self._uses = self._one("SELECT total(cost), coalesce(max(used), 0) FROM stored")
        files = self._connection.execute("SELECT file FROM stored WHERE file != ''")
        known = {file for (file,) in files}
        names = (path.name for path in self._bodies.iterdir())
        strays = [name for name in names if body_files.is_ours(name) and name not in known]
        body_files.remove(self._bodies, strays)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is done inside happens at once, or not at all if it raises."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._evict()
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        unwanted, self._unwanted = self._unwanted, []
        body_files.remove(self._bodies, unwanted)

    def put(
        self, slot: bytes, key: CacheKey, stored: StoredResponse, response: Response, made_by: bytes
    ) -> None:
        """Write `stored` with this complete `response`, in place of its variant."""
        variant = variant_of(stored)
        self._delete("WHERE slot = ? AND variant = ?", (slot, variant))
        head, length = packed(key, stored, response), size_bytes(response.body)
        cost = ROW_BYTES + len(head) + length
        if cost > self._budget_bytes:
            return
        body, file, seals = b"", "", b""
        if isinstance(response.body, bytes) and length <= IN_ROW_BYTES:
            body = response.body
        else:
            file, each = body_files.write(self._bodies, response.body)
            seals = b"".join(each)
        self._connection.execute(
            "INSERT INTO stored (slot, variant, url, tags, made_by, used, cost, head, body, file,"
            " length, seals, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                slot, variant, _encoded(key[0]), "".join(map(_tagged, stored.tags)), made_by,
                self._use(), cost, head, body, file, length, seals, digest(head, body, seals),
            ),
        )  # fmt: skip
        self._cost += cost

    def drop(self, slot: bytes, variant: bytes) -> None:
        self._delete("WHERE slot = ? AND variant = ?", (slot, variant))

    def forget(self, slot: bytes) -> None:
        self._delete("WHERE slot = ?", (slot,))

    def remove(self, number: int) -> None:
        """Forget the row of that number."""
        self._delete("WHERE number = ?", (number,))

    def used(self, slots: Iterable[bytes]) -> None:
        """Note that these keys were used, in that order."""
        self._connection.executemany(
            "UPDATE stored SET used = ? WHERE slot = ?", ((self._use(), slot) for slot in slots)
        )

    def invalidate(self, path_pattern: str) -> None:
        """Forget what matches, or has this `#tag`, of every tier."""
        if path_pattern.startswith(TAG):
            tag = _tagged(path_pattern.removeprefix(TAG))
            self._invalidate("WHERE tags != '' AND instr(tags, ?)", (tag,))
            return
        url = _encoded(path_pattern.removesuffix("*"))
        if path_pattern == "/*":
            self._invalidate("", ())  # without a condition SQLite empties the table at once
        elif path_pattern.endswith("*"):
            # no UTF-8 has the byte FF
            self._invalidate("WHERE url >= ? AND url < ?", (url, url + b"\xff"))
        else:
            self._invalidate("WHERE url = ?", (url,))

    def forget_where(self, doomed: Doomed) -> None:
        """Forget the keys of whose path and query `doomed` is true."""
        urls = self._connection.execute("SELECT DISTINCT url FROM stored").fetchall()
        for (url,) in urls:
            if doomed(url.decode("utf-8", "surrogatepass")):
                self._invalidate("WHERE url = ?", (url,))

    def take_forgotten(self) -> int:
        """How many keys `invalidate` and `forget_where` took since this was asked last."""
        forgotten, self._forgotten = self._forgotten, 0
        return forgotten

    def discard_others(self, made_by: Collection[bytes]) -> int:
        """Forget the responses that none of these has made; how many those were."""
        makers = self._connection.execute("SELECT DISTINCT made_by FROM stored").fetchall()
        others = [maker for (maker,) in makers if maker not in made_by]
        return sum(self._delete("WHERE made_by = ?", (maker,)) for maker in others)

    def _invalidate(self, where: str, values: tuple[object, ...]) -> None:
        (keys,) = self._one(f"SELECT count(DISTINCT slot) FROM stored {where}", values)  # noqa: S608  our own text
        self._forgotten += keys
        self._delete(where, values)

    def _evict(self) -> None:
        """Make room: those that were used least recently go, some more than must."""
        if self._cost <= self._budget_bytes:
            return
        rows = self._connection.execute("SELECT number, cost FROM stored ORDER BY used")
        going, enough = [], self._cost - self._budget_bytes * 19 // 20
        for number, cost in rows:
            if enough <= 0:
                break
            going.append(number)
            enough -= cost
        rows.close()
        for number in going:
            self.remove(number)

    def _delete(self, where: str, values: tuple[object, ...]) -> int:
        count, cost = self._one(f"SELECT count(*), total(cost) FROM stored {where}", values)  # noqa: S608
        if count:
            files = f"SELECT file FROM (SELECT file FROM stored {where}) WHERE file != ''"  # noqa: S608
            self._unwanted += [file for (file,) in self._connection.execute(files, values)]
            self._connection.execute(f"DELETE FROM stored {where}", values)  # noqa: S608
            self._cost -= cost
        return int(count)

    def _use(self) -> int:
        self._uses += 1
        return int(self._uses)

    def _one(self, query: str, values: tuple[object, ...] = ()) -> tuple[int, ...]:
        row: tuple[int, ...] = self._connection.execute(query, values).fetchone()
        return tuple(map(int, row))


def is_foreign(folder: Path) -> bool:
    """Whether what has the index's name is none of this format, or damaged."""
    if not (folder / NAME).exists():
        return False
    try:
        connection = connected(folder)
        try:
            if not _is_ours(connection):
                return True
            connection.execute("SELECT number, slot FROM stored LIMIT 1").fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        return True
    return False


def set_aside(folder: Path) -> None:
    """Give the index another name, with `.damaged` behind it. Raises `OSError`."""
    for beside in ("-wal", "-shm"):
        (folder / f"{NAME}{beside}").unlink(missing_ok=True)
    (folder / NAME).replace(folder / f"{NAME}.damaged")


def connected(folder: Path) -> sqlite3.Connection:
    """A connection of one's own to the index. Raises `sqlite3.Error`."""
    connection = sqlite3.connect(folder / NAME, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # no fsync: against a crash of the whole machine there are the seals
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -65536")  # KiB
        connection.execute(f"PRAGMA journal_size_limit = {64 * 1024 * 1024}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_ours(connection: sqlite3.Connection) -> bool:
    wanted = {"application_id": APPLICATION, "user_version": FORMAT}
    found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
    return found == wanted


def _tagged(tag: str) -> str:
    """`tag` between what no tag has."""
    return f",{tag},"


def _encoded(url: str) -> bytes:
    return url.encode("utf-8", "surrogatepass")

"""A directory in which stored responses outlive the process (`edgesim dev --cache-dir`).

It lies behind the memory of each tier's store (`cache/backing.py`): what is not there is looked up
here, so that nothing has to be loaded when edgesim starts. Changes are written by a thread of their
own (`cache_writer.py`); what they concern is not looked up until they are on the disk.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..cache.backing import Backing
from ..cache.bans import TAG, Bans, Doomed
from ..cache.freshness import StoredResponse
from ..cache.reuse import Variants
from ..cache.store import CacheKey, Store
from ..errors import ConfigError
from .body_files import BodyFile, Damaged
from .cache_index import BODIES, Index, is_foreign, set_aside
from .cache_lookup import Lookup, Row
from .cache_writer import CacheWriter, Change
from .fingerprint import Makers
from .packing import slot_of, variant_of

BUDGET_BYTES = 4 * 1024 * 1024 * 1024
MAX_BEHIND = 20_000
"""Changes that may wait to be written; beyond that new responses are kept in memory only."""
USES_AT_ONCE = 256
"""Keys whose use is written down together; if the process is killed the last are not."""
REMEMBERED_KEYS = 100_000
"""Keys whose order of use is written down at the end, those used last."""


class CacheDir:
    """The directory, locked against other processes from the moment it is made."""

    def __init__(
        self, folder: Path, tell: Callable[[str], None], budget_bytes: int = BUDGET_BYTES
    ) -> None:
        """`tell` is told what a user should know, in any thread. Raises `ConfigError`."""
        self.folder = folder
        self._tell = tell
        self._told_of_damage = False
        self._broken = False
        self._makers: Makers | None = None
        self._stores: dict[str, Store] = {}
        self._unwritten: OrderedDict[bytes, int] = OrderedDict()
        """Slots about which a change is not on the disk yet, with the number of the last."""
        self._bans = Bans()
        self._last_ban = 0
        self._used: list[bytes] = []
        """Slots in which something was found, in that order."""
        try:
            self._lock = _locked(folder)
            if is_foreign(folder):
                set_aside(folder)
                tell(f"{folder}: the index is damaged or of another version; it is not used")
            index = Index(folder, budget_bytes)
            self._lookup = Lookup(folder)
        except (OSError, sqlite3.Error) as error:
            what = getattr(error, "strerror", None) or str(error)
            raise ConfigError(f"cannot keep anything there: {what}", where=str(folder)) from None
        self._writer = CacheWriter(index, self._give_up)
        self._writer.submit(Index.begin)

    def attach(self, tier: str, store: Store) -> None:
        """Lie behind the store of the tier of that name."""
        if store.backing is None:
            store.backing = BehindTier(self, tier, store)
            self._stores[tier] = store

    @property
    def behind(self) -> int:
        """Changes that are not on the disk yet."""
        return self._writer.behind

    def serve(self, makers: Makers) -> None:
        """Serve what these have made, and nothing that was made otherwise."""
        first, self._makers = self._makers is None, makers
        if first:
            self._writer.submit(partial(self._discard_others, makers))

    async def forgotten(self) -> int:
        """Wait until all changes are on the disk; how many keys invalidations took there."""
        return await asyncio.wrap_future(self._writer.ask(Index.take_forgotten)) or 0

    async def close(self) -> None:
        """Write what is still to be written, and which keys were used last."""
        self._note_uses()
        for tier, store in self._stores.items():
            slots = [slot_of(tier, key) for key in store.keys_by_use()[-REMEMBERED_KEYS:]]
            self._writer.submit(partial(Index.used, slots=slots))
        await asyncio.get_running_loop().run_in_executor(None, self._writer.stop)
        self._lookup.close()
        os.close(self._lock)

    def rows(self, slot: bytes, key: CacheKey) -> list[Row]:
        """What may be used of what is on the disk."""
        made = self._writer.made
        unwritten = self._unwritten.get(slot, 0) > made
        if self._broken or unwritten or self._bans.outdate(key[0], made):
            return []
        try:
            rows = self._lookup.rows(slot)
        except sqlite3.Error as error:
            self._give_up(error)
            return []
        maker = self._maker(key)
        found = [row for row in rows if row.made_by == maker]
        if found:
            self._used.append(slot)
            if len(self._used) >= USES_AT_ONCE:
                self._note_uses()
        return found

    def _note_uses(self) -> None:
        used, self._used = self._used, []
        self._writer.submit(partial(Index.used, slots=used))

    def put(self, slot: bytes, key: CacheKey, stored: StoredResponse) -> None:
        if self.behind > MAX_BEHIND:
            self.change(slot, partial(Index.drop, slot=slot, variant=variant_of(stored)))
            return
        writing = partial(
            Index.put,
            slot=slot,
            key=key,
            stored=stored,
            response=stored.response,
            made_by=self._maker(key),
        )
        self.change(slot, writing)

    def change(self, slot: bytes, change: Change) -> None:
        """Make a change, until when nothing is found in this slot."""
        unwritten = self._unwritten
        unwritten.pop(slot, None)
        unwritten[slot] = self._writer.submit(change)
        while unwritten and next(iter(unwritten.values())) <= self._writer.made:
            unwritten.popitem(last=False)

    def ban(self, change: Change) -> tuple[Bans, int]:
        """Make a change, and where to note what must not be found until then."""
        if self._last_ban <= self._writer.made:
            self._bans = Bans()
        self._last_ban = self._writer.submit(change)
        return self._bans, self._last_ban

    def _maker(self, key: CacheKey) -> bytes:
        return b"" if self._makers is None else self._makers.of(key[0])

    def _discard_others(self, makers: Makers, index: Index) -> None:
        discarded = index.discard_others(makers.all)
        if discarded:
            self._tell(
                f"{self.folder}: {discarded:,} stored responses are dropped, because the "
                "configuration or the functions that made them have changed"
            )

    def damaged(self, slot: bytes, row: Row, what: str) -> None:
        """Forget a row that is not as it was written, and say so once."""
        self.change(slot, partial(Index.remove, number=row.number))
        if not self._told_of_damage:
            self._told_of_damage = True
            self._tell(f"{self.folder}: {what}; it is not used, nor is anything like it")

    def _give_up(self, error: Exception) -> None:
        """Use the directory no more, and leave nothing there that might be wrong by then."""
        if not self._broken:
            self._broken = True
            self._tell(f"{self.folder}: {error}; from now on nothing is kept there")
            with suppress(OSError):
                set_aside(self.folder)


class BehindTier:
    """What the directory has for one tier."""

    def __init__(self, directory: CacheDir, tier: str, store: Store) -> None:
        self._directory = directory
        self._tier = tier
        self._store = store

    def find(self, key: CacheKey) -> Variants:
        slot, directory, found = slot_of(self._tier, key), self._directory, []
        for row in directory.rows(slot, key):
            try:
                stored = row.stored(key, directory.folder)
            except Damaged as error:
                directory.damaged(slot, row, str(error))
                continue
            if isinstance(stored.response.body, BodyFile):
                stored.response.body.on_damage = partial(self._damaged, slot, key, row, stored)
            found.append(stored)
        return tuple(found)

    def _damaged(self, slot: bytes, key: CacheKey, row: Row, stored: StoredResponse) -> None:
        self._store.drop(key, stored)
        self._directory.damaged(slot, row, f"{row.file} is not as it was written")

    def put(self, key: CacheKey, stored: StoredResponse) -> None:
        self._directory.put(slot_of(self._tier, key), key, stored)

    def drop(self, key: CacheKey, stored: StoredResponse) -> None:
        slot = slot_of(self._tier, key)
        self._directory.change(slot, partial(Index.drop, slot=slot, variant=variant_of(stored)))

    def forget(self, key: CacheKey) -> None:
        slot = slot_of(self._tier, key)
        self._directory.change(slot, partial(Index.forget, slot=slot))

    def invalidate(self, path_pattern: str) -> None:
        bans, number = self._directory.ban(partial(Index.invalidate, path_pattern=path_pattern))
        if path_pattern.startswith(TAG):
            bans.add_where(lambda _: True, number)  # what has which tag, only the disk knows
        else:
            bans.add(path_pattern, number)

    def forget_where(self, doomed: Doomed) -> None:
        bans, number = self._directory.ban(partial(Index.forget_where, doomed=doomed))
        bans.add_where(doomed, number)


def _locked(folder: Path) -> int:
    """The descriptor of the lock, which goes with the process. Raises `ConfigError`, `OSError`."""
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        (folder / ".gitignore").write_text("*\n", encoding="ascii")
    (folder / BODIES).mkdir(exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise ConfigError(
            "another edgesim keeps its stored responses there",
            where=str(folder),
            hint="stop it, or name another directory: --cache-dir DIR",
        ) from None
    return lock


if TYPE_CHECKING:
    _conforms: type[Backing] = BehindTier

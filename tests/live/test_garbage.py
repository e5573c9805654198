"""Which objects a full collection goes through while a store fills up."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.store import Store
from edgesim.http.message import Response
from edgesim.live.garbage import AFTER_PUTS, sparing


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def put(store: Store, count: int) -> None:
    for _ in range(count):
        store.put((f"/{store.puts}",), StoredResponse(Response(200), 0, 0, 0, 0, 60))


def test_what_is_stored_is_not_gone_through_again() -> None:
    store = Store()
    with sparing(lambda: store.puts):
        frozen = gc.get_freeze_count()
        put(store, 20 * AFTER_PUTS)
        assert gc.get_freeze_count() - frozen > 15 * AFTER_PUTS * 4, "objects of each, nearly all"
        assert len(gc.get_objects()) < 10 * AFTER_PUTS * 4
    before = gc.get_freeze_count()
    put(store, 20 * AFTER_PUTS)
    assert gc.get_freeze_count() <= before, "and only as long as it is wanted"


def test_what_replaces_others_counts_as_well() -> None:
    store = Store(capacity_bytes=1_000_000)
    with sparing(lambda: store.puts):
        put(store, 20 * AFTER_PUTS)
        assert len(store) < AFTER_PUTS
        assert len(gc.get_objects()) < 10 * AFTER_PUTS * 4


def test_where_little_is_stored_cycles_are_collected_as_ever() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.itself = self

    store = Store()
    with sparing(lambda: store.puts):
        put(store, AFTER_PUTS // 2)
        frozen = gc.get_freeze_count()
        for _ in range(50_000):
            Cycle()
        assert gc.get_freeze_count() == frozen
        assert gc.collect() < 5_000, "all but the youngest are gone"


def test_what_is_evicted_is_given_back_at_once() -> None:
    """Frozen or not: it is in no cycle that a collection would have to find."""
    store = Store()
    put(store, 1000)  # what is shared between responses is there now
    store.invalidate("/*")
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        put(store, 1000)
        store.invalidate("/*")
        assert len(store) == 0
        assert len(gc.get_objects()) < before + 500, "of 4,000 and more"
    finally:
        gc.enable()

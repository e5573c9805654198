from __future__ import annotations

from collections import OrderedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cache import shelves as module
from edgesim.cache.shelves import CacheKey, Shelf, Shelves


class Everything:
    """A keeper for whom all of them count."""

    moment = 0

    def holds(self, shelf: Shelf) -> bool:
        return True


steps = st.lists(
    st.tuples(st.sampled_from(["use", "remove", "oldest"]), st.integers(0, 30)), max_size=120
)


@pytest.mark.parametrize("tables", [1, 2, 256])
@given(steps)
@settings(max_examples=100, deadline=None)
def test_the_oldest_is_the_oldest_of_all_tables(tables: int, script: list[tuple[str, int]]) -> None:
    """However many tables there are, the order is that of one."""
    shelves, model = Shelves(tables), OrderedDict[CacheKey, Shelf]()
    for what, number in script:
        key = (f"/{number}",)
        if what == "use":
            shelf = shelves.get(key)
            assert shelf is model.get(key)
            if shelf is None:
                shelf = model[key] = Shelf(Everything(), key)
                shelves.add(shelf)
            model.move_to_end(key)
        elif what == "remove" and key in model:
            shelves.remove(model.pop(key))
        elif what == "oldest":
            assert shelves.oldest() is next(iter(model.values()), None)
        assert shelves.by_use() == list(model.values())
        assert len(shelves) == len(model)
        assert [shelves[shelf.index] for shelf in model.values()] == list(model.values())


def test_a_growing_table_is_small() -> None:
    """What a dictionary copies as it grows is a share of the keys, not all of them."""
    shelves = Shelves()
    for number in range(20_000):
        shelves.add(Shelf(Everything(), (f"/{number}",)))
    assert max(map(len, shelves._tables)) < 20_000 / module.TABLES * 2


def test_tables_are_made_when_a_key_needs_them() -> None:
    """A world has hundreds of caches, and most of them never have many keys."""
    shelves = Shelves()
    assert len({id(table) for table in shelves._tables}) == 1
    assert shelves.get(("/a",)) is None
    shelves.add(Shelf(Everything(), ("/a",)))
    assert len({id(table) for table in shelves._tables}) == 2

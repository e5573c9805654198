from __future__ import annotations

import gc

from edgesim.bench.run import spared


def test_collections_during_a_test_look_at_nothing_from_before() -> None:
    with spared():
        assert gc.get_freeze_count() > 1000
    assert gc.get_freeze_count() == 0

from __future__ import annotations

import json

import pytest

from edgesim.bench.summary import from_json
from tests.bench.runs import SERVER, recorded, run_of


def test_the_derived_figures() -> None:
    run = run_of([0.010] * 50 + [0.030] * 50, server=SERVER)
    assert run.per_s == pytest.approx(10)
    assert run.hit_ratio == 0.5
    assert run.offload == 0.5
    assert run.collapse_factor == 1.0
    assert run.cpu_us == pytest.approx(2000)
    assert run.total.mean_s == pytest.approx(0.020, rel=0.001)
    assert run.total.percentiles_s["50"] == pytest.approx(0.010, rel=0.001)
    assert run.total.percentiles_s["99"] == pytest.approx(0.030, rel=0.001)


def test_a_server_that_says_nothing_of_a_cache_has_no_hit_ratio() -> None:
    run = run_of([0.01] * 10, results="")
    assert run.hit_ratio is None
    assert run.offload is None
    assert run.cpu_us is None
    assert list(run.by_result) == ["2xx"]


def test_the_way_back_from_json() -> None:
    run = run_of([0.01, 0.02, 0.5] * 20, server=SERVER)
    assert from_json(json.loads(json.dumps(run.as_json()))) == run


def test_nothing_at_all_is_fine() -> None:
    run = run_of([])
    assert (run.per_s, run.hit_ratio, run.total.max_s) == (0, None, 0)


def test_seconds_are_in_order_and_the_rest_of_the_last_is_none() -> None:
    run = run_of([0.01] * 25)
    assert [second.second for second in run.timeline] == [0, 1, 2]
    assert sum(second.per_result["Hit"] for second in run.timeline) == 13
    assert recorded([0.01] * 25).total.count == 25

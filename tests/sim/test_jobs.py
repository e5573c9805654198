from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from edgesim.config.world import world
from edgesim.sim.answer import answer
from edgesim.sim.jobs import simulate
from edgesim.sim.results import as_json, results
from edgesim.sim.scenario import Scenario
from edgesim.sim.tally import Tally

from .small import small

GOLDEN = Path(__file__).with_name("golden.json")
"""Written by `python -m tests.sim.test_jobs`, when a change of the figures is meant."""


def report(scenario: Scenario, tallies: tuple[Tally, ...]) -> str:
    found = results(world(), scenario, tallies)
    return json.dumps(as_json(found, answer(found)), indent=1) + "\n"


def test_the_same_seed_gives_the_same_report_on_every_machine() -> None:
    assert report(small(), simulate(small())) == GOLDEN.read_text(encoding="utf-8")


def test_another_seed_gives_another_report() -> None:
    other = replace(small(), seed=2)
    assert report(other, simulate(other)) != GOLDEN.read_text(encoding="utf-8")


def test_processes_change_nothing() -> None:
    told: list[float] = []
    counted = simulate(small(), jobs=2, progress=told.append)
    assert report(small(), counted) == GOLDEN.read_text(encoding="utf-8")
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


@pytest.mark.filterwarnings("ignore")  # of the cluster's own
def test_a_cluster_changes_nothing() -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        host="127.0.0.1", silence_logs=50,
    ) as cluster:  # fmt: skip
        counted = simulate(small(), cluster=cluster.scheduler_address)
    assert report(small(), counted) == GOLDEN.read_text(encoding="utf-8")


if __name__ == "__main__":
    GOLDEN.write_text(report(small(), simulate(small())), encoding="utf-8")

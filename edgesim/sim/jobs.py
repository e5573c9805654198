"""The shards of a scenario in one process or in several, with the same result.

The longest ones begin first, so that no process is left with a long one at the end. What they
count is added in the order of the shards, whoever was ready first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any

from ..config.world import world
from .run import ShardRun
from .scenario import Scenario
from .shards import Shard, shards
from .tally import Tally

Progress = Callable[[float], None]
"""Told the share of all the work that is done."""


def simulate(
    scenario: Scenario, *, jobs: int = 1, cluster: str = "", progress: Progress = lambda _: None
) -> tuple[Tally, ...]:
    """What came of each model; `cluster` is the address of a dask scheduler."""
    parts = shards(world(), scenario)
    if cluster:
        counted = _on_cluster(scenario, parts, cluster, progress)
    elif jobs == 1:
        counted = _here(scenario, parts, progress)
    else:
        counted = _in_processes(scenario, parts, jobs, progress)
    tallies = tuple(Tally() for _ in scenario.models)
    for index, part in enumerate(parts):
        tallies[part.model].add(counted[index])
    return tallies


def run_shard(scenario: Scenario, shard: Shard) -> Tally:
    """One of them, in whichever process."""
    return ShardRun(world(), scenario, shard).run()


def _here(scenario: Scenario, parts: Sequence[Shard], progress: Progress) -> dict[int, Tally]:
    counted: dict[int, Tally] = {}
    whole, done = sum(part.share for part in parts), 0.0
    for index, part in enumerate(parts):

        def passed(share: float, before: float = done, part: Shard = part) -> None:
            progress((before + part.share * share) / whole)

        counted[index] = ShardRun(world(), scenario, part).run(passed)
        done += part.share
    return counted


def _in_processes(
    scenario: Scenario, parts: Sequence[Shard], jobs: int, progress: Progress
) -> dict[int, Tally]:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        begun = {pool.submit(run_shard, scenario, part): index for index, part in largest(parts)}
        return _gathered(as_completed(begun), begun, parts, progress)


def _on_cluster(
    scenario: Scenario, parts: Sequence[Shard], address: str, progress: Progress
) -> dict[int, Tally]:
    from distributed import Client  # noqa: PLC0415 - an extra
    from distributed import as_completed as completed  # noqa: PLC0415

    with Client(address) as client:
        begun = {client.submit(run_shard, scenario, part): index for index, part in largest(parts)}
        return _gathered(completed(list(begun)), begun, parts, progress)


def _gathered(
    ready: Iterator[Any], begun: dict[Any, int], parts: Sequence[Shard], progress: Progress
) -> dict[int, Tally]:
    counted: dict[int, Tally] = {}
    whole, done = sum(part.share for part in parts), 0.0
    for future in ready:
        counted[begun[future]] = future.result()
        done += parts[begun[future]].share
        progress(done / whole)
    return counted


def largest(parts: Sequence[Shard]) -> list[tuple[int, Shard]]:
    """All of them, each with its place, the one with most requests first."""
    return sorted(enumerate(parts), key=lambda one: -one[1].share)

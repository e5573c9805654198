"""Percentiles of an open loop against queueing arithmetic: known arrivals, known delays, a stall.

What wrk2 was written for: a tester that waits for an answer before it asks again leaves out all
those who would have come while the server stood still ("coordinated omission").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapreplace
from itertools import accumulate
from math import ceil
from random import Random

import pytest

from edgesim.bench.load import Load, Plan
from edgesim.bench.pace import Stage
from edgesim.bench.recorder import Recorder
from edgesim.bench.workload import Target, workload
from tests.bench.virtual import VirtualAlarm, VirtualLoop, run

HIT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Cache: Hit from cloudfront\r\n\r\nok"
ASKING = workload(Target("http", "edge.test", 80), {("GET", "/"): 1.0})
RATE, SECONDS, SEED = 400, 20, 7
STALL, STALL_S = 8.0, 1.0
PERCENTILES = (50.0, 90.0, 95.0, 99.0, 99.9)
WITHIN = 0.01
ENOUGH, TOO_FEW = 1000, 40
"""Connections: for everybody whom the stall holds up, or only as long as there is none."""


def delays(count: int) -> list[float]:
    """10 to 100 ms, and of a hundred one up to 300 ms."""
    random = Random(11)
    return [
        random.uniform(0.1, 0.3) if random.random() < 0.01 else random.uniform(0.01, 0.1)
        for _ in range(count)
    ]


DELAYS = delays(RATE * SECONDS * 2)


def thawed(moment: float) -> float:
    """When an answer comes that would have come at `moment`."""
    return STALL + STALL_S if STALL <= moment < STALL + STALL_S else moment


def schedule(*, poisson: bool) -> list[float]:
    """When requests are due: evenly spaced, or with exponential gaps."""
    if not poisson:
        return [number / RATE for number in range(RATE * SECONDS)]
    random = Random(f"arrivals {SEED}")
    gaps = (random.expovariate(1.0) / RATE for _ in range(RATE * SECONDS * 2))
    return [moment for moment in accumulate(gaps) if moment < SECONDS]


def expected(due: Sequence[float], connections: int) -> tuple[list[float], int]:
    """Latencies from when requests were due, each on the connection that is free first.

    And how many found none free.
    """
    free, latencies, queued = [0.0] * connections, [], 0
    for moment, delay in zip(due, DELAYS, strict=False):
        queued += free[0] > moment
        answered = thawed(max(moment, free[0]) + delay)
        heapreplace(free, answered)
        latencies.append(answered - moment)
    return latencies, queued


def nearest_rank(latencies: Sequence[float], percent: float) -> float:
    return sorted(latencies)[ceil(percent * len(latencies) / 100) - 1]


def measured(plan: Plan, *, connecting_s: float = 0.0) -> Recorder:
    """What the load tester says of a server that delays the nth request by the nth delay."""
    coming = iter(DELAYS)

    def server(_: bytes, answer: Callable[[bytes], None]) -> None:
        loop.call_at(thawed(loop.now + next(coming)), answer, HIT)

    loop = VirtualLoop(server, connecting_s)
    recorder = Recorder()
    run(Load(ASKING, plan, recorder, clock=loop.time, waker=VirtualAlarm), loop)
    return recorder


def plan(connections: int, *, poisson: bool = False) -> Plan:
    stages = [Stage(SECONDS, RATE, RATE)]
    return Plan(connections, SECONDS, stages=stages, poisson=poisson, seed=SEED)


@pytest.mark.parametrize("poisson", [False, True], ids=["constant", "poisson"])
@pytest.mark.parametrize("connections", [ENOUGH, TOO_FEW], ids=["enough", "too few"])
def test_an_open_loop_is_right_within_one_percent(connections: int, poisson: bool) -> None:
    due = schedule(poisson=poisson)
    true, queued = expected(due, connections)
    seen = measured(plan(connections, poisson=poisson))
    latencies = seen.total.latencies
    assert (latencies.count, seen.queued) == (len(due), queued)
    for percent in PERCENTILES:
        exact = nearest_rank(true, percent)
        assert latencies.percentile(percent) == pytest.approx(exact, rel=WITHIN)
    assert latencies.max_s() == pytest.approx(max(true), rel=WITHIN)
    assert latencies.mean_s() == pytest.approx(sum(true) / len(true), rel=WITHIN)
    assert max(true) > STALL_S, "somebody came when the stall began"
    assert (queued > RATE * STALL_S) == (connections == TOO_FEW)


def test_the_clock_starts_when_everybody_is_connected() -> None:
    """Else a slow handshake would be in the first latencies, or hold back those behind."""
    loop_plan = Plan(50, 1.0, stages=[Stage(1.0, RATE, RATE)], poisson=False)
    quick, slow = measured(loop_plan), measured(loop_plan, connecting_s=0.5)
    assert slow.total.latencies.counts == quick.total.latencies.counts
    assert slow.total.latencies.count == RATE


def test_a_closed_loop_leaves_out_who_would_have_come() -> None:
    """Why there are open loops: of viewers who take turns each sees the stall once."""
    closed = measured(Plan(TOO_FEW, SECONDS)).total.latencies
    true, _ = expected(schedule(poisson=False), ENOUGH)
    assert nearest_rank(true, 99) > 0.8
    assert closed.percentile(99) < 0.2

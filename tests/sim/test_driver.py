from __future__ import annotations

from typing import Any

import pytest

from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.origin import Origin
from edgesim.effects import Effect, Flight, Spawn, Steps, fetch, invoke, join, travel
from edgesim.errors import OriginError
from edgesim.http.message import Request, Response
from edgesim.sim.driver import Simulation, Timed
from edgesim.topology.network import Link

ORIGIN, GET = Origin("o", host="o.test"), Request("GET", "/")


def simulation(answer: object = Response(204), seconds: float = 0.5) -> Simulation:
    return Simulation(
        lambda _origin, _request: Timed(answer, seconds),
        lambda _function, _trigger, event: Timed(event, 0.25),
        start=100.0,
    )


def everything() -> Steps[int]:
    yield from travel(Link("far", 2.0), GET)
    yield from travel(Link("near"), GET)
    yield from invoke(Function("f"), Trigger.VIEWER_REQUEST, {})
    return (yield from fetch(ORIGIN, GET)).status


def test_each_effect_takes_its_time() -> None:
    sim = simulation()
    assert sim.finish(everything()) == 204
    assert sim.now == 100 + 1.0 + 0 + 0.25 + 0.5, "half a round trip, and nothing for no link"


def test_an_error_is_raised_where_it_was_waited_for() -> None:
    with pytest.raises(OriginError):
        simulation(OriginError("refused")).finish(fetch(ORIGIN, GET))


def test_time_never_runs_backwards() -> None:
    sim = simulation()
    seen: list[float] = []

    def noting() -> Steps[None]:
        seen.append(sim.now)
        yield Spawn(travel(Link("near"), GET))

    sim.at(3.0, noting())
    sim.run()
    sim.run(until=50.0)
    assert (seen, sim.now) == ([100.0], 100.0), "a moment that is over comes now"


def test_joiners_go_on_when_the_flight_lands() -> None:
    sim, flight, landed = simulation(), Flight(), []

    def joining() -> Steps[None]:
        reusable = yield from join(flight)
        landed.append((sim.now, reusable))

    def leading() -> Steps[None]:
        yield from fetch(ORIGIN, GET)
        flight.reusable = True
        flight.land()

    for steps in (joining(), leading(), joining()):
        sim.at(sim.now, steps)
    sim.run()
    sim.finish(joining())
    assert landed == [(100.5, True)] * 3, "who comes late does not wait"


def test_a_watcher_sees_what_took_time() -> None:
    sim, seen = simulation(), []

    def watch(_steps: Steps[Any], effect: Effect, reply: Timed) -> None:
        seen.append((type(effect).__name__, sim.now, reply.seconds))

    sim.watcher = watch
    sim.finish(everything())
    assert seen == [("Travel", 100, 1.0), ("Invoke", 101, 0.25), ("Fetch", 101.25, 0.5)]

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgesim.cache import store
from edgesim.edge import Served
from edgesim.effects import Effect, Steps, Waiting
from edgesim.http.head import framed
from edgesim.http.message import Viewer
from edgesim.live.driver import Driver
from edgesim.live.fast_lane import Begun, answered
from edgesim.live.memo import HeadMemo
from edgesim.live.running import Running
from tests.conftest import World

scripts = st.lists(
    st.tuples(st.just("get"), st.sampled_from(["/a", "/b", "/b/c", "/c"]))
    | st.tuples(st.just("wait"), st.sampled_from([0.25, 0.5, 1.0, 29.5, 36.0]))
    | st.tuples(st.just("invalidate"), st.sampled_from(["/a", "/*", "/b*", "/c/*", "/a/b"])),
    max_size=40,
)


class Forgetful(HeadMemo):
    """A memo that never remembers, for comparison."""

    def learn(self, *_: object) -> None:
        pass


def rest(waiting: Waiting[Served]) -> Steps[Served]:
    """The same lifecycle, for a driver that wants to start it itself."""
    effect: Effect = waiting.effect
    try:
        while True:
            effect = waiting.steps.send((yield effect))
    except StopIteration as done:
        served: Served = done.value
        return served


def wire(world: World, running: Running, target: str) -> bytes:
    """The bytes a viewer would be sent."""
    head = f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    outcome = answered(running, head, Viewer(), "id")
    assert outcome is not None
    if isinstance(outcome, Begun):
        assert isinstance(outcome.outcome, Waiting)
        response = world.sim.finish(rest(outcome.outcome)).response
        assert isinstance(response.body, bytes)
        return framed(response, "GET", "1.1", keep_alive=True).head + response.body
    return outcome.head + outcome.body


def replay(script: list[tuple[str, str | float]], memo: HeadMemo) -> tuple[object, ...]:
    world = World()
    world.origin.headers = {"Cache-Control": "max-age=30, stale-while-revalidate=5"}
    running = Running(world.edge, Driver(None, None))  # type: ignore[arg-type]  # virtual time
    running.memos["http"] = memo
    sent = []
    for step in script:
        match step:
            case ("get", str(target)):
                sent.append(wire(world, running, target))
            case ("wait", float(seconds)):
                world.pass_time(seconds)
            case ("invalidate", str(pattern)):
                for tier in world.tiers:
                    tier.invalidate(pattern)
    return (*sent, len(world.origin.requests))


@pytest.mark.parametrize("at_once", [store.AT_ONCE, 1], ids=["swept at once", "swept later"])
@given(scripts)
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_memo_changes_no_byte(
    monkeypatch: pytest.MonkeyPatch, at_once: int, script: list[tuple[str, str | float]]
) -> None:
    monkeypatch.setattr(store, "AT_ONCE", at_once)
    assert replay(script, HeadMemo()) == replay(script, Forgetful())


def test_a_memo_line_is_gone_with_its_stored_response() -> None:
    world = World()
    world.origin.headers = {"Cache-Control": "max-age=30"}
    running = Running(world.edge, Driver(None, None))  # type: ignore[arg-type]  # virtual time
    wire(world, running, "/a")
    first = wire(world, running, "/a")
    head = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    assert running.memos["http"].recall(head, world.sim.now) is not None
    assert running.memos["http"].recall(head, world.sim.now + 1) is None, "its age turned over"
    for tier in world.tiers:
        tier.store.invalidate("/a")
    assert running.memos["http"].recall(head, world.sim.now) is None
    assert wire(world, running, "/a") != first

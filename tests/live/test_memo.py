from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgesim.cache import store
from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.managed_policies import CACHE_POLICIES
from edgesim.cloudfront.policies import CachePolicy, Choice, Selection
from edgesim.edge import Served
from edgesim.effects import Effect, Steps, Waiting
from edgesim.errors import EdgesimError
from edgesim.http.head import framed
from edgesim.http.message import Viewer
from edgesim.live.driver import Driver
from edgesim.live.fast_lane import Begun, answered
from edgesim.live.memo import MAX_BARED_BYTES, HeadMemo, bared
from edgesim.live.ports import Visited
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

    def learn(self, *_: object, **__: object) -> None:
        pass


class Remembering(HeadMemo):
    """Counts the heads to which others alike are spared the lifecycle."""

    times = 0

    def learn(self, *given: object, indifferent: bool = False) -> None:
        self.times += indifferent
        super().learn(*given, indifferent=indifferent)  # type: ignore[arg-type]  # as they came


def rest(waiting: Waiting[Served]) -> Steps[Served]:
    """The same lifecycle, for a driver that wants to start it itself."""
    effect: Effect = waiting.effect
    try:
        while True:
            try:
                reply = yield effect
            except EdgesimError as error:
                effect = waiting.steps.throw(error)
            else:
                effect = waiting.steps.send(reply)
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
        framing = framed(response, "GET", "1.1", keep_alive=True)
        return framing.head + framing.last + framing.coded(response.body)
    return outcome.framing.head + outcome.framing.last + outcome.body


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


FIELDS = [
    "Cookie: session=1; theme=dark",
    "cookie: session=2",
    "Cookie:",
    "COOKIE:  session=3\t ",
    "User-Agent: Mozilla/5.0 (iPhone)",
    "User-Agent: caf\xe9",
    "User-Agent: a\x01b",
    "Accept: text/html",
    "Accept-Language: de, en;q=0.5",
    "Accept-Encoding: gzip",
    "Accept-Encoding: br, gzip",
    "Referer: http://x/",
    "Cookie : spaced=1",
    "X-Cookie: other=1",
    " folded=1",
    "Host: twice",
    'If-None-Match: "v1"',
    "Range: bytes=1-2",
    "Connection: keep-alive",
    "Connection: close",
    "Origin: http://y",
]
"""Such as any parser takes, such as some take, and such as none may."""

heads = st.lists(
    st.tuples(
        st.sampled_from(["GET /a", "GET /b?c", "HEAD /a"]),
        st.lists(st.sampled_from(FIELDS), max_size=4),
    ),
    min_size=2,
    max_size=12,
)
KEYS = {
    "nothing of it": replace(CACHE_POLICIES["CachingOptimized"], name="nothing"),
    "one cookie": replace(
        CACHE_POLICIES["CachingOptimized"],
        name="cookie",
        cookies=Selection(Choice.LISTED, frozenset({"session"})),
    ),
    "the agent": replace(
        CACHE_POLICIES["CachingOptimized"],
        name="agent",
        headers=Selection(Choice.LISTED, frozenset({"user-agent"})),
    ),
    "the device": replace(
        CACHE_POLICIES["CachingOptimized"],
        name="device",
        headers=Selection(Choice.LISTED, frozenset({"cloudfront-is-mobile-viewer"})),
    ),
}


def sent(script: list[tuple[str, list[str]]], policy: CachePolicy, memo: HeadMemo) -> list[object]:
    world = World()
    world.origin.headers = {"Cache-Control": "max-age=30", "ETag": '"v1"'}
    behavior = world.edge.distribution.behaviors[0]
    behavior = replace(behavior, rules=CloudFrontCaching(policy), cache_policy=policy)
    edge = replace(world.edge, distribution=replace(world.edge.distribution, behaviors=(behavior,)))
    running = Running(edge, Driver(None, None))  # type: ignore[arg-type]  # virtual time
    running.memos["http"] = memo
    found: list[object] = []
    for line, fields in script:
        text = "\r\n".join([f"{line} HTTP/1.1", *fields[:2], "Host: x", *fields[2:], "", ""])
        outcome = answered(running, text.encode("latin-1"), Viewer(), "id")
        if isinstance(outcome, Begun):
            assert isinstance(outcome.outcome, Waiting)
            world.sim.finish(rest(outcome.outcome))
            found.append("waits")
        else:
            found.append(outcome and (outcome.framing, outcome.body))
    return [*found, len(world.origin.requests)]


@pytest.mark.parametrize("policy", KEYS.values(), ids=KEYS.keys())
@given(heads)
@settings(max_examples=60, deadline=None)
def test_heads_that_differ_get_what_each_would_get(
    policy: CachePolicy, script: list[tuple[str, list[str]]]
) -> None:
    assert sent(script, policy, HeadMemo()) == sent(script, policy, Forgetful())


def test_fields_outside_the_key_make_no_other_line() -> None:
    """Otherwise no two browsers would ever share one."""
    remembered = Remembering()
    script: list[tuple[str, list[str]]] = [
        ("GET /a", [f"Cookie: session={n}", f"User-Agent: {n}"]) for n in range(5)
    ]
    for policy, learnt in zip(KEYS.values(), (1, 0, 0, 0), strict=True):
        remembered.times = 0
        sent(script, policy, remembered)
        assert remembered.times == learnt, policy.name


def test_a_head_that_was_another_s_says_what_it_is_itself() -> None:
    """The access line has this viewer's fields, not those of who came first."""
    memo, stored = HeadMemo(), World()
    stored.origin.headers = {"Cache-Control": "max-age=30"}
    policy = KEYS["nothing of it"]
    sent([("GET /a", [f"Cookie: n={n}"]) for n in range(2)], policy, memo)
    mine = b"GET /a HTTP/1.1\r\nCookie: n=7\r\nHost: x\r\n\r\n"
    answer = memo.recall_alike(mine, stored.sim.now)
    assert answer is not None
    visited = Visited(answer.request or mine, answer.served, "id")
    assert visited.request.headers.get("cookie") == "n=7"


def test_a_head_that_may_be_too_long_is_not_bared() -> None:
    head = b"GET / HTTP/1.1\r\nCookie: %b\r\n\r\n"
    assert bared(head % b"a") == b"GET / HTTP/1.1\r\n\r\n"
    assert bared(head % (b"a" * MAX_BARED_BYTES)) == head % (b"a" * MAX_BARED_BYTES)


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

"""The memo of requests on whose way functions run: it changes no byte, no count and no call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cloudfront.distribution import Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.policies import CachePolicy, listed
from edgesim.effects import Waiting
from edgesim.functions import as_function
from edgesim.http.head import framed
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer
from edgesim.live.driver import Driver
from edgesim.live.fast_lane import Begun, answered
from edgesim.live.memo import HeadMemo
from edgesim.live.running import Running
from edgesim.runtimes.function_set import FunctionSet
from tests.conftest import World
from tests.live.test_memo import rest

POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=30, max_ttl_s=30, headers=listed("x-variant"))
VIEWER_REQUEST, VIEWER_RESPONSE = Trigger.VIEWER_REQUEST, Trigger.VIEWER_RESPONSE

Before = Callable[[Request], Request | Response]
After = Callable[[Response], Response]


def variant(name: str) -> Before:
    return lambda request: request.with_headers(request.headers.with_("X-Variant", name))


def fails(_: object) -> Any:
    raise KeyError("no such thing")


async def later(request: Request) -> Request:
    return request


BEFORE: dict[str, Callable[[Request], Any]] = {
    "nothing": lambda request: request,
    "one variant": variant("a"),
    "another": variant("b"),
    "elsewhere": lambda request: Request("GET", "/other", request.headers),
    "answers": lambda _: Response(302, Headers([("Location", "/")])),
    "fails": fails,
    "breaks a rule": lambda request: request.with_headers(request.headers.without("host")),
    "waits": later,
}
AFTER: dict[str, After] = {
    "nothing": lambda response: response,
    "a field": lambda response: response.with_headers(response.headers.with_("X-A", "1")),
    "fails": fails,
}

scripts = st.lists(
    st.tuples(st.just("get"), st.sampled_from(["/a", "/b"]), st.sampled_from(["1.2.3.4", "::1"]))
    | st.tuples(st.just("head"), st.just("/a"), st.just("1.2.3.4"))
    | st.tuples(st.just("wait"), st.sampled_from([0.25, 1.0, 29.5]))
    | st.tuples(st.just("before"), st.sampled_from(sorted(BEFORE)))
    | st.tuples(st.just("after"), st.sampled_from(sorted(AFTER)))
    | st.tuples(st.just("invalidate"), st.sampled_from(["/a", "/*"])),
    max_size=40,
)


class Forgetful(HeadMemo):
    """A memo that never remembers, for comparison."""

    def rehearse(self, *_: object) -> None:
        pass


class Counting(HeadMemo):
    """Counts how often it had an answer."""

    times = 0

    def rehearsed(self, head: bytes, ip: str, now: float) -> Any:
        found = super().rehearsed(head, ip, now)
        self.times += found is not None
        return found


class Play:
    """An edge in virtual time whose functions do as they are told."""

    def __init__(self, memo: HeadMemo) -> None:
        self.before, self.after = BEFORE["nothing"], AFTER["nothing"]
        self.calls: list[object] = []
        functions = [
            as_function(self._asked, VIEWER_REQUEST.value),
            as_function(self._amended, VIEWER_RESPONSE.value),
        ]
        self.functions = asyncio.run(FunctionSet.start(functions, lambda _: None))
        self.world = World(
            {trigger: partial(self._run, trigger) for trigger in (VIEWER_REQUEST, VIEWER_RESPONSE)},
            policy=POLICY,
        )
        self.world.origin.headers = {"Cache-Control": "max-age=30"}
        self.running = Running(self.world.edge, Driver(None, self.functions))  # type: ignore[arg-type]  # virtual time
        self.running.memos["http"] = memo
        self.number = 0

    def _asked(self, request: Request) -> Any:
        self.calls.append(request)
        return self.before(request)

    def _amended(self, request: Request, response: Response) -> Response:
        self.calls.append((request, response))
        return self.after(response)

    def _run(self, trigger: Trigger, event: Json) -> Any:
        """For the part of a lifecycle that waits."""
        warm = self.functions.warm[trigger.value]
        return asyncio.run(warm.invoke(warm.function, trigger, event))

    def get(self, method: str, target: str, ip: str) -> object:
        self.number += 1
        head = f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        outcome = answered(self.running, head, Viewer(ip), f"id-{self.number}")
        assert outcome is not None
        if isinstance(outcome, Begun):
            served = outcome.outcome
            if isinstance(served, Waiting):
                served = self.world.sim.finish(rest(served))
            assert served is not None
            response = served.response
            assert isinstance(response.body, bytes)
            framing = framed(response, method, "1.1", keep_alive=True)
            return framing, response.body, None
        ids = [
            step.effect.event["Records"][0]["cf"]["config"]["requestId"] for step in outcome.steps
        ]  # type: ignore[union-attr]
        return outcome.framing, outcome.body, ids, outcome.served.result_type

    def through(self, script: list[tuple[Any, ...]]) -> tuple[object, ...]:
        sent: list[object] = []
        for step in script:
            match step:
                case ("get" | "head" as method, target, ip):
                    sent += [self.get(method.upper(), target, ip) for _ in range(3)]
                case ("wait", seconds):
                    self.world.pass_time(seconds)
                case ("before", name):
                    self.before = BEFORE[name]
                case ("after", name):
                    self.after = AFTER[name]
                case ("invalidate", pattern):
                    for tier in self.world.tiers:
                        tier.invalidate(pattern)
        counted = [warm.metrics.shown() for warm in self.functions.warm.values()]
        for one in counted:
            del one["duration_ms"], one["billed_ms"]
        return sent, self.calls, counted, len(self.world.origin.requests)


@given(scripts)
@settings(max_examples=150, deadline=None)
def test_the_memo_changes_no_byte_and_no_call(script: list[tuple[Any, ...]]) -> None:
    assert Play(HeadMemo()).through(script) == Play(Forgetful()).through(script)


def test_it_is_used() -> None:
    memo = Counting()
    play = Play(memo)
    one, other = ("GET", "/a", "1.2.3.4"), ("GET", "/a", "::1")
    told = [play.get(*one) for _ in range(4)]
    assert memo.times == 2 * 2, "the third is answered from it, before and after its functions"
    assert told[1][:2] == told[2][:2]  # type: ignore[index]
    assert told[2][2] == ["id-3", "id-3"], "its functions see its own id"  # type: ignore[index]
    play.get(*other)
    assert memo.times == 4, "from another address it is another event"
    play.before = BEFORE["another"]
    play.get(*one)
    assert memo.times == 5, "a function that did otherwise is believed"
    assert len(play.calls) == 6 * 2, "each ran once for each request"

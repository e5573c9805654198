"""The memo of requests on whose way functions run: it changes no byte, no count and no call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cloudfront.function import Association, Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import CachePolicy, listed
from edgesim.cloudfront.result_type import ResultType
from edgesim.config.deployment import Deployment
from edgesim.edge import Served
from edgesim.effects import Waiting
from edgesim.errors import OriginError
from edgesim.functions import as_function
from edgesim.http.head import framed
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer
from edgesim.live.bodies import Arriving
from edgesim.live.driver import Driver
from edgesim.live.fast_lane import Begun, answered, begun
from edgesim.live.memo import Answer, HeadMemo
from edgesim.live.rehearsal import Rehearsal
from edgesim.live.running import Running
from edgesim.runtimes.function_set import FunctionSet
from tests.conftest import World
from tests.live.test_memo import rest

from .edge import Connection, InMemory, LiveEdge, deployment, field_of, live_edge, says

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
        viewer, request_id = Viewer(ip), f"id-{self.number}"
        outcome = answered(self.running, head, viewer, request_id)
        waits = isinstance(outcome, Rehearsal)
        if isinstance(outcome, Rehearsal):
            asyncio.run(outcome.awaited())
            done = outcome.timeline
            outcome = outcome.answer or begun(self.running, head, viewer, request_id, done)
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
        if waits:  # without the memo it would have begun
            return outcome.framing, outcome.body, None
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


# ---------------------------------------------------------------- functions that have to wait


class Gate:
    """A function that waits until it is let on, and does as it is told."""

    def __init__(self) -> None:
        self.does: Callable[[Request], Any] = BEFORE["nothing"]
        self.open = asyncio.Event()
        self.open.set()
        self.arrived = asyncio.Event()
        self.calls = 0

    async def __call__(self, request: Request) -> Any:
        self.calls += 1
        self.arrived.set()
        await self.open.wait()
        return self.does(request)

    def shut(self) -> None:
        self.open.clear()
        self.arrived.clear()


@asynccontextmanager
async def edge_behind(gate: Gate) -> AsyncIterator[tuple[LiveEdge, InMemory, Connection]]:
    """An edge that has rehearsed `/a` for viewers of this machine, and a connection to it."""
    function = as_function(gate, "gate")
    base = deployment()
    behavior = replace(
        base.distribution.behaviors[0], functions={VIEWER_REQUEST: Association(function)}
    )
    distribution = replace(base.distribution, behaviors=(behavior,))
    origin = InMemory(says(cache_control="max-age=600"))
    deployed = replace(base, distribution=distribution, functions=(function,))
    async with live_edge(origin, deployed, clock=lambda: 1_000_000.0) as edge:
        connection = await edge.connect()
        for _ in range(2):
            await connection.ask("GET", "/a")
        yield edge, origin, connection
        await connection.close()


A = b"GET /a HTTP/1.1\r\nHost: www.example.test\r\n\r\n"
B = A.replace(b"/a", b"/b")


def counted(edge: LiveEdge) -> Counting:
    memo = Counting()
    known = edge.server.running.memos["http"]
    memo._rehearsed = known._rehearsed
    edge.server.running.memos["http"] = memo
    return memo


def begins(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """The requests whose lifecycles begin from now on."""
    seen: list[Request] = []
    begin = Running.begin

    def counting(self: Running, request: Request, *others: Any) -> Any:
        seen.append(request)
        return begin(self, request, *others)

    monkeypatch.setattr(Running, "begin", counting)
    return seen


async def test_a_function_that_waits_is_waited_for() -> None:
    gate = Gate()
    async with edge_behind(gate) as (edge, origin, connection):
        memo = counted(edge)
        heads = []
        for lines in ((), (), ("Connection: Keep-Alive, x",)):  # the last takes the ordinary path
            response, body = await connection.ask("GET", "/a", *lines)
            assert body == b"hello"
            timing = field_of(response, "server-timing") or ""
            assert 'viewer-request;desc="gate";dur=' in timing, "as long as it took"
            apart = {b"x-amz-cf-id", b"server-timing"}
            heads.append(
                [(n, v) for n, v in response.headers.raw_items() if n.lower() not in apart]
            )
        assert heads[0] == heads[1] == heads[2]
        assert memo.times == 2 * 2, "it was found, and still held when the function was done"
        assert (gate.calls, len(origin.requests)) == (5, 1)
        ids = [visit.request_id for visit in edge.watching.visits]
        seen = [
            visit.steps[0].effect.event["Records"][0]["cf"]["config"]["requestId"]
            for visit in edge.watching.visits
        ]  # type: ignore[union-attr]
        assert seen == ids
        assert all(visit.seconds > 0 for visit in edge.watching.visits)


async def test_requests_meanwhile_are_answered_in_their_order() -> None:
    gate = Gate()
    async with edge_behind(gate) as (_, _, connection):
        gate.shut()
        await connection.send(A)
        await gate.arrived.wait()
        await connection.send(B + A)
        gate.does = lambda request: request
        gate.open.set()
        answers = [await connection.answer() for _ in range(3)]
        results = [field_of(response, "x-cache") for response, _ in answers]
        assert results == ["Hit from cloudfront", "Miss from cloudfront", "Hit from cloudfront"]
        assert gate.calls == 5


async def test_a_function_that_does_otherwise_is_believed_and_not_run_again() -> None:
    gate = Gate()
    async with edge_behind(gate) as (edge, _, connection):
        for does, status in (("answers", 302), ("fails", 503), ("elsewhere", 200)):
            gate.does = BEFORE[does]
            before = gate.calls
            response, _ = await connection.ask("GET", "/a")
            assert (response.status_code, gate.calls - before) == (status, 1)
        gate.does = BEFORE["nothing"]
        response, _ = await connection.ask("GET", "/a")
        assert field_of(response, "x-cache") == "Hit from cloudfront"
        assert edge.watching.crashes == []


TAUGHT: list[tuple[Callable[[Answer], Answer], int, str]] = [
    # what another request has taught meanwhile                              lifecycles  why
    (replace, 0, "the same came of it, a second older"),
    (lambda answer: replace(answer, steps=[replace(answer.steps[0], reply={})]), 1, "another"),
    (lambda answer: replace(answer, steps=[]), 1, "nothing ran for it"),
]


@pytest.mark.parametrize(("taught", "begins_anew", "why"), TAUGHT)
async def test_what_others_taught_meanwhile_holds_if_it_came_about_alike(
    monkeypatch: pytest.MonkeyPatch, taught: Callable[[Answer], Answer], begins_anew: int, why: str
) -> None:
    """Or all in flight while an age turns over would begin anew, and outdate one another."""
    gate = Gate()
    async with edge_behind(gate) as (edge, _, connection):
        lifecycles = begins(monkeypatch)
        gate.shut()
        await connection.send(A)
        await gate.arrived.wait()
        lines = edge.server.running.memos["http"]._rehearsed
        ((key, line),) = lines.items()
        lines[key] = replace(line, answer=taught(line.answer))
        gate.open.set()
        _, body = await connection.answer()
        assert body == b"hello"
    assert len(lifecycles) == begins_anew, why


async def test_what_was_forgotten_meanwhile_is_fetched_anew() -> None:
    gate = Gate()
    async with edge_behind(gate) as (edge, origin, connection):
        gate.shut()
        await connection.send(A)
        await gate.arrived.wait()
        await edge.server.invalidate("/a")
        gate.open.set()
        response, _ = await connection.answer()
        assert field_of(response, "x-cache") == "Miss from cloudfront"
        assert (gate.calls, len(origin.requests)) == (3, 2)


@pytest.mark.parametrize("does", ["nothing", "elsewhere"])
async def test_a_viewer_that_leaves_meanwhile_costs_nothing(does: str) -> None:
    gate = Gate()
    async with edge_behind(gate) as (edge, origin, _):
        leaving = await edge.connect()
        gate.shut()
        await leaving.send(A)
        await gate.arrived.wait()
        await leaving.close()
        while len(edge.server._web.connections) > 1:  # type: ignore[union-attr]
            await asyncio.sleep(0)
        gate.does = BEFORE[does]
        gate.open.set()
        await edge.server.running.drained()
        assert edge.watching.crashes == []
        assert (await edge.get("/other")).status_code == 200
        assert [request.target for request in origin.requests] == ["/a", "/other"]


async def test_a_stop_waits_for_it() -> None:
    gate = Gate()
    async with edge_behind(gate) as (edge, _, connection):
        gate.shut()
        await connection.send(A)
        await gate.arrived.wait()
        stopping = asyncio.ensure_future(edge.server.stop())
        await asyncio.sleep(0)
        gate.open.set()
        _, body = await connection.answer()
        assert body == b"hello"
        await stopping


async def test_what_grew_stale_while_a_function_ran_is_not_remembered() -> None:
    now, takes_s = [1_000_000.0], [1.0, 1.0, 0.0]

    async def slow(response: Response) -> Response:
        now[0] += takes_s.pop(0)
        return response

    function = as_function(slow, "slow")
    base = deployment()
    functions = {VIEWER_RESPONSE: Association(function)}
    behavior = replace(base.distribution.behaviors[0], functions=functions)
    distribution = replace(base.distribution, behaviors=(behavior,))
    origin = InMemory(says(cache_control="max-age=2"))
    deployed = replace(base, distribution=distribution, functions=(function,))
    async with live_edge(origin, deployed, clock=lambda: now[0]) as edge:
        results = [field_of(await edge.get("/a"), "x-cache") for _ in range(3)]
    assert results == ["Miss from cloudfront", "Hit from cloudfront", "Miss from cloudfront"]
    assert len(origin.requests) == 2, "after two seconds it is asked again"


async def test_its_connection_is_no_idle_one() -> None:
    gate = Gate()
    async with edge_behind(gate) as (edge, _, connection):
        gate.shut()
        await connection.send(A)
        await gate.arrived.wait()
        protocol = next(iter(edge.server._web.connections))  # type: ignore[union-attr]
        protocol._next_keepalive_close_time = 0.0
        protocol._process_keepalive()
        gate.open.set()
        _, body = await connection.answer()
        assert body == b"hello"


# ---------------------------------------------------------------- an origin that no cache hides

DATE, NEXT = "Fri, 15 Jan 2027 08:00:00 GMT", "Fri, 15 Jan 2027 08:00:01 GMT"


def came(body: bytes = b"hello", status: int = 200, date: str = DATE, **more: str) -> Response:
    lines = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Date", date)]
    lines += [(name.replace("_", "-"), value) for name, value in more.items()]
    return Response(status, Headers(lines), body)


async def pieces(*all_of_it: bytes) -> AsyncIterator[bytes]:
    for piece in all_of_it:
        yield piece


ORIGIN: dict[str, Callable[[], Any]] = {
    "the same": came,
    "another body": lambda: came(b"world"),
    "a second later": lambda: came(date=NEXT),
    "a cookie": lambda: came(Set_Cookie="a=b"),
    "a longer body": lambda: came(b"hello!"),
    "another phrase": lambda: replace(came(), reason="Fine"),
    "not found": lambda: came(b"gone?", 404),
    "no date": lambda: Response(200, Headers([("Content-Length", "5")]), b"hello"),
    "no length": lambda: Response(200, Headers([("Date", DATE)]), b"hello"),
    "in pieces": lambda: came().with_body(Arriving(pieces(b"he", b"llo"), 5, lambda: None)),
    "fails": lambda: OriginError("it is gone", code="OriginConnectError"),
}
GOES_AS_BEFORE = [
    # what the origin answers, one after the other                  from the memo
    (["the same"] * 4, 3),
    (["the same", "another body", "the same"], 2),
    (["the same", "a second later", "a second later", "the same"], 1),
    (["the same", "a cookie", "a cookie", "a longer body", "a longer body"], 2),
    (["another phrase", "another phrase", "the same", "the same"], 2),
    (["the same", "not found", "not found", "the same"], 1),
    (["no date"] * 3, 0),
    (["no length"] * 3, 0),
    (["the same", "in pieces", "the same", "in pieces"], 1),
    (["the same", "fails", "the same", "fails", "fails"], 1),
]


def amended(amends: bool, origin: Origin = Origin("app", host="127.0.0.1", port=9)) -> Deployment:
    """An origin that no cache stands before, perhaps with a function on either side."""

    async def stamped(response: Response) -> Response:
        return response.with_headers(response.headers.with_("X-Stamp", "1"))

    functions = (as_function(variant("a"), "before"), as_function(stamped, "after"))
    base = deployment("CachingDisabled", origin=origin)
    triggers = zip((VIEWER_REQUEST, VIEWER_RESPONSE), map(Association, functions), strict=True)
    behavior = replace(base.distribution.behaviors[0], functions=dict(triggers) if amends else {})
    distribution = replace(base.distribution, behaviors=(behavior,))
    return replace(base, distribution=distribution, functions=functions if amends else ())


@pytest.mark.parametrize("amends", [False, True], ids=["", "behind functions"])
@pytest.mark.parametrize(("answers", "remembered"), GOES_AS_BEFORE)
async def test_what_an_origin_answers_is_passed_on_as_it_would_be_without_the_memo(
    answers: list[str], remembered: int, amends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycles = begins(monkeypatch)
    deployed = amended(amends)
    told = []
    for memo in (HeadMemo(), Forgetful()):
        lifecycles.clear()
        coming = iter(answers)
        origin = InMemory(lambda _, coming=coming: ORIGIN[next(coming)]())  # type: ignore[misc]
        async with live_edge(origin, deployed, clock=lambda: 1_800_000_000.0) as edge:
            edge.server.ids._prefix = "id"
            edge.server.running.memos["http"] = memo
            connection = await edge.connect()
            seen: list[object] = []
            for _ in answers:
                response, body = await connection.ask("GET", "/a?b=c", "Cookie: d=e")
                lines = [
                    line
                    for line in response.headers.raw_items()
                    if line[0].lower() != b"server-timing"
                ]
                seen.append((response.status_code, response.reason, lines, body))
            await connection.close()
            for visit in edge.watching.visits:
                kinds = [type(step.effect).__name__ for step in visit.steps]
                failure = visit.served.failure and visit.served.failure.code
                at = visit.request_id, visit.request.headers, visit.served.result_type
                seen.append((*at, kinds, failure, visit.served.response.headers))
            assert edge.watching.crashes == []
        told.append((seen, [replace(one, body=b"") for one in origin.requests]))
        forgetful = isinstance(memo, Forgetful)
        assert len(lifecycles) == len(answers) - (0 if forgetful else remembered)
    assert told[0] == told[1]


NOT_FOR_IT = [
    # policy                             lines of the request        why
    ("UseOriginCacheControlHeaders", [], "a cache has a say"),
    ("CachingDisabled", ["Connection: close"], "it is not for the fast lane"),
]


@pytest.mark.parametrize(("policy", "lines", "why"), NOT_FOR_IT)
async def test_nothing_else_is_taken_for_an_origin_alone(
    policy: str, lines: list[str], why: str
) -> None:
    origin = InMemory(lambda _: came(Cache_Control="no-store"))
    async with live_edge(origin, deployment(policy)) as edge:
        memo = Counting()
        edge.server.running.memos["http"] = memo
        for _ in range(3):
            await edge.get("/a", *lines)
        assert memo.times == 0, why
    assert len(origin.requests) == 3


def test_what_is_served_again_differs_in_nothing_else() -> None:
    served = Served(
        came(),
        404,
        verdicts=(),
        generated_at=VIEWER_REQUEST,
        failure=OriginError("it is gone", code="OriginConnectError"),
        result_type=ResultType.ERROR,
        origin_s=1.0,
        closes=True,
    )
    other = came(b"other")
    assert served.again(other, 2.0) == replace(served, response=other, origin_s=2.0)
    assert served.with_response(other) == replace(served, response=other)

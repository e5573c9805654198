"""One list of requests, three drivers: the same answers for the same reasons, in the same order.

The live driver has sockets and asyncio, the simulation has virtual time, and the third is a loop
that replies to each effect by hand.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, assert_never

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import Distribution
from edgesim.cloudfront.function import Association
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import CachePolicy
from edgesim.config.deployment import Deployment
from edgesim.edge import Edge, Served, Tier
from edgesim.effects import Effect, Fetch, HandOver, Invoke, Join, Peek, Spawn, Steps, Travel
from edgesim.errors import EdgesimError, OriginError, OriginTimeout
from edgesim.functions import (
    as_function,
    origin_request,
    origin_response,
    trigger_of,
    viewer_request,
    viewer_response,
)
from edgesim.http.dates import format_date
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.lifecycle import serve
from edgesim.sim.driver import Simulation, Timed
from edgesim.testing.functions import InProcess
from edgesim.topology.network import Link
from tests.live.edge import InMemory, LiveEdge, deployment, live_edge

START_S = 1_767_225_600.0
ORIGIN_SAYS = {
    "/page": ("max-age=60", b"a page"),
    "/swr": ("max-age=60, stale-while-revalidate=600", b"now and then"),
    "/private": ("private", b"yours"),
    "/index.html": ("max-age=600", b"home"),
}


@viewer_request
def route(request: Request) -> Request | Response:
    if request.path == "/made":
        return Response(200, Headers([("X-Made", "at the edge")]), b"made")
    if request.path == "/raises":
        raise LookupError("no such thing")
    return request.with_target("/index.html") if request.path == "/" else request


@origin_request
def out(request: Request) -> Request | Response:
    return Response(200, body=b"an origin's stand-in") if request.path == "/stood-in" else request


@origin_response
def back(response: Response) -> Response:
    return response.with_headers(response.headers.with_("X-Back", "1"))


@viewer_response
async def done(response: Response) -> Response:
    return response.with_headers(response.headers.with_("X-Done", "1"))


HANDLERS = (route, out, back, done)


class Ask(NamedTuple):
    target: str
    expected: str
    """Status and result type, then the effects that were waited for."""
    seconds_before: float = 0.0
    method: str = "GET"
    header: tuple[str, str] | None = None
    body: bytes = b""


MISS = "route out fetch back done"
ASKS = [
    Ask("/page", f"200 Miss: {MISS}"),
    Ask("/page", "200 Hit: route done"),
    Ask("/page", "200 Hit: route done", seconds_before=59),
    Ask("/page", "200 Hit: route done", method="HEAD"),
    Ask("/page", "206 Hit: route done", header=("Range", "bytes=2-3")),
    Ask("/page", "304 Hit: route done", header=("If-None-Match", '"/page"')),
    Ask("/page", f"200 RefreshHit: {MISS}", seconds_before=30),
    Ask("/", f"200 Miss: {MISS}"),
    Ask("/index.html", "200 Hit: route done"),
    Ask("/swr", f"200 Miss: {MISS}"),
    Ask("/swr", "200 Hit: route done", seconds_before=100),
    Ask("/swr", "200 Hit: route done"),
    Ask("/private", f"200 Miss: {MISS}"),
    Ask("/private", f"200 Miss: {MISS}"),
    Ask("/form", f"200 Miss: {MISS}", method="POST", body=b"a=1"),
    Ask("/made", "200 LambdaGeneratedResponse: route"),
    Ask("/stood-in", "200 Miss: route out done"),
    Ask("/stood-in", "200 Hit: route done"),
    Ask("/raises", "503 LambdaExecutionError: route"),
    Ask("/nothing", "404 Error: route out fetch back"),
    Ask("/nothing", "404 Error: route"),
    Ask("/down", "502 Error: route out fetch"),
    Ask("/slow", "504 Error: route out fetch"),
    Ask("/page", "200 Hit: route out fetch done", seconds_before=61, header=("X-Origin", "down")),
]


@dataclass(frozen=True)
class Told:
    """What one driver said of one request."""

    summary: str
    tiers: tuple[tuple[object, ...], ...]
    headers: tuple[tuple[str, str], ...]
    body: object

    @classmethod
    def of(cls, served: Served, waited_for: list[str], request_id: str) -> Told:
        response = served.response
        body = response.body
        return cls(
            f"{response.status} {served.result_type}: {' '.join(waited_for)}",
            tuple(
                (verdict.tier, type(verdict.decision), verdict.joined, verdict.validated)
                for verdict in served.verdicts
            ),
            tuple(response.headers),
            body.replace(request_id.encode(), b"ID") if isinstance(body, bytes) else body,
        )


@dataclass
class Scene:
    """A clock, an origin, functions: the same for each driver, and nobody else's."""

    now: float = START_S
    fallen: bool = False
    functions: InProcess = field(default_factory=InProcess)

    def clock(self) -> float:
        return self.now

    def answer(self, request: Request) -> Response | EdgesimError:
        if request.path == "/down" or self.fallen:
            return OriginError("refused", where="origin app")
        if request.path == "/slow":
            return OriginTimeout("silent", where="origin app")
        if request.path == "/form":
            assert request.body == b"a=1"
            return Response(200, Headers([("Date", format_date(self.now))]), b"taken")
        if request.path not in ORIGIN_SAYS:
            return Response(404, Headers(), b"nothing here")
        control, body = ORIGIN_SAYS[request.path]
        etag = f'"{request.path}"'
        headers = Headers([("Cache-Control", control), ("ETag", etag)])
        if request.headers.get("if-none-match") == etag:
            return Response(304, headers)
        return Response(200, headers, body)

    def request(self, ask: Ask) -> Request:
        self.now += ask.seconds_before
        self.fallen = ask.header == ("X-Origin", "down")
        lines = [("Host", "www.example.test"), *([ask.header] if ask.header else [])]
        if ask.body:
            lines.append(("Content-Length", str(len(ask.body))))
        return Request(ask.method, ask.target, Headers(lines), ask.body)

    def edge(self, distribution: Distribution, via: str) -> Edge:
        tiers = (Tier("pop", Link("pop-regional")), Tier("regional", Link("regional-origin")))
        return Edge(distribution, tiers, self.clock, via=via)

    def fetch(self, _: Origin, request: Request) -> Timed:
        return Timed(self.answer(request))


def name_of(effect: Effect) -> str:
    match effect:
        case Invoke(function, _, _):
            return function.name
        case Fetch():
            return "fetch"
        case Join():
            return "join"
        case Travel() | Peek() | Spawn() | HandOver():
            return ""
        case _:
            assert_never(effect)


def deployed() -> Deployment:
    functions = tuple(as_function(handler) for handler in HANDLERS)
    plain = deployment(orp=None)
    policy = CachePolicy(name="as the origin says", min_ttl_s=0)
    behavior = replace(
        plain.distribution.behaviors[0],
        cache_policy=policy,
        rules=CloudFrontCaching(policy),
        functions={
            trigger: Association(function)
            for function in functions
            if (trigger := trigger_of(function.call or route)) is not None
        },
    )
    return replace(plain, distribution=Distribution((behavior,)), functions=functions)


def in_virtual_time(via: str) -> list[Told]:
    scene, told = Scene(), list[Told]()
    waited: list[str] = []
    mine: list[Steps[Any]] = []

    def watch(steps: Steps[Any], effect: Effect, _: Timed) -> None:
        if steps is mine[-1]:
            waited.append(name_of(effect))

    sim = Simulation(scene.fetch, scene.functions, start=START_S, watcher=watch)
    edge = scene.edge(deployed().distribution, via)

    def noting(request: Request) -> Steps[None]:
        served = yield from serve(edge, request, request_id="ID")
        told.append(Told.of(served, list(waited), "ID"))

    for ask in ASKS:
        waited.clear()
        mine.append(noting(scene.request(ask)))
        sim.at(scene.now, mine[-1])
        sim.run()
    return told


def by_hand(via: str) -> list[Told]:
    scene, told = Scene(), list[Told]()
    edge = scene.edge(deployed().distribution, via)

    def run(steps: Steps[Any], waited: list[str], later: list[Steps[Any]]) -> Any:
        reply: Any = None
        while True:
            try:
                failed = isinstance(reply, EdgesimError)
                effect = steps.throw(reply) if failed else steps.send(reply)
            except StopIteration as end:
                return end.value
            waited.append(name_of(effect))
            reply = None
            match effect:
                case Invoke(function, trigger, event):
                    reply = scene.functions(function, trigger, event).value
                case Fetch(_, request):
                    reply = scene.answer(request)
                case Spawn(work):
                    later.append(work)

    for ask in ASKS:
        waited: list[str] = []
        later: list[Steps[Any]] = []
        served = run(serve(edge, scene.request(ask), request_id="ID"), waited, later)
        for work in later:
            run(work, [], [])
        told.append(Told.of(served, [name for name in waited if name], "ID"))
    return told


async def live() -> tuple[list[Told], str]:
    scene, told = Scene(), list[Told]()
    async with live_edge(InMemory(scene.answer), deployed(), clock=scene.clock) as edge:
        viewer = await edge.connect()
        for ask in ASKS:
            request = scene.request(ask)
            lines = [f"{name}: {value}" for name, value in request.headers if name != "Host"]
            sending = asyncio.ensure_future(viewer.ask(ask.method, ask.target, *lines))
            if ask.body:
                await asyncio.sleep(0)  # the head goes out first
                await viewer.send(ask.body)
            await sending
            await all_is_done(edge)
            visit = edge.watching.visits[-1]
            waited = [name for step in visit.steps if (name := name_of(step.effect))]
            told.append(Told.of(visit.served, waited, visit.request_id))
        await viewer.close()
        assert edge.watching.crashes == []
        return told, edge.server.running.edge.via


async def all_is_done(edge: LiveEdge) -> None:
    """Wait for what goes on in the background."""
    while edge.server.running.driver._background:
        await asyncio.sleep(0)


async def test_three_drivers_tell_the_same_story() -> None:
    from_live, via = await live()
    from_sim, from_hand = in_virtual_time(via), by_hand(via)
    for ask, told, *others in zip(ASKS, from_live, from_sim, from_hand, strict=True):
        assert told.summary == ask.expected, ask
        for other in others:
            assert other == told, ask

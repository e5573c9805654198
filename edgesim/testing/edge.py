"""A CDN in virtual time: no sockets, no sleeping, one request after another or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx

from ..cloudfront.distribution import Behavior, Routing
from ..cloudfront.function import Association, Function, Trigger
from ..cloudfront.invalidation import covered
from ..cloudfront.lambda_event import Json
from ..config.deployment import Deployment
from ..config.world import world
from ..edge import Edge, Tier, shields_for
from ..effects import Effect, Steps
from ..errors import ConfigError
from ..functions import trigger_of
from ..http.headers import Headers
from ..http.message import Request, Viewer
from ..lifecycle import serve
from ..live.geography import Geography
from ..live.places import VIEWER_FIELD, Places
from ..sim.driver import Simulation, Timed
from ..topology.network import Link
from .ran import Ran
from .scripted import ScriptedOrigin
from .story import EdgeResponse, Visitor
from .transport import AsyncEdgeTransport, EdgeTransport

if TYPE_CHECKING:
    from .functions import Handler, InProcess

START_S = 1_767_225_600.0
"""2026-01-01T00:00:00Z, where every virtual clock begins, so that tests repeat exactly."""

REPORTED = 20
"""Requests whose traces a failing test shows."""

BASE_URL = "https://www.example.test"
_BASE = httpx.URL(BASE_URL)


class Clock:
    """The edge's clock."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    @property
    def now(self) -> float:
        """Seconds since 1970, virtual."""
        return self._simulation.now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass, with whatever happens in them."""
        if seconds < 0:
            raise ValueError(f"time does not go back by {-seconds:g} s")
        self._simulation.run(until=self._simulation.now + seconds)


class VirtualEdge:
    """What the fixture `edge` gives a test."""

    def __init__(self, deployment: Deployment) -> None:
        self._functions: InProcess | None = None
        self._simulation = Simulation(
            lambda origin, request: self._origins[origin.name].fetched(origin, request),
            self._ran,
            start=START_S,
            watcher=self._watch,
        )
        self.clock = Clock(self._simulation)
        self.tiers = (
            Tier("pop", Link("pop-regional", 0.01)),
            Tier("regional", Link("regional-origin", 0.04)),
        )
        self.responses: list[EdgeResponse] = []
        """Every response there has been, in the order of the requests."""
        self._distribution = deployment.distribution
        self.shields = shields_for(
            self._distribution, {}, Link("regional-shield", 0.04), Link("shield-origin", 0.01)
        )
        self._origins = {name: ScriptedOrigin(name) for name in self._distribution.origins}
        self._places = Places(latency_scale=1)
        self._geography = Geography(deployment.geo)
        self._met: set[str] = set()
        self._visitors: dict[Steps[None], Visitor] = {}
        self._sent = 0

    def origin(self, name: str = "app") -> ScriptedOrigin:
        """The origin of that name, to be told what it answers."""
        if name not in self._origins:
            raise ConfigError.unknown("origin", name, self._origins, "edge.origin")
        return self._origins[name]

    def attach(
        self,
        handler: Handler,
        trigger: Trigger | str | None = None,
        *,
        path_pattern: str | None = None,
        include_body: bool = False,
        timeout_s: float = 5.0,
    ) -> None:
        """Run `handler` at `trigger`, in every behavior or in the one of a pattern.

        It is a Lambda@Edge handler of event and context, or a function that a decorator of
        edgesim marks, which knows its trigger. Of `timeout_s` only an async one takes notice.
        """
        name = getattr(handler, "__name__", type(handler).__name__)
        marked = trigger_of(handler)
        wanted = trigger or marked
        if wanted is None:
            raise TypeError(f'at which trigger? edge.attach({name}, "viewer-request")')
        at = Trigger(wanted)
        from ..runtimes.inline import check_trigger  # noqa: PLC0415 - as `_ran`

        check_trigger(handler, at, f"function {name} at {at}")
        patterns = [behavior.path_pattern for behavior in self._distribution.behaviors]
        if path_pattern not in (None, *patterns):
            raise ConfigError.unknown("behavior", path_pattern or "", patterns, "edge.attach")
        runtime = "python" if marked is None else "inline"
        function = Function(name, runtime, timeout_s=timeout_s, call=handler)
        added = {at: Association(function, include_body=include_body)}

        def with_it(behavior: Behavior) -> Behavior:
            if path_pattern not in (None, behavior.path_pattern):
                return behavior
            return replace(behavior, functions={**behavior.functions, **added})

        behaviors = tuple(map(with_it, self._distribution.behaviors))
        self._distribution = replace(self._distribution, behaviors=behaviors)

    def request(self, method: str, url: str, **options: Any) -> EdgeResponse:
        """Send one request and wait, in virtual time, for its response.

        `options` are httpx's: headers, cookies, params, content, json, data. Redirects are not
        followed, and no cookie is sent that is not given. `viewer` is a city: the request then
        comes from there, goes over the links of the world, and the time says so.
        """
        return self.together((method, url, options))[0]

    def get(self, url: str, **options: Any) -> EdgeResponse:
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Any) -> EdgeResponse:
        return self.request("HEAD", url, **options)

    def post(self, url: str, **options: Any) -> EdgeResponse:
        return self.request("POST", url, **options)

    def together(self, *requests: tuple[str, str, Mapping[str, Any]]) -> list[EdgeResponse]:
        """Send several requests (method, URL, options) at the same moment."""
        return self.send(*(_message(*request) for request in requests))

    def send(self, *messages: httpx.Request) -> list[EdgeResponse]:
        """Send what httpx has made, all at the same moment."""
        sent = {}
        for message in messages:
            self._sent += 1
            request_id = f"{self._sent:054d}=="
            visitor = Visitor(message, _request(message), request_id, self.clock.now)
            edge, viewer = self._entered(message)
            visitor.placed = edge.path is not None
            sent[self._steps(visitor, edge, viewer)] = visitor
        self._visitors |= sent
        try:
            for steps in sent:
                self._simulation.at(self._simulation.now, steps)
            while any(visitor.served is None for visitor in sent.values()):
                self._simulation.step()
        finally:
            for steps in sent:
                steps.close()
                del self._visitors[steps]
        responses = [visitor.response() for visitor in sent.values()]
        self.responses += responses
        return responses

    def client(self, **options: Any) -> httpx.Client:
        """A client whose requests come here: it keeps cookies and follows what you tell it to.

        `options` are those of `httpx.Client`. Its responses are `EdgeResponse`.
        """
        return httpx.Client(**{"base_url": BASE_URL, "transport": EdgeTransport(self), **options})

    def async_client(self, **options: Any) -> httpx.AsyncClient:
        """The same for asynchronous tests. What is sent together arrives at the same moment."""
        transport = AsyncEdgeTransport(self)
        return httpx.AsyncClient(**{"base_url": BASE_URL, "transport": transport, **options})

    def invalidate(self, *path_patterns: str) -> int:
        """Forget what matches, in every tier (CloudFront: "Invalidate files"); how many keys."""
        patterns = covered(path_patterns, self._distribution.default_root_object)
        caches = (*self._nowhere().caches, *self._places.caches.tiers)
        return sum(tier.invalidate(pattern) for tier in caches for pattern in patterns)

    def outage(self, *what: str, on: bool = True) -> None:
        """Put a place of the world, or the link between two, out of order, or in order again."""
        self._places.outages = self._places.with_outage(what, on=on)

    def close(self) -> None:
        """Leave no process of a function and no open file; the fixture does this after the test."""
        if self._functions is not None:
            self._functions.close()
        self._geography.close()

    def report(self) -> str:
        """The trace of the last requests."""
        earlier = len(self.responses) - REPORTED
        lines = [f"{earlier} requests, and then"] if earlier > 0 else []
        lines += [
            f"{response.request.method} {response.request.url.raw_path.decode('ascii')}: "
            f"{response.status_code} {response.edge}"
            for response in self.responses[-REPORTED:]
        ]
        return "\n".join(lines)

    def explain(self, actual: str, expected: str) -> list[str]:
        """Why the last response whose result type is `actual` was not `expected`."""
        from .explained import explained  # noqa: PLC0415 - only a test that fails asks why

        for index in range(len(self.responses), 0, -1):
            if self.responses[index - 1].edge.result_type == actual:
                return explained(self.responses[:index], expected)
        return []

    def _ran(self, function: Function, trigger: Trigger, event: Json) -> Ran:
        if self._functions is None:
            # What most edges of a test have no use for takes a while to be imported.
            from .functions import InProcess  # noqa: PLC0415

            self._functions = InProcess(lambda: self._simulation.now)
        return self._functions(function, trigger, event)

    def _nowhere(self) -> Edge:
        tiers: tuple[Tier, ...] = self.tiers
        if self._distribution.routing is not Routing.EDGE_OPTIMIZED:
            tiers = tiers[1:]
        return Edge(self._distribution, tiers, self._simulation.clock, self.shields)

    def _entered(self, message: httpx.Request) -> tuple[Edge, Viewer]:
        """Where a request comes in, the first time from a city by making a connection."""
        scheme, nowhere = message.url.scheme, self._nowhere()
        name = message.extensions.get("viewer") or message.headers.get(VIEWER_FIELD)
        if name is None:
            return nowhere, self._geography.placed(Viewer(scheme=scheme))
        city = world().viewer(name, "viewer")
        edge = self._places.edge(nowhere, city, scheme, self._met)
        return edge, Viewer(scheme=scheme, place=city.place)

    def _steps(self, visitor: Visitor, edge: Edge, viewer: Viewer) -> Steps[None]:
        visitor.served = yield from serve(edge, visitor.request, viewer, visitor.request_id)
        visitor.routing = self._distribution.routing
        took = self._simulation.now - visitor.moment
        visitor.seconds = round(took, 6)  # what such a clock resolves

    def _watch(self, steps: Steps[Any], effect: Effect, reply: Timed) -> None:
        visitor = self._visitors.get(steps)
        if visitor is not None:
            visitor.sees(effect, reply)


def _message(method: str, url: str, options: Mapping[str, Any]) -> httpx.Request:
    rest = dict(options)
    viewer = rest.pop("viewer", None)
    # To join is what httpx takes longest for, and a path needs no more than a prefix.
    is_path = url[:1] == "/" != url[1:2] and "/." not in url
    whole = f"{BASE_URL}{url}" if is_path else _BASE.join(url)
    message = httpx.Request(method, whole, **rest)
    if viewer is not None:
        message.extensions["viewer"] = viewer
    return message


def _request(message: httpx.Request) -> Request:
    lines = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in message.headers.raw
        if name.lower() != VIEWER_FIELD.encode()
    ]
    target = message.url.raw_path.decode("ascii")
    return Request(message.method, target, Headers(lines), message.read())

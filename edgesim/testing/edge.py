"""A CDN in virtual time: no sockets, no sleeping, one request after another or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from ..cloudfront.distribution import Association, Behavior, Function, Trigger
from ..cloudfront.lambda_event import Json
from ..cloudfront.result_type import ResultType
from ..config.deployment import Deployment
from ..effects import Effect, Invoke, Steps
from ..errors import EdgesimError
from ..functions import trigger_of
from ..http.headers import Headers
from ..http.message import Request, Viewer
from ..lifecycle import Edge, Served, Tier, serve
from ..sim.driver import Simulation, Timed
from ..topology.network import Link
from .functions import Handler, InProcess
from .scripted import ScriptedOrigin

START_S = 1_767_225_600.0
"""2026-01-01T00:00:00Z, where every virtual clock begins, so that tests repeat exactly."""

BASE_URL = "https://www.example.test"


@dataclass(frozen=True, slots=True)
class Run:
    """One function run: which, when, on what event, with what result."""

    function: str
    trigger: Trigger
    event: Json
    result: object


@dataclass(slots=True)
class Story:
    """What happened to one request; it hangs on the response as `.edge`."""

    result_type: ResultType
    pop: str
    served: Served
    functions: list[Run]
    seconds: float
    """Virtual seconds from the request to the response."""

    @property
    def failure(self) -> EdgesimError | None:
        """Why it is an error page, if it is one."""
        return self.served.failure

    def __str__(self) -> str:
        lines = [f"{self.result_type} at {self.pop} after {self.seconds * 1000:g} ms"]
        lines += [f"  {verdict.tier}: {verdict.decision}" for verdict in self.served.verdicts]
        lines += [f"  ran {run.function} at {run.trigger}" for run in self.functions]
        if self.failure is not None:
            lines.append(f"  failed: {self.failure}")
        return "\n".join(lines)


class EdgeResponse(httpx.Response):
    """An `httpx.Response` that knows its story."""

    edge: Story


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
        self._simulation.run(until=self._simulation.now + seconds)


@dataclass(slots=True)
class _Record:
    """What is noted of one request while it is under way."""

    began: float
    runs: list[Run] = field(default_factory=list)
    seconds: float = 0.0
    served: Served | None = None


class VirtualEdge:
    """What the fixture `edge` gives a test."""

    def __init__(self, deployment: Deployment) -> None:
        self._functions = InProcess()
        self._simulation = Simulation(
            lambda origin, request: self.origin(origin.name)(request),
            self._functions,
            start=START_S,
            watcher=self._watch,
        )
        self.clock = Clock(self._simulation)
        self.tiers = (
            Tier("pop", Link("pop-regional", 0.01)),
            Tier("regional", Link("regional-origin", 0.04)),
        )
        self.responses: list[EdgeResponse] = []
        """Every response there has been, for the report of a failing test."""
        self._distribution = deployment.distribution
        self._origins: dict[str, ScriptedOrigin] = {}
        self._records: dict[int, _Record] = {}
        self._sent = 0

    def origin(self, name: str = "app") -> ScriptedOrigin:
        """The origin of that name, to be told what it answers."""
        return self._origins.setdefault(name, ScriptedOrigin(name))

    def attach(
        self, trigger: Trigger | str, handler: Handler, *, path_pattern: str | None = None
    ) -> None:
        """Run `handler` at `trigger`, in every behavior or in the one of a pattern.

        It is a Lambda@Edge handler of event and context, or a function that a decorator of
        edgesim marks.
        """
        name = getattr(handler, "__name__", "handler")
        function = Function(name, "python" if trigger_of(handler) is None else "inline")
        self._functions.use(function.name, handler)

        def with_it(behavior: Behavior) -> Behavior:
            if path_pattern not in (None, behavior.path_pattern):
                return behavior
            added = {Trigger(trigger): Association(function)}
            return replace(behavior, functions={**behavior.functions, **added})

        behaviors = tuple(map(with_it, self._distribution.behaviors))
        self._distribution = replace(self._distribution, behaviors=behaviors)

    def request(self, method: str, url: str, **options: Any) -> EdgeResponse:
        """Send one request and wait, in virtual time, for its response.

        `options` are httpx's: headers, cookies, params, content, json, data.
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
        sent = []
        for method, url, options in requests:
            message = httpx.Request(method, httpx.URL(BASE_URL).join(url), **options)
            record = _Record(self._simulation.now)
            steps = self._noted(message, record)
            self._records[id(steps)] = record
            self._simulation.at(self._simulation.now, steps)
            sent.append((message, record, steps))
        while any(record.served is None for _, record, _ in sent):
            self._simulation.step()
        for _, _, steps in sent:
            del self._records[id(steps)]
        responses = [self._response(message, record) for message, record, _ in sent]
        self.responses += responses
        return responses

    def invalidate(self, *path_patterns: str) -> None:
        """Forget what matches, in every tier (CloudFront: "Invalidate files")."""
        for tier in self.tiers:
            for pattern in path_patterns:
                tier.store.invalidate(pattern)

    def _noted(self, message: httpx.Request, record: _Record) -> Steps[None]:
        edge = Edge(self._distribution, self.tiers, self._simulation.clock)
        self._sent += 1
        lines = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in message.headers.raw
        ]
        target = message.url.raw_path.decode("ascii")
        request = Request(message.method, target, Headers(lines), message.read())
        request_id = f"{self._sent:054d}=="
        viewer = Viewer(scheme=message.url.scheme)
        record.served = yield from serve(edge, request, viewer, request_id)
        record.seconds = self._simulation.now - record.began

    def _watch(self, steps: Steps[Any], effect: Effect, reply: Timed) -> None:
        record = self._records.get(id(steps))
        if record is not None and isinstance(effect, Invoke):
            run = Run(effect.function.name, effect.trigger, effect.event, reply.value)
            record.runs.append(run)

    def _response(self, message: httpx.Request, record: _Record) -> EdgeResponse:
        served = record.served
        if served is None:
            raise RuntimeError("the simulation ended before the response")
        response = served.response
        body = b"" if message.method == "HEAD" else response.body
        answer = EdgeResponse(
            response.status, headers=[*response.headers], content=body, request=message
        )
        answer.edge = Story(
            served.result_type,
            response.headers.get("x-amz-cf-pop") or "",
            served,
            record.runs,
            record.seconds,
        )
        return answer

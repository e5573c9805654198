from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, TypeVar

import pytest

from edgesim.cache.ranges import cut
from edgesim.cache.rules import RFC9111
from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.custom_errors import CustomErrorResponse
from edgesim.cloudfront.distribution import ALL_METHODS, Behavior, Distribution
from edgesim.cloudfront.function import Association, Function, Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import CachePolicy
from edgesim.edge import Edge, Served, Tier, shields_for
from edgesim.effects import Fetch, Invoke, Join, Peek, Spawn, Steps, Travel
from edgesim.errors import EdgesimError, FunctionError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer
from edgesim.lifecycle import serve
from edgesim.sim.driver import Simulation, Timed
from edgesim.topology.network import Link

T = TypeVar("T")
Handler = Callable[[Json], Any]

INSTALLED = any(entry.name == "edgesim" for entry in entry_points(group="pytest11"))
PLUGIN = [] if INSTALLED else ["-p", "edgesim.testing.plugin"]
"""What makes pytest in a child process use our plugin; an installed edgesim brings it itself."""


@dataclass
class FakeOrigin:
    """Answers every request alike, and remembers them.

    It answers 304 to the ETag among its headers, and 206 if it `cuts`.
    """

    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    body: bytes = b"hello"
    seconds: float = 0.05
    cuts: bool = False
    failure: EdgesimError | None = None
    down: str = ""
    """The host that answers with `down_with` instead, as the primary of a group may."""
    down_with: int | EdgesimError = 500
    pages: dict[str, Response] = field(default_factory=dict)
    """What it answers for some paths, whatever it answers for the others."""
    requests: list[Request] = field(default_factory=list)

    def __call__(self, origin: Origin, request: Request) -> Timed:
        self.requests.append(request)
        if self.down and origin.host == self.down:
            down = self.down_with
            return Timed(Response(down) if isinstance(down, int) else down, self.seconds)
        if request.path in self.pages:
            return Timed(self.pages[request.path], self.seconds)
        return Timed(self.failure or self.answer(request), self.seconds)

    def answer(self, request: Request) -> Response:
        headers = Headers(self.headers.items())
        if self.status != 200:
            return Response(self.status, headers, self.body)
        etag = request.headers.get("if-none-match")
        if etag is not None and etag == headers.get("etag"):
            return Response(304, headers)
        if request.method == "HEAD":
            return Response(200, headers.plus(("Content-Length", str(len(self.body)))))
        whole = Response(200, headers, self.body)
        return cut(request, whole) if self.cuts else whole

    def last(self) -> Request:
        return self.requests[-1]


class World:
    """A POP, a regional cache and an origin, with time in our hands."""

    def __init__(
        self,
        functions: Mapping[Trigger, Handler] | None = None,
        *,
        include_body: bool = False,
        policy: CachePolicy | None = None,
        custom_errors: Mapping[int, CustomErrorResponse] | None = None,
        shield: str = "",
        **behavior: Any,
    ) -> None:
        self.origin = FakeOrigin()
        self.ran: list[tuple[Trigger, Json]] = []
        self.handlers = dict(functions or {})
        self.sim = Simulation(self.origin, self._run, start=1_000_000.0)
        rules = RFC9111() if policy is None else CloudFrontCaching(policy)
        behavior.setdefault("rules", rules)
        behavior.setdefault("allowed_methods", ALL_METHODS)
        self.behavior = Behavior(
            "*",
            Origin("app", host="origin.example.test", shield_region=shield),
            cache_policy=policy,
            functions={
                trigger: Association(
                    Function(trigger.value), include_body=include_body and trigger.may_answer
                )
                for trigger in self.handlers
            },
            **behavior,
        )
        self.tiers = (
            Tier("pop", Link("pop-regional", 0.02)),
            Tier("regional", Link("regional-origin", 0.08)),
        )
        distribution = Distribution((self.behavior,), custom_errors=custom_errors or {})
        shields = shields_for(
            distribution, {}, Link("regional-shield", 0.06), Link("shield-origin", 0.02)
        )
        self.edge = Edge(distribution, self.tiers, self.sim.clock, shields)

    def _run(self, function: Function, trigger: Trigger, event: Json) -> Timed:
        self.ran.append((trigger, deepcopy(event)))
        try:
            return Timed(self.handlers[trigger](event), 0.001)
        except EdgesimError as error:
            return Timed(error, 0.001)
        except Exception as error:  # a handler in a test may raise anything, as a user's may
            return Timed(FunctionError(f"{type(error).__name__}: {error}"), 0.001)

    def steps(
        self,
        target: str,
        method: str = "GET",
        body: bytes = b"",
        viewer: Viewer = Viewer(),
        **headers: str,
    ) -> Steps[Served]:
        lines = [("Host", "www.example.test")]
        lines += [(name.replace("_", "-"), value) for name, value in headers.items()]
        request = Request(method, target, Headers(lines), body)
        return serve(self.edge, request, viewer, "request-id==")

    def get(self, target: str, **headers: Any) -> Served:
        return self.sim.finish(self.steps(target, **headers))

    def triggers(self) -> list[str]:
        """The triggers that ran since the last time this was asked, in order."""
        names = [trigger.value for trigger, _ in self.ran]
        self.ran.clear()
        return names

    def pass_time(self, seconds: float) -> None:
        self.sim.run(until=self.sim.now + seconds)


@pytest.fixture
def world() -> World:
    return World()


def transcript(steps: Steps[T], *replies: object) -> tuple[list[str], T]:
    """What `steps` waited for, as text, and what came of it; `replies` are given in turn.

    Only functions and origins are given a reply; an `EdgesimError` is raised where it waits.
    """
    said: list[str] = []
    given = iter(replies)
    reply: object = None
    while True:
        try:
            effect = steps.throw(reply) if isinstance(reply, EdgesimError) else steps.send(reply)
        except StopIteration as done:
            assert next(given, None) is None, "there are replies that nobody waited for"
            result: T = done.value
            return said, result
        reply = None
        match effect:
            case Invoke(function, _, _):
                said.append(f"invoke {function.name}")
                reply = next(given)
            case Fetch(origin, request):
                said.append(f"fetch {request.method} {request.target} from {origin.name}")
                reply = next(given)
            case Travel(link, _):
                said.append(f"travel {link.name}")
            case Join():
                said.append("join")
            case Peek(_, limit_bytes):
                said.append(f"peek {limit_bytes}")
                reply = next(given)
            case Spawn(work):
                said.append("spawn")
                work.close()

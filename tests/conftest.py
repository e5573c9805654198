from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from edgesim.cache.rules import RFC9111
from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import (
    ALL_METHODS,
    Association,
    Behavior,
    Distribution,
    Function,
    Origin,
    Trigger,
)
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.policies import CachePolicy
from edgesim.effects import Steps
from edgesim.errors import EdgesimError, FunctionError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer
from edgesim.lifecycle import Edge, Served, Tier, serve
from edgesim.sim.driver import Simulation, Timed
from edgesim.topology.network import Link

Handler = Callable[[Json], Any]


@dataclass
class FakeOrigin:
    """Answers every request alike, and remembers them."""

    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    body: bytes = b"hello"
    seconds: float = 0.05
    failure: EdgesimError | None = None
    requests: list[Request] = field(default_factory=list)

    def __call__(self, _origin: Origin, request: Request) -> Timed:
        self.requests.append(request)
        if self.failure is not None:
            return Timed(self.failure, self.seconds)
        if self.status == 200 and request.method == "HEAD":
            length = ("Content-Length", str(len(self.body)))
            return Timed(Response(200, Headers([*self.headers.items(), length])), self.seconds)
        response = Response(self.status, Headers(self.headers.items()), self.body)
        return Timed(response, self.seconds)


class World:
    """A POP, a regional cache and an origin, with time in our hands."""

    def __init__(
        self,
        functions: Mapping[Trigger, Handler] | None = None,
        *,
        policy: CachePolicy | None = None,
        **behavior: Any,
    ) -> None:
        self.origin = FakeOrigin()
        self.ran: list[tuple[Trigger, Json]] = []
        self.handlers = dict(functions or {})
        self.sim = Simulation(self.origin, self._run, start=1_000_000.0)
        rules = RFC9111() if policy is None else CloudFrontCaching(policy)
        behavior.setdefault("rules", rules)
        self.behavior = Behavior(
            "*",
            Origin("app", host="origin.example.test"),
            cache_policy=policy,
            allowed_methods=ALL_METHODS,
            functions={trigger: Association(Function(trigger.value)) for trigger in self.handlers},
            **behavior,
        )
        self.tiers = (
            Tier("pop", Link("pop-regional", 0.02)),
            Tier("regional", Link("regional-origin", 0.08)),
        )
        self.edge = Edge(Distribution((self.behavior,)), self.tiers, self.sim.clock)

    def _run(self, function: Function, trigger: Trigger, event: Json) -> Timed:
        self.ran.append((trigger, event))
        try:
            return Timed(self.handlers[trigger](event), 0.001)
        except EdgesimError as error:
            return Timed(error, 0.001)
        except Exception as error:  # a handler in a test may raise anything, as a user's may
            return Timed(FunctionError(f"{type(error).__name__}: {error}"), 0.001)

    def steps(
        self, target: str, method: str = "GET", body: bytes = b"", **headers: str
    ) -> Steps[Served]:
        lines = [("Host", "www.example.test")]
        lines += [(name.replace("_", "-"), value) for name, value in headers.items()]
        request = Request(method, target, Headers(lines), body)
        return serve(self.edge, request, Viewer(), "request-id==")

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

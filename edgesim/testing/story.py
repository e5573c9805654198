"""What happened to one request of a virtual edge, and the response that came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from ..cloudfront.distribution import Routing
from ..cloudfront.endpoint import identification
from ..cloudfront.function import Trigger
from ..cloudfront.lambda_event import Json
from ..cloudfront.result_type import ResultType
from ..cloudfront.rule_book import Warned
from ..edge import Served
from ..effects import Effect, Fetch, Invoke, Join, Travel
from ..errors import EdgesimError
from ..http.head import framed
from ..http.message import Request, Response
from ..sim.driver import Timed
from .ran import Ran


@dataclass(frozen=True, slots=True)
class Run:
    """One function run: which, when, on what event, with what result."""

    function: str
    trigger: Trigger
    event: Json
    """As it was given, whatever the function made of it."""
    result: object
    """What it returned, or the `FunctionError` that came of it."""
    log: str = ""
    """What it printed and logged."""
    measure: Callable[[], int] | None = None

    @property
    def compute_utilisation(self) -> int:
        """Of a CloudFront Function: how much of its limit it used, in percent; an estimate."""
        if self.measure is None:
            raise AttributeError(f"{self.function} is no CloudFront Function")
        return self.measure()


@dataclass(slots=True)
class Story:
    """What happened to one request; it hangs on the response as `.edge`."""

    result_type: ResultType
    pop: str
    request: Request
    """As it came to the edge."""
    served: Served
    moment: float
    """When it came: seconds since 1970, virtual."""
    seconds: float
    """Virtual seconds from the request to the response."""
    functions: list[Run]
    waits: list[str]
    """What it waited for, in order, as text."""

    @property
    def failure(self) -> EdgesimError | None:
        """Why it is an error page, or why something stale had to stand in."""
        return self.served.failure

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What its functions did against a rule, and were let."""
        return self.served.warnings

    def __str__(self) -> str:
        tiers = self.served.response.headers.get("cache-status")
        lines = [f"{self.result_type} at {self.pop} after {self.seconds * 1000:g} ms"]
        lines += [f"  {tier}" for tier in reversed(tiers.split(", ") if tiers else [])]
        lines += [f"  {line}" for wait in self.waits for line in wait.splitlines()]
        lines += [f"  warning: {warning}" for warning in self.warnings]
        if self.failure is not None:
            lines.append(f"  failed: {self.failure}")
        return "\n".join(lines)


class EdgeResponse(httpx.Response):
    """An `httpx.Response` that knows its story."""

    edge: Story


@dataclass(slots=True)
class Visitor:
    """One request on its way, and what is noted of it."""

    message: httpx.Request
    request: Request
    request_id: str
    moment: float
    functions: list[Run] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    seconds: float = 0.0
    served: Served | None = None
    routing: Routing = Routing.EDGE_OPTIMIZED

    placed: bool = False
    """Whether it comes from somewhere in the world."""

    def sees(self, effect: Effect, reply: Timed) -> None:
        """Note what it waited for, and what came of that."""
        took = f" after {reply.seconds * 1000:g} ms" if reply.seconds else ""
        match effect:
            case Invoke(function, trigger) if isinstance(reply, Ran):
                run = Run(
                    function.name, trigger, reply.event, reply.returned, reply.log, reply.measure
                )
                self.functions.append(run)
                said = "".join(f"\n  | {line}" for line in reply.log.splitlines())
                self.waits.append(f"ran {function.name} at {trigger}{said}")
            case Fetch(origin, request):
                value = reply.value
                answer = str(value.status) if isinstance(value, Response) else f"{value}"
                asked = f"{request.method} {request.target}"
                self.waits.append(f"asked {origin.name} for {asked}: {answer}{took}")
            case Travel(link) if self.placed:
                self.waits.append(f"crossed {link.name}{took}")
            case Join():
                self.waits.append(f"joined another request{took}")
            case _:
                pass

    def response(self) -> EdgeResponse:
        """What came of it. Its bytes are those that a live edge would have sent."""
        served = self.served
        if served is None:
            raise RuntimeError("the request was never answered")
        identified = identification(self.routing, self.request_id)
        signed = served.response.headers.plus(*identified)
        response, method = served.response.with_headers(signed), self.message.method
        framing = framed(response, method, "1.1", keep_alive=True)
        status_line, *lines = (framing.head + framing.last).split(b"\r\n")[:-2]
        fields = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
        answer = EdgeResponse(
            response.status,
            headers=fields,
            content=response.body if framing.has_body else b"",
            request=self.message,
            extensions={
                "http_version": b"HTTP/1.1",
                "reason_phrase": status_line.partition(b" ")[2].partition(b" ")[2],
            },
        )
        answer.elapsed = timedelta(seconds=self.seconds)
        pop = signed.get("x-amz-cf-pop") or ""
        answer.edge = Story(
            served.result_type,
            pop,
            self.request,
            served,
            self.moment,
            self.seconds,
            self.functions,
            self.waits,
        )
        return answer

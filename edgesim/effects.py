"""The seven ways in which a request may wait, as values.

The lifecycle yields an effect and gets the reply back from whoever drives it:
asyncio when the proxy is live, a heap of events when time is simulated, a list
in a test. It never learns which.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .cache.store import CacheKey
from .cloudfront.distribution import Behavior
from .cloudfront.function import Function, Trigger
from .cloudfront.lambda_event import ExposedBody, Json
from .cloudfront.origin import Origin
from .cloudfront.rule_book import Warned
from .errors import FunctionError, OriginError
from .http.message import Request, Response, Upload, Viewer, size_bytes
from .topology.network import Link
from .values import value

T = TypeVar("T")


@value(frozen=True, slots=True)
class Invoke:
    """Run a user's function; the reply is what it returned."""

    function: Function
    trigger: Trigger
    event: Json


@value(frozen=True, slots=True)
class Fetch:
    """Send a request to an origin; the reply is its response."""

    origin: Origin
    request: Request
    interim: bool = False
    """Whether the viewer gets to see 1xx responses in the meantime (RFC 9110 §15.2)."""


@value(frozen=True, slots=True)
class Travel:
    """Spend the time that bytes need for a link; no reply."""

    link: Link
    size_bytes: int
    seconds: float
    """By the link's length, and for a large body or a new connection by more than that."""


@value(frozen=True, slots=True)
class Join:
    """Wait until another request's flight has landed; no reply."""

    flight: Flight


@value(frozen=True, slots=True)
class Spawn:
    """Start work that nobody waits for; no reply."""

    work: Steps[Any]


@dataclass(frozen=True, slots=True)
class Peek:
    """Wait for the first bytes of a viewer's upload; the reply is up to one more than asked."""

    body: Upload
    limit_bytes: int


@value(frozen=True, slots=True)
class HandOver:
    """Let another process go on with a request; the reply is the `Served` that it comes to.

    All that crosses is here, but for the deployment, which both of them have.
    """

    request: Request
    depth: int
    """That of the tier it comes to there; behind the last one, the way out of the edge."""
    behavior: Behavior
    viewer: Viewer
    request_id: str
    city: str = ""
    """Where the viewer is, as `World.viewer` knows it; "" for nowhere."""
    alone: bool = False
    """Whether it joins nobody any more."""
    warnings: list[Warned] = field(default_factory=list)
    """Where it is noted what functions do there against a rule, and are let."""


Effect = Invoke | Fetch | Travel | Join | Spawn | Peek | HandOver
Steps = Generator[Effect, Any, T]


@dataclass(slots=True, eq=False)
class Flight:
    """A forwarded request that others with the same cache key may join."""

    key: CacheKey = ()
    reusable: bool = False
    """Whether what it brought is in the store and answers others too."""
    outdated: bool = False
    """Whether an invalidation came meanwhile, or it was given up: who waited asks anew."""
    failure: OriginError | None = None
    """Why the origin could not be asked, which goes for all who waited."""
    landed: bool = False
    on_landing: list[Callable[[], None]] = field(default_factory=list)

    def land(self) -> None:
        self.landed = True
        for resume in self.on_landing:
            resume()


def invoke(function: Function, trigger: Trigger, event: Json) -> Steps[object]:
    """What `function` returned. Raises `FunctionError`."""
    try:
        result: object = yield Invoke(function, trigger, event)
    except FunctionError as error:
        error.faces_viewer = not trigger.faces_origin
        raise
    return result


def fetch(origin: Origin, request: Request, *, interim: bool = False) -> Steps[Response]:
    """The origin's response. Raises `OriginError`."""
    response: Response = yield Fetch(origin, request, interim)
    return response


def travel(link: Link, message: Request | Response) -> Steps[None]:
    """Send `message` over `link`; over a new connection a request makes it first."""
    if link.rtt_s:
        size, asks = size_bytes(message.body), isinstance(message, Request)
        seconds = link.request_s(size) if asks else link.response_s(size)
        yield Travel(link, size, seconds)


def join(flight: Flight) -> Steps[bool]:
    """Wait for `flight`; True if what it brought can be looked up now."""
    if not flight.landed:
        yield Join(flight)
    return flight.reusable


def spawn(work: Steps[Any]) -> Steps[None]:
    yield Spawn(work)


def exposed_body(request: Request, limit_bytes: int) -> Steps[ExposedBody]:
    """As much of the request's body as fits `limit_bytes`."""
    body = request.body
    data: bytes = body if isinstance(body, bytes) else (yield Peek(body, limit_bytes))
    return ExposedBody(data[:limit_bytes], truncated=len(data) > limit_bytes)


@value(frozen=True, slots=True)
class Waiting(Generic[T]):
    """Steps that have come to their first effect."""

    steps: Steps[T]
    effect: Effect


def start(steps: Steps[T]) -> T | Waiting[T]:
    """Run to the first effect, or to the end if there is none, as for a cache hit."""
    try:
        return Waiting(steps, next(steps))
    except StopIteration as done:
        result: T = done.value
        return result

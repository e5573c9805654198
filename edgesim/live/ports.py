"""The doors between a lifecycle that runs in real time and the world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..cloudfront.origin import Origin
from ..edge import Served
from ..effects import Effect, HandOver
from ..errors import EdgesimError
from ..http.head import parse_request_head
from ..http.message import Request, Response
from ..runtimes.base import AtOnce
from ..values import value


class Asked(Protocol):
    """A request that has been sent to an origin, for whoever has no task to wait in."""

    began: float
    """When it was sent, by `perf_counter`."""

    def when_heard(self, heard: Callable[[], None]) -> None:
        """Call `heard` once, when something has come or nothing has for too long."""

    def response(self) -> Response | None:
        """What came, once, if that is a whole response and all went well."""
        ...

    async def rest(self) -> Response:
        """Otherwise: what `Origins.fetch` would have returned, or raised."""
        ...


class Origins(Protocol):
    """Ways to ask an origin."""

    async def fetch(self, origin: Origin, request: Request) -> Response:
        """The origin's response, its body a `Stream` where it is large or still arriving.

        `request` goes out as it is, target and headers included. A WebSocket upgrade that the
        origin accepts comes back as status 101 with a `live.tunnel.Tunnel` for a body.
        Raises `OriginError` or `OriginTimeout` within the origin's limits.
        """
        ...

    def ask(self, origin: Origin, request: Request) -> Asked | None:
        """Send `request` now, if that takes no waiting; else `fetch` it."""
        ...

    async def close(self) -> None:
        """Close every connection; safe to call twice."""


@value(frozen=True, slots=True)
class Came:
    """What a request came to in another process: an answer, or the failure in its place."""

    served: Served | None
    failure: EdgesimError | None
    steps: Sequence[Step]


class Beyond(Protocol):
    """The process that has the caches behind the first tier."""

    async def go_on(self, handed: HandOver) -> Came:
        """Let it go on with a request; what is wrong with the way there is a failure too."""
        ...


class Runtimes(Protocol):
    """Ways to run a function."""

    async def invoke(self, function: Function, trigger: Trigger, event: Json) -> object:
        """What `function` returned. Raises `FunctionError`."""
        ...

    def at_once(self, function: Function) -> AtOnce | None:
        """What runs `function` without waiting; None if nothing does."""
        ...


@value(frozen=True, slots=True)
class Step:
    """An effect that a request waited for, and for how long."""

    effect: Effect
    seconds: float
    failure: EdgesimError | None = None
    cold_start_s: float = 0.0
    """How much of it was a function's cold start."""
    reply: object = None
    """What a function returned, or an origin answered."""
    beyond: Sequence[Step] = ()
    """What a request waited for in the process that it was handed over to."""


@value(frozen=True, slots=True)
class Visited:
    """One request from its first byte to the head of its response, as it really went."""

    heard: Request | bytes
    """The request, or the head that is one."""
    served: Served
    request_id: str
    seconds: float = 0.0
    steps: Sequence[Step] = ()

    @property
    def request(self) -> Request:
        """Parsed only if somebody looks."""
        heard = self.heard
        return parse_request_head(heard) if isinstance(heard, bytes) else heard


class Observer(Protocol):
    """Somebody who watches requests go by."""

    def visited(self, visit: Visited) -> None:
        """A response's head has been written."""

    def broken(self, visit: Visited, failure: EdgesimError) -> None:
        """The body of a response broke off after its head had been written."""

    def refused(self, error: EdgesimError) -> None:
        """What came was no request, and was answered as such."""

    def crashed(self, request: Request, error: BaseException) -> None:
        """We made a mistake: the lifecycle raised what is no `EdgesimError`."""


class Silent:
    """Watches and says nothing."""

    def visited(self, visit: Visited) -> None:
        pass

    def broken(self, visit: Visited, failure: EdgesimError) -> None:
        pass

    def refused(self, error: EdgesimError) -> None:
        pass

    def crashed(self, request: Request, error: BaseException) -> None:
        pass

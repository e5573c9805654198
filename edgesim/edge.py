"""What a lifecycle has to do with: the edge, one visit to it, and the answer that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .cache.freshness import StoredResponse
from .cache.store import CacheKey, Store
from .cache.verdict import Verdict
from .cloudfront.distribution import Behavior, Distribution, Trigger
from .cloudfront.result_type import ResultType
from .effects import Flight
from .errors import EdgesimError
from .http.message import Response, Viewer
from .topology.network import Link, Pop


@dataclass(slots=True, eq=False)
class Tier:
    """One cache on the way to the origin, and the link that leads on from it."""

    name: str
    uplink: Link
    store: Store = field(default_factory=Store)
    flights: dict[CacheKey, Flight] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """Where requests enter: the distribution, the tiers from POP to origin, the time."""

    distribution: Distribution
    tiers: tuple[Tier, ...]
    clock: Callable[[], float]
    """Seconds since 1970."""
    pop: Pop = Pop()
    via: str = "0123456789abcdef0123456789abcdef.cloudfront.net"
    explains: bool = True
    """Whether responses carry Cache-Status, which CloudFront itself never sends."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What stays the same for one request wherever it is."""

    edge: Edge
    behavior: Behavior
    viewer: Viewer
    request_id: str


@dataclass(frozen=True, slots=True)
class Served:
    """An answer and where it came from."""

    response: Response
    origin_status: int
    """The status the origin gave; a function at origin-response may have made another of it."""
    hit: StoredResponse | None = None
    """The fresh stored response of the nearest tier, if that answered by itself."""
    verdicts: tuple[Verdict, ...] = ()
    """One for each tier that was asked, the nearest first."""
    behavior: Behavior | None = None
    generated_at: Trigger | None = None
    failure: EdgesimError | None = None
    """Why `response` is an error page, or why a stale response had to stand in."""
    result_type: ResultType = ResultType.MISS

    def with_response(self, response: Response) -> Served:
        return self if response is self.response else replace(self, response=response)

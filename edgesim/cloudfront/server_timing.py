"""Server-Timing: what a response headers policy lets browsers see of the edge's work.

CloudFront: "Understand response headers policies", Server-Timing header.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from ..http.headers import Headers
from ..http.message import Request
from .result_type import ResultType

FORCED = "server-timing"
"""In a viewer's Pragma, it asks for the header whatever the sampling rate."""

_LAYERS = {"pop": "EDGE", "regional": "REC"}
SHIELD = "Origin Shield"


@dataclass(frozen=True, slots=True)
class Timing:
    """How an answer came about."""

    came_from: ResultType | None
    """Hit, RefreshHit or Miss; None where no cache was asked."""
    tier: str
    """The name of the tier that had it, or that contacted the origin."""
    upstream_s: float
    """From the request to the origin to the first byte of its response."""
    downstream_s: float
    """From the viewer's request to the first byte of the answer."""


def is_sampled(rate_percent: float, request: Request, request_id: str) -> bool:
    """Whether the answer to `request` carries the header: by its id, which is as good as chance."""
    if FORCED in (request.headers.get("pragma") or "").lower():
        return True
    digest = blake2b(request_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 1_000_000 < rate_percent * 10_000


def with_timing(timing: Timing, pop: str, request_id: str, headers: Headers) -> Headers:
    """`headers` with one Server-Timing; what the origin said in its own is kept on a miss only."""
    said = ",".join(_metrics(timing, pop, request_id))
    of_origin = headers.get("server-timing")
    if of_origin is not None and timing.came_from in (None, ResultType.MISS):
        said = f"{said},{of_origin}"
    return headers.with_("Server-Timing", said)


def _metrics(timing: Timing, pop: str, request_id: str) -> Iterator[str]:
    """In the order in which AWS has them. Name and connection are counted as first byte here."""
    layer = _LAYERS.get(timing.tier, SHIELD)
    match timing.came_from:
        case ResultType.HIT:
            yield "cdn-cache-hit"
        case ResultType.REFRESH_HIT:
            yield "cdn-cache-refresh"
        case ResultType.MISS:
            yield f'cdn-upstream-layer;desc="{layer}"'
            yield "cdn-upstream-dns;dur=0"
            yield "cdn-upstream-connect;dur=0"
            yield f"cdn-upstream-fbl;dur={_ms(timing.upstream_s)}"
            yield "cdn-cache-miss"
    yield f'cdn-pop;desc="{pop}"'
    yield f'cdn-rid;desc="{request_id}"'
    if timing.came_from is ResultType.HIT:
        yield f'cdn-hit-layer;desc="{layer}"'
    yield f"cdn-downstream-fbl;dur={_ms(timing.downstream_s)}"


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))

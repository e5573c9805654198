"""The questions a lifecycle asks about caching, and RFC 9111's own answers.

CloudFront answers the same questions differently (`cloudfront/caching.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..http.message import Request, Response
from .freshness import StoredResponse
from .locations import target_named
from .reuse import Decision, Variants, decide
from .store import CacheKey
from .storing import NotStored, stored_form
from .validation import vouched_for

CACHED_METHODS = frozenset({"GET", "HEAD"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that ask for nothing to be changed (RFC 9110 §9.2.1)."""


class Rules(Protocol):
    """What may be reused and what may be kept."""

    def covers(self, request: Request) -> bool:
        """Whether a cache is looked at and filled for `request` at all."""
        ...

    def collapses(self) -> bool:
        """Whether requests with one key may wait for each other's response."""
        ...

    def validates(self) -> bool:
        """Whether a stale response is asked after, instead of being fetched anew."""
        ...

    def key(self, request: Request) -> CacheKey:
        """What the response to `request` is found by."""
        ...

    def decide(self, variants: Variants, request: Request, now: float) -> Decision:
        """Whether one of `variants`, stored under the key of `request`, answers it."""
        ...

    def stored_form(
        self, request: Request, response: Response, request_time: float, response_time: float
    ) -> StoredResponse | NotStored:
        """`response` as it is kept, or why it is not."""
        ...

    def outdates(self, request: Request, response: Response) -> tuple[CacheKey, ...]:
        """The keys under which what is stored is wrong after `response` to `request`."""
        ...

    def renews(self, request: Request, stale: StoredResponse, response: Response) -> bool:
        """Whether `response` says that `stale` is still right."""
        ...

    def rescues(self, stale: StoredResponse, now: float, *, disconnected: bool = False) -> bool:
        """Whether `stale` may be served in place of an error of the origin.

        `disconnected` if the origin gave no answer at all.
        """
        ...

    def spares_s(self, status: int) -> int:
        """Seconds for which an origin that failed with `status` is not asked again.

        What is stale serves in the meantime.
        """
        ...


@dataclass(frozen=True, slots=True)
class RFC9111:
    """A shared cache exactly as RFC 9111 has it: the cache policy of that name."""

    def covers(self, request: Request) -> bool:
        return request.method in CACHED_METHODS

    def collapses(self) -> bool:
        return True

    def validates(self) -> bool:
        return True

    def key(self, request: Request) -> CacheKey:
        return (request.target, request.headers.get("host") or "")

    def decide(self, variants: Variants, request: Request, now: float) -> Decision:
        return decide(variants, request, now)

    def stored_form(
        self, request: Request, response: Response, request_time: float, response_time: float
    ) -> StoredResponse | NotStored:
        return stored_form(request, response, request_time, response_time)

    def outdates(self, request: Request, response: Response) -> tuple[CacheKey, ...]:
        """RFC 9111 §4.4: after an unsafe method, unless it failed.

        The target, and what Location and Content-Location name on the same host.
        """
        if request.method in SAFE_METHODS or not 200 <= response.status < 400:
            return ()
        named = (response.headers.get(name) for name in ("location", "content-location"))
        targets = {request.target, *(target_named(request, one) for one in named)}
        keys = [self.key(request.with_target(one)) for one in targets if one is not None]
        return (*keys, *((*key, "HEAD") for key in keys))

    def renews(self, request: Request, stale: StoredResponse, response: Response) -> bool:
        """RFC 9111 §4.3.4: a 304; §4.3.5: the answer to a HEAD, if it is about the same."""
        return response.status == 304 or vouched_for(request, stale, response)

    def rescues(self, stale: StoredResponse, now: float, *, disconnected: bool = False) -> bool:
        """RFC 9111 §4.2.4: when disconnected, or as stale-if-error allows (RFC 5861 §4)."""
        if stale.always_validate:
            return False
        limit = stale.stale_if_error
        return disconnected if limit is None else stale.staleness(now) < limit

    def spares_s(self, status: int) -> int:
        return 0


if TYPE_CHECKING:
    _conforms: type[Rules] = RFC9111

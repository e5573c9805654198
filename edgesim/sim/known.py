"""What the nearest caches were last seen to have, so that a hit need not be begun.

Where a lifecycle has just left a fresh response in the nearest cache or found it there, and where
no function runs on the viewer's side, the next one would find the same response and serve it at
once, for as long as that cache still holds it and it is fresh. Looking it up is a use of it, as a
lifecycle's lookup is; whatever else is done here leaves the cache as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..cache.freshness import StoredResponse
from ..cache.reuse import Serve, Variants
from ..cache.shelves import Shelf
from ..cache.store import CacheKey, Store
from ..cloudfront.distribution import Behavior
from ..cloudfront.function import Trigger
from ..edge import Served
from ..http.message import Request, size_bytes
from ..topology.transfer import extra_round_trips

MARGIN_S = 0.001
"""More than what rounding makes of the end of a lifetime."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the nearest cache has for an object."""

    key: CacheKey
    variants: Variants
    fresh_until: float
    """It is fresh before. From then on it is asked itself."""
    rounds: int
    """Round trips that slow start adds over a new connection."""
    size_bytes: int

    def hit(self, store: Store, now: float) -> bool:
        """Whether a lifecycle that began `now` would serve it; it is used, if so."""
        if now >= self.fresh_until and self.variants[0].staleness(now) >= 0:
            return False
        return store.find(self.key) is self.variants


def known(served: Served, request: Request) -> Known | None:
    """What the answer to `request` tells; None where the next lifecycle may have more to do."""
    behavior, stored = served.behavior, _in_nearest(served)
    if stored is None or behavior is None or request.method != "GET":
        return None
    if served.response.status != 200 or stored.response.status != 200 or _runs_function(behavior):
        return None
    shelf = stored.place
    if not isinstance(shelf, Shelf) or len(shelf.variants) != 1 or not shelf.holds():
        return None
    size = size_bytes(stored.response.body)
    until = stored.response_time + stored.lifetime - stored.corrected_initial_age - MARGIN_S
    return Known(shelf.key, shelf.variants, until, extra_round_trips(size), size)


def _in_nearest(served: Served) -> StoredResponse | None:
    """What the nearest cache answered with, or kept of the answer."""
    if not served.verdicts or served.failure is not None:
        return None
    nearest = served.verdicts[0]
    if isinstance(nearest.decision, Serve):
        return None if nearest.decision.stale else nearest.decision.stored
    return nearest.kept if isinstance(nearest.kept, StoredResponse) else None


def _runs_function(behavior: Behavior) -> bool:
    """Whether one runs on the viewer's side, for hits too."""
    return any(trigger in behavior.functions for trigger in Trigger if not trigger.faces_origin)

"""May this stored response answer that request? (RFC 9111 §4)"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..http.message import Request
from ..values import value
from .directives import MAX_DELTA_S, delta_seconds, parse_cache_control
from .freshness import StoredResponse
from .partial import answers
from .vary import selected

Variants = tuple[StoredResponse, ...]
"""What is stored under one key, oldest first."""


class ForwardReason(StrEnum):
    """Why a request went past a cache. The values are RFC 9211 §2.2's."""

    BYPASS = "bypass"
    METHOD = "method"
    URI_MISS = "uri-miss"
    VARY_MISS = "vary-miss"
    REQUEST = "request"
    STALE = "stale"
    PARTIAL = "partial"


@value(frozen=True, slots=True)
class Serve:
    """Answer with `stored`; refresh it in the background if it is stale."""

    stored: StoredResponse
    stale: bool = False


@value(frozen=True, slots=True)
class Forward:
    """Ask the next hop; `stale` is what a 304 would bring back to life.

    `part` is stored and lacks something that is asked for: the answer may complete it.
    """

    reason: ForwardReason
    stale: StoredResponse | None = None
    part: StoredResponse | None = None


@value(frozen=True, slots=True)
class Bypass:
    """Neither look here nor keep what comes back."""

    reason: ForwardReason


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer 504: the viewer wants only what is stored, and nothing fits (RFC 9111 §5.2.1.7)."""


Decision = Serve | Forward | Bypass | Refuse


def by_age(
    stored: StoredResponse, now: float, *, longest_stale_s: float = MAX_DELTA_S
) -> Serve | Forward:
    """Serve what is fresh, or stale within its own stale-while-revalidate (RFC 5861 §3)."""
    if now < stored.spared_until:
        return Serve(stored)
    if stored.always_validate:
        return Forward(ForwardReason.STALE, stored)
    staleness = stored.staleness(now)
    if staleness < 0:
        return Serve(stored)
    if staleness < min(stored.stale_while_revalidate, longest_stale_s):
        return Serve(stored, stale=True)
    return Forward(ForwardReason.STALE, stored)


def decide(variants: Variants, request: Request, now: float) -> Decision:
    """What to do with a GET or HEAD `request`, given the responses stored under its key."""
    wishes = parse_cache_control(request.headers.get("cache-control"))
    decision = _best(variants, request, wishes, now)
    if "only-if-cached" in wishes and not isinstance(decision, Serve):
        return Refuse()
    return decision


def _best(
    variants: Variants, request: Request, wishes: dict[str, str], now: float
) -> Serve | Forward:
    if not variants:
        return Forward(ForwardReason.URI_MISS)
    stored = selected(variants, request)
    if stored is None:
        return Forward(ForwardReason.VARY_MISS)
    if not answers(stored, request):
        return Forward(ForwardReason.PARTIAL, part=stored)
    if "no-cache" in wishes or (not wishes and request.headers.get("pragma") == "no-cache"):
        return Forward(ForwardReason.REQUEST, stored)
    if not wishes:
        return by_age(stored, now)
    return _by_wishes(stored, wishes, now)


def _by_wishes(stored: StoredResponse, wishes: dict[str, str], now: float) -> Serve | Forward:
    """Request directives that change what is fresh enough (RFC 9111 §5.2.1)."""
    age, staleness = stored.current_age(now), stored.staleness(now)
    if "max-age" in wishes and age > delta_seconds(wishes["max-age"]):
        return Forward(ForwardReason.REQUEST, stored)
    if "min-fresh" in wishes and -staleness < delta_seconds(wishes["min-fresh"]):
        return Forward(ForwardReason.REQUEST, stored)
    decision = by_age(stored, now)
    if isinstance(decision, Forward) and "max-stale" in wishes and not stored.always_validate:
        limit = wishes["max-stale"]
        forbidden = stored.stale_if_error == 0
        if not forbidden and (limit == "" or staleness <= delta_seconds(limit)):
            return Serve(stored)
    return decision

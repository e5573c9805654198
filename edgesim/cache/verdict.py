"""What a cache did with a request, and the Cache-Status field that says so (RFC 9211)."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from ..values import value
from .freshness import StoredResponse
from .reuse import Decision, Refuse, Serve
from .storing import NotStored


@value(frozen=True, slots=True)
class Verdict:
    """What a tier decided about a request, and what became of the response there."""

    tier: str
    decision: Decision
    kept: StoredResponse | NotStored | None = None
    """What the response was stored as, or why not; None where nothing came to be stored."""
    joined: bool = False
    """Whether it waited for another request's flight first."""
    validated: bool = False
    """Whether a 304 renewed what was stored."""


def cache_status(verdicts: Sequence[Verdict], now: float, status: int) -> str:
    """The field's value, the cache nearest the origin first (RFC 9211 §2)."""
    return ", ".join([_member(verdict, now, status) for verdict in reversed(verdicts)])


def _member(verdict: Verdict, now: float, status: int) -> str:
    decision = verdict.decision
    if isinstance(decision, Serve):
        ttl = -floor(decision.stored.staleness(now))  # with Age it makes up the lifetime
        stale = "; detail=stale" if decision.stale else ""
        return f"{verdict.tier}; hit; ttl={ttl}{'; collapsed' * verdict.joined}{stale}"
    if isinstance(decision, Refuse):
        return f"{verdict.tier}; detail=only-if-cached"
    parts = [f"{verdict.tier}; fwd={decision.reason}"]
    if verdict.validated:
        parts.append("fwd-status=304")
    elif verdict.kept is not None:
        parts.append(f"fwd-status={status}")
    if verdict.joined:
        parts.append("collapsed=?0")
    if isinstance(verdict.kept, StoredResponse):
        left_s = verdict.kept.lifetime - int(verdict.kept.corrected_initial_age)
        parts += ["stored", f"ttl={left_s}"]
    elif verdict.kept is not None:
        parts.append(f"detail={verdict.kept}")
    return "; ".join(parts)

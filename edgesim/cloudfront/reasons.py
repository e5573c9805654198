"""What the caches decided about a request, in words: for the terminal, for a test that fails."""

from __future__ import annotations

from collections.abc import Sequence

from ..cache.freshness import StoredResponse
from ..cache.reuse import ForwardReason, Refuse, Serve
from ..cache.storing import NotStored
from ..cache.verdict import Verdict

NOT_STORED = {
    NotStored.METHOD: "not stored: only responses to GET are",
    NotStored.STATUS: "not stored: its status is not cacheable",
    NotStored.PARTIAL: "not stored: it does not say which part it is",
    NotStored.REQUEST_NO_STORE: "not stored: the viewer sent no-store",
    NotStored.NO_STORE: "not stored: the origin says no-store",
    NotStored.PRIVATE: "not stored: the origin says private",
    NotStored.AUTHORIZATION: "not stored: the request carried Authorization",
    NotStored.VARY_STAR: "not stored: the origin says Vary: *",
    NotStored.NO_LIFETIME: "not stored: the origin gives it no lifetime",
    NotStored.TOO_LARGE: "not stored: larger than the cache",
    NotStored.ENDLESS: "not stored: an endless stream",
    NotStored.DISABLED: "not stored: the cache policy disables caching",
}
WHY = {
    ForwardReason.BYPASS: "caching is disabled",
    ForwardReason.METHOD: "method is not cached",
    ForwardReason.URI_MISS: "not in the cache",
    ForwardReason.VARY_MISS: "no variant fits",
    ForwardReason.REQUEST: "the viewer wants it fresh",
    ForwardReason.STALE: "stale",
    ForwardReason.PARTIAL: "only a part is stored",
}


def reason(verdicts: Sequence[Verdict]) -> str:
    """Why it was no plain hit: what the nearest tier decided, and what it kept."""
    if not verdicts:
        return ""
    nearest = verdicts[0]
    decision, kept = nearest.decision, nearest.kept
    if isinstance(decision, Serve):
        if decision.stale:
            return "stale"
        return "joined a request under way" if nearest.joined else ""
    if isinstance(decision, Refuse):
        return "nothing stored, and it wanted nothing else"
    if isinstance(kept, StoredResponse):
        what = "still valid" if any(v.validated for v in verdicts) else "stored"
        return f"{WHY[decision.reason]}, {what} for {kept.lifetime:,} s"
    why = WHY[decision.reason]
    return f"{why}, {NOT_STORED[kept]}" if kept is not None else why

from __future__ import annotations

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.reuse import Bypass, Forward, ForwardReason, Refuse, Serve
from edgesim.cache.storing import NotStored
from edgesim.cache.verdict import Verdict, cache_status
from edgesim.http.message import Response

KEPT = StoredResponse(Response(200), 0, 0, 0, 0, lifetime=60)
AGED = StoredResponse(Response(200), 0, 0, 0, 7, lifetime=60)
MISS, STALE = Forward(ForwardReason.URI_MISS), Forward(ForwardReason.STALE, KEPT)

MEMBERS = [
    # verdict                                        at   member          why; RFC 9211 §2
    (Verdict("pop", Serve(KEPT)), 10, "pop; hit; ttl=50", "ttl is what is left"),
    (Verdict("pop", Serve(KEPT, stale=True)), 70, "pop; hit; ttl=-10; detail=stale", "or is past"),
    (Verdict("pop", Serve(KEPT), joined=True), 0, "pop; hit; ttl=60; collapsed", "§2.6"),
    (
        Verdict("pop", MISS, KEPT),
        0,
        "pop; fwd=uri-miss; fwd-status=200; stored; ttl=60",
        "§2.2, §2.3, §2.5",
    ),
    (
        Verdict("pop", MISS, AGED),
        0,
        "pop; fwd=uri-miss; fwd-status=200; stored; ttl=53",
        "it came with an Age, §2.5: what remains",
    ),
    (
        Verdict("pop", MISS, NotStored.NO_STORE),
        0,
        "pop; fwd=uri-miss; fwd-status=200; detail=no-store",
        "why it was not stored",
    ),
    (
        Verdict("pop", STALE, KEPT, validated=True),
        0,
        "pop; fwd=stale; fwd-status=304; stored; ttl=60",
        "the origin said 304, whatever the viewer gets",
    ),
    (
        Verdict("pop", MISS, KEPT, joined=True),
        0,
        "pop; fwd=uri-miss; fwd-status=200; collapsed=?0; stored; ttl=60",
        "it waited in vain, §2.6",
    ),
    (Verdict("pop", Refuse()), 0, "pop; detail=only-if-cached", "nobody was asked, RFC 9111"),
    (
        Verdict("pop", Forward(ForwardReason.PARTIAL, part=KEPT), NotStored.PARTIAL),
        0,
        "pop; fwd=partial; fwd-status=200; detail=partial",
        "a part was stored, §2.2",
    ),
    (Verdict("pop", Bypass(ForwardReason.METHOD)), 0, "pop; fwd=method", "nothing to keep"),
]


@pytest.mark.parametrize(("verdict", "now", "member", "why"), MEMBERS)
def test_cache_status(verdict: Verdict, now: float, member: str, why: str) -> None:
    assert cache_status([verdict], now, 200) == member, why


def test_the_cache_nearest_the_origin_comes_first() -> None:
    verdicts = [Verdict("pop", Bypass(ForwardReason.BYPASS)), Verdict("regional", Serve(KEPT))]
    assert cache_status(verdicts, 0, 200) == "regional; hit; ttl=60, pop; fwd=bypass", "§2"

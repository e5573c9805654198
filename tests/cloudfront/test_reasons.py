from __future__ import annotations

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.reuse import Bypass, Forward, ForwardReason, Refuse, Serve
from edgesim.cache.storing import NotStored
from edgesim.cache.verdict import Verdict
from edgesim.cloudfront.reasons import NOT_STORED, WHY, reason
from edgesim.http.message import Response

STORED = StoredResponse(
    Response(200),
    request_time=0.0,
    response_time=0.0,
    date_value=0.0,
    age_value=0,
    lifetime=3600,
    origin_status=200,
)
MISSED = Forward(ForwardReason.URI_MISS)
STALE = Forward(ForwardReason.STALE, STORED)

ROWS = [
    ([], ""),
    ([Verdict("pop", Serve(STORED))], ""),
    ([Verdict("pop", Serve(STORED, stale=True))], "stale"),
    ([Verdict("pop", Serve(STORED), joined=True)], "joined a request under way"),
    ([Verdict("pop", Refuse())], "nothing stored, and it wanted nothing else"),
    ([Verdict("pop", MISSED, STORED)], "not in the cache, stored for 3,600 s"),
    ([Verdict("pop", STALE, STORED, validated=True)], "stale, still valid for 3,600 s"),
    (
        [Verdict("pop", MISSED, NotStored.NO_STORE)],
        "not in the cache, not stored: the origin says no-store",
    ),
    ([Verdict("pop", Bypass(ForwardReason.METHOD))], "method is not cached"),
]


@pytest.mark.parametrize(("verdicts", "said"), ROWS)
def test_why_it_was_no_plain_hit(verdicts: list[Verdict], said: str) -> None:
    assert reason(verdicts) == said


def test_there_are_words_for_every_decision() -> None:
    assert set(WHY) == set(ForwardReason)
    assert set(NOT_STORED) == set(NotStored)

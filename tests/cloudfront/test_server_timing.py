"""CloudFront: "Understand response headers policies", Server-Timing header."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.policies import CachePolicy, ResponseHeadersPolicy
from edgesim.cloudfront.result_type import ResultType
from edgesim.cloudfront.server_timing import Timing, is_sampled, with_timing
from edgesim.edge import Served
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Viewer
from tests.conftest import World

ID = "id=="
END = f'cdn-pop;desc="FRA56-P1",cdn-rid;desc="{ID}"'
UPSTREAM = "cdn-upstream-dns;dur=0,cdn-upstream-connect;dur=0,cdn-upstream-fbl;dur=120"

METRICS = [
    # from                    tier            value                                      why
    (
        ResultType.MISS,
        "regional",
        f'cdn-upstream-layer;desc="REC",{UPSTREAM},cdn-cache-miss,{END},cdn-downstream-fbl;dur=150',
        "a miss that the regional cache sent on",
    ),
    (
        ResultType.MISS,
        "shield-us-east-1",
        (
            f'cdn-upstream-layer;desc="Origin Shield",{UPSTREAM},cdn-cache-miss,{END},'
            "cdn-downstream-fbl;dur=150"
        ),
        "or Origin Shield",
    ),
    (
        ResultType.HIT,
        "pop",
        f'cdn-cache-hit,{END},cdn-hit-layer;desc="EDGE",cdn-downstream-fbl;dur=150',
        "a hit at the POP",
    ),
    (
        ResultType.HIT,
        "regional",
        f'cdn-cache-hit,{END},cdn-hit-layer;desc="REC",cdn-downstream-fbl;dur=150',
        "a hit behind it",
    ),
    (
        ResultType.REFRESH_HIT,
        "regional",
        f"cdn-cache-refresh,{END},cdn-downstream-fbl;dur=150",
        "a 304 of the origin",
    ),
    (None, "", f"{END},cdn-downstream-fbl;dur=150", "no cache was asked"),
]


@pytest.mark.parametrize(("came_from", "tier", "value", "why"), METRICS)
def test_metrics(came_from: ResultType | None, tier: str, value: str, why: str) -> None:
    timing = Timing(came_from, tier, 0.12, 0.15)
    assert with_timing(timing, "FRA56-P1", ID, Headers()).get("server-timing") == value, why


def test_what_the_origin_says_is_merged_on_a_miss_and_gone_on_a_hit() -> None:
    own = Headers([("Server-Timing", "db;dur=5"), ("server-timing", "app;dur=7")])
    miss = with_timing(Timing(ResultType.MISS, "pop", 0, 0), "P", ID, own)
    assert (miss.get("server-timing") or "").endswith(",db;dur=5, app;dur=7")
    assert len(miss.all("server-timing")) == 1
    hit = with_timing(Timing(ResultType.HIT, "pop", 0, 0), "P", ID, own)
    assert "db" not in (hit.get("server-timing") or "")


def test_sampling() -> None:
    plain, asking = Request("GET", "/"), Request("GET", "/", Headers([("Pragma", "Server-Timing")]))
    ids = [f"{number:054d}==" for number in range(2000)]
    assert not any(is_sampled(0, plain, one) for one in ids)
    assert all(is_sampled(100, plain, one) for one in ids)
    assert 150 < sum(is_sampled(10, plain, one) for one in ids) < 250
    assert is_sampled(0, asking, ID), "a viewer may ask for it"


def timing_of(served: Served) -> str | None:
    return served.response.headers.get("server-timing")


def test_a_policy_that_has_it() -> None:
    timed = ResponseHeadersPolicy(server_timing_percent=0.0)
    world = World(policy=CachePolicy(), response_headers_policy=timed)
    world.origin.headers = {"Server-Timing": "db;dur=5"}
    miss = timing_of(world.get("/", Pragma="server-timing")) or ""
    assert 'cdn-upstream-layer;desc="REC"' in miss
    assert "cdn-upstream-fbl;dur=50" in miss
    assert "cdn-downstream-fbl;dur=150" in miss, "with the way there and back"
    assert miss.endswith(",db;dur=5")
    hit = timing_of(world.get("/", Pragma="server-timing")) or ""
    assert hit.startswith('cdn-cache-hit,cdn-pop;desc="FRA56-P1",cdn-rid;desc="request-id=="')
    assert timing_of(world.get("/")) == "db;dur=5", "not sampled, and not asked for"


def test_a_policy_that_has_it_not() -> None:
    world = World(policy=CachePolicy(), response_headers_policy=ResponseHeadersPolicy())
    assert timing_of(world.get("/", Pragma="server-timing")) is None


def test_a_redirect_has_none() -> None:
    timed = ResponseHeadersPolicy(server_timing_percent=100.0)
    settings = {"viewer_protocol_policy": "redirect-to-https"}
    world = World(policy=CachePolicy(), response_headers_policy=timed, **settings)
    assert timing_of(world.get("/", viewer=Viewer())) is None

"""How long the parts of a request take inside the process, without the kernel, in µs.

pytest bench/bench_pure.py --benchmark-only
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.rules import RFC9111
from edgesim.cache.store import Store
from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.key import cache_key
from edgesim.cloudfront.lambda_event import request_event
from edgesim.cloudfront.lambda_result import request_result
from edgesim.cloudfront.managed_policies import CACHE_POLICIES, ORIGIN_REQUEST_POLICIES
from edgesim.cloudfront.origin import Origin
from edgesim.edge import Edge, Served, Tier
from edgesim.effects import Fetch, Steps, Waiting, start
from edgesim.http.head import framed, parse_request_head
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer
from edgesim.lifecycle import serve
from edgesim.live.driver import Driver
from edgesim.live.fast_lane import answered
from edgesim.live.running import Running
from edgesim.topology.network import Link

Benchmark = Callable[..., Any]

HEAD = (
    b"GET /products/7?size=l HTTP/1.1\r\nHost: www.example.test\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36\r\n"
    b"Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en\r\n"
    b"Accept-Encoding: gzip, deflate, br\r\nCookie: session=0123456789abcdef; theme=dark\r\n\r\n"
)
REQUEST = parse_request_head(HEAD)
RESPONSE = Response(
    200,
    Headers(
        [
            ("Date", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "public, max-age=3600"),
            ("ETag", '"5f2b-1a"'),
            ("Last-Modified", "Wed, 31 Dec 2025 00:00:00 GMT"),
        ]
    ),
    b"x" * 1024,
)
NOW_S = 1_767_225_600.0
VIEWER = Viewer()
POLICY = CACHE_POLICIES["CachingOptimized"]
RULES = CloudFrontCaching(POLICY)


class Clock:
    """Stands still unless it is set."""

    now = NOW_S

    def __call__(self) -> float:
        return self.now


def edge(clock: Clock | None = None) -> Edge:
    """Two tiers with nothing in them."""
    tiers = (Tier("pop", Link("pop-regional")), Tier("regional", Link("regional-origin")))
    behavior = Behavior(
        "*",
        Origin("app", host="origin.example.test"),
        rules=RULES,
        cache_policy=POLICY,
        origin_request_policy=ORIGIN_REQUEST_POLICIES["AllViewer"],
    )
    return Edge(Distribution((behavior,)), tiers, clock or Clock())


def lifecycle(edge: Edge, request: Request) -> Served:
    """One request from start to end; the origin answers at once."""
    steps: Steps[Served] = serve(edge, request, VIEWER, "request-id==")
    outcome = start(steps)
    if isinstance(outcome, Waiting):
        assert isinstance(outcome.effect, Fetch)
        try:
            steps.send(RESPONSE)
        except StopIteration as done:
            outcome = done.value
    assert isinstance(outcome, Served)
    return outcome


def filled() -> Edge:
    """An edge that has had the response for five seconds."""
    clock = Clock()
    edge_with_it = edge(clock)
    lifecycle(edge_with_it, REQUEST)
    clock.now += 5
    return edge_with_it


def stored() -> StoredResponse:
    kept = RULES.stored_form(REQUEST, RESPONSE, NOW_S, NOW_S)
    assert isinstance(kept, StoredResponse)
    return kept


def test_parse_request_head(benchmark: Benchmark) -> None:
    assert benchmark(parse_request_head, HEAD).path == "/products/7"


def test_framed(benchmark: Benchmark) -> None:
    assert benchmark(framed, RESPONSE, "GET", "1.1", keep_alive=True).has_body


def test_cache_key(benchmark: Benchmark) -> None:
    assert benchmark(cache_key, POLICY, REQUEST) == ("/products/7", "accept-encoding=br,gzip")


@pytest.mark.parametrize("rules", [RULES, RFC9111()], ids=["cloudfront", "rfc9111"])
def test_decide(benchmark: Benchmark, rules: Any) -> None:
    variants = (stored(),)
    assert benchmark(rules.decide, variants, REQUEST, NOW_S).stored is variants[0]


def test_stored_form(benchmark: Benchmark) -> None:
    assert benchmark(stored).lifetime == 3600


def test_current_age(benchmark: Benchmark) -> None:
    assert benchmark(stored().current_age, NOW_S + 5) == 5


def test_aged(benchmark: Benchmark) -> None:
    assert benchmark(stored().aged, NOW_S + 5).headers.get("age") == "5"


def test_store_find(benchmark: Benchmark) -> None:
    store, key = Store(), cache_key(POLICY, REQUEST)
    store.put(key, stored())
    assert benchmark(store.find, key)


def test_store_put(benchmark: Benchmark) -> None:
    store, key, kept = Store(), cache_key(POLICY, REQUEST), stored()
    benchmark(store.put, key, kept)
    assert len(store) == 1


def test_store_put_and_evict(benchmark: Benchmark) -> None:
    store, numbers = Store(capacity_bytes=100_000), count()

    def put() -> None:
        store.put((f"/products/{next(numbers)}",), stored_by_number)

    stored_by_number = stored()
    benchmark(put)
    assert store.size_bytes <= store.capacity_bytes


def test_event(benchmark: Benchmark) -> None:
    distribution = edge().distribution
    make = (distribution, Trigger.VIEWER_REQUEST, REQUEST, "127.0.0.1", "request-id==")
    assert benchmark(request_event, *make)["Records"]


def test_result_checked(benchmark: Benchmark) -> None:
    trigger = Trigger.VIEWER_REQUEST
    event = request_event(edge().distribution, trigger, REQUEST, "127.0.0.1", "request-id==")
    result = event["Records"][0]["cf"]["request"]
    asked = benchmark(request_result, trigger, result, REQUEST)
    assert asked.request.target == REQUEST.target


def test_lifecycle_hit(benchmark: Benchmark) -> None:
    assert benchmark(lifecycle, filled(), REQUEST).hit is not None


def test_lifecycle_hit_of_a_new_request(benchmark: Benchmark) -> None:
    """As on the wire: no two requests share the index of their headers."""
    warm, lines = filled(), tuple(REQUEST.headers)

    def hit() -> Served:
        return lifecycle(warm, Request("GET", REQUEST.target, Headers(lines)))

    assert benchmark(hit).hit is not None


def test_lifecycle_miss(benchmark: Benchmark) -> None:
    empty, numbers = edge(), count()

    def miss() -> Served:
        return lifecycle(empty, Request("GET", f"/products/{next(numbers)}", REQUEST.headers))

    assert benchmark(miss).hit is None


def test_memo_recall(benchmark: Benchmark) -> None:
    running = Running(filled(), Driver(None, None))  # type: ignore[arg-type]  # nobody waits
    given = (running, HEAD, VIEWER, "request-id==")
    first = answered(*given)
    assert benchmark(answered, *given) is first, "the very same answer"

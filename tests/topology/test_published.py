"""Experiments that somebody published, done again in the simulated world."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest

from edgesim.caches import Caches
from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import ALL_METHODS, Behavior, Distribution, Routing
from edgesim.cloudfront.managed_policies import CACHE_POLICIES
from edgesim.cloudfront.origin import Origin
from edgesim.config.world import world
from edgesim.edge import Edge
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.lifecycle import serve
from edgesim.sim.driver import Simulation, Timed
from edgesim.topology.durations import CLOUDFRONT_FUNCTION, LAMBDA_COLD_START, LAMBDA_WARM
from edgesim.topology.handshakes import Handshake
from edgesim.topology.routing import path_for

WORLD = world()
UNCACHED = CACHE_POLICIES["CachingDisabled"]


@dataclass
class Api:
    """An API that nothing caches, and its viewers."""

    region: str
    routing: Routing = Routing.EDGE_OPTIMIZED
    server_s: float = 0.005
    """What API Gateway needs for a MOCK integration: 5 to 10 ms."""

    def __post_init__(self) -> None:
        answer = Timed(Response(200, body=b"{}"), self.server_s)
        self.sim = Simulation(lambda *_: answer, lambda *_: Timed(None))
        origin = Origin("api", host="api.test", protocol="https", region=self.region)
        behavior = Behavior(
            "*",
            origin,
            rules=CloudFrontCaching(UNCACHED),
            cache_policy=UNCACHED,
            allowed_methods=ALL_METHODS,
        )
        self.distribution = Distribution((behavior,), routing=self.routing)
        self.caches = Caches()

    def ms(self, viewer: str, handshake: Handshake | None = Handshake.TLS_1_2) -> float:
        """One request, over a connection that is open if there is no `handshake`."""
        path = path_for(WORLD, WORLD.viewer(viewer), routing=self.routing, region=self.region)
        nowhere = Edge(self.distribution, (), self.sim.clock)
        edge = self.caches.placed(nowhere, path, path.entry(handshake))
        began = self.sim.now
        self.sim.finish(serve(edge, Request("GET", "/", Headers([("Host", "api.test")]))))
        return (self.sim.now - began) * 1000

    def many_ms(self, viewer: str, **settings: Any) -> float:
        """The median of requests one after another; the first one warms the way."""
        return median(self.ms(viewer, **settings) for _ in range(5))


def both(region: str) -> tuple[Api, Api]:
    return Api(region), Api(region, Routing.REGIONAL)


SENTIA = [
    ("eu-west-1", Routing.REGIONAL, 103, 0.15, "4 round trips of 26 ms"),
    ("us-east-1", Routing.REGIONAL, 355, 0.10, "4 of 89"),
    ("sa-east-1", Routing.REGIONAL, 909, 0.12, "4 of 227, which were 205 in 2025"),
    ("eu-west-1", Routing.PRIVATE, 104, 0.15, "as far"),
    ("us-east-1", Routing.PRIVATE, 360, 0.10, "as far"),
    ("sa-east-1", Routing.PRIVATE, 915, 0.12, "as far"),
    ("us-east-1", Routing.EDGE_OPTIMIZED, 104, 0.10, "1 far round trip and 4 near ones"),
    ("sa-east-1", Routing.EDGE_OPTIMIZED, 241, 0.12, "1 far round trip and 4 near ones"),
]


@pytest.mark.parametrize(("client", "routing", "published_ms", "tolerance", "why"), SENTIA)
def test_edge_optimized_against_regional(
    client: str, routing: Routing, published_ms: float, tolerance: float, why: str
) -> None:
    """Sentia, "AWS API Gateway types, use cases and performance", 2018: API in Frankfurt.

    A new connection with TLS 1.2 for each request, medians.
    """
    assert Api("eu-central-1", routing).many_ms(client) == pytest.approx(
        published_ms, rel=tolerance
    ), why


def test_the_same_from_nearby_lies_between_the_quickest_and_the_median() -> None:
    """Its medians there are of a hundred requests at a time on one small machine."""
    edge, regional = both("eu-central-1")
    assert 31 <= edge.many_ms("eu-west-1") <= 61, "Ireland, edge-optimized"
    assert 18 <= edge.many_ms("eu-central-1") <= 58, "Frankfurt, edge-optimized"
    assert 8 <= regional.many_ms("eu-central-1") <= 81, "Frankfurt, regional"


def test_with_connections_kept_open_the_edge_wins_nothing() -> None:
    edge, regional = both("eu-central-1")
    edge.ms("us-east-1")
    regional.ms("us-east-1")
    saved = regional.ms("us-east-1", handshake=None) - edge.ms("us-east-1", handshake=None)
    assert abs(saved) < 5


def test_own_cloudfront_before_a_far_api() -> None:
    """Mryhryki (zenn.dev), 2021: client in Japan, Lambda in Virginia, one call after another."""
    api = Api("us-east-1", server_s=0.010)
    assert 462 <= api.ms("Tokyo", handshake=None) <= 679, "20 %: a new connection to the origin"
    assert 165 <= api.ms("Tokyo", handshake=None) <= 204, "80 %: over one that is open"
    direct = Api("us-east-1", Routing.REGIONAL, server_s=0.010)
    assert 160 <= direct.ms("Tokyo", handshake=None) <= 223, "209 on average without CloudFront"


def test_own_cloudfront_before_a_near_api() -> None:
    """As before with the API in Tokyo: 40.3 ms directly, 40.5 through CloudFront."""
    through, direct = both("ap-northeast-1")
    through.ms("Tokyo")
    direct.ms("Tokyo")
    between = through.ms("Tokyo", handshake=None) - direct.ms("Tokyo", handshake=None)
    assert abs(between) < 5


def test_what_a_function_at_the_edge_adds() -> None:
    """pauly4it, "Edge functions", 2022: 500 requests from one city of the United States.

    Time after TLS without the round trip to the viewer: CloudFront Functions 2 ms,
    Lambda@Edge 29 ms (median), 180 ms (99th percentile) and 698 at most.
    """
    assert CLOUDFRONT_FUNCTION.median_s <= 0.002
    cities = [one for one in WORLD.edge_cities.values() if one.country == "US"]
    added = [
        path_for(WORLD, WORLD.viewer(city.code)).uplink.rtt_s + LAMBDA_WARM.median_s
        for city in cities
    ]
    assert 0.008 <= median(added) <= 0.035
    assert max(added) <= 0.064, "the 95th percentile"
    assert LAMBDA_COLD_START.at(0.99) + max(added) >= 0.698

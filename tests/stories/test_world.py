"""Whole lifecycles over the map, in virtual time: which links, how often, how long."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edgesim.cache.rules import RFC9111
from edgesim.caches import Caches
from edgesim.cloudfront.distribution import ALL_METHODS, Behavior, Distribution, Routing
from edgesim.cloudfront.function import Association, Function, Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.origin import Failover, Origin
from edgesim.config.world import world
from edgesim.edge import Edge, Served
from edgesim.effects import Effect, Steps, Travel
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer
from edgesim.lifecycle import serve
from edgesim.sim.driver import Simulation, Timed
from edgesim.testing.edge import VirtualEdge
from edgesim.topology.handshakes import Handshake
from edgesim.topology.routing import Outages, path_for

WORLD = world()
FRESH = Headers([("Cache-Control", "max-age=600")])
FRANKFURT = Origin("app", host="origin.test", protocol="https", region="eu-central-1")


class Planet:
    """A distribution, its caches all over the world, and the links that its requests cross."""

    def __init__(self, origin: Origin = FRANKFURT, **behavior: Any) -> None:
        self.routing = Routing.EDGE_OPTIMIZED
        self.answer = Response(200, FRESH, b"hello")
        self.outages = Outages()
        self.sim = Simulation(lambda *_: Timed(self.answer, 0.010), self._ran, watcher=self._saw)
        behavior.setdefault("allowed_methods", ALL_METHODS)
        self.behavior = Behavior("*", origin, **behavior)
        self.caches = Caches()
        self.crossed: list[str] = []
        self.seconds = 0.0

    def get(
        self,
        city: str,
        target: str = "/",
        *,
        method: str = "GET",
        handshake: Handshake | None = None,
        size_bytes: int = 0,
    ) -> Served:
        distribution = Distribution((self.behavior,), routing=self.routing)
        path = path_for(
            WORLD,
            WORLD.viewer(city),
            routing=self.routing,
            region=distribution.home_region,
            outages=self.outages,
        )
        edge = Edge(distribution, (), self.sim.clock)
        edge = self.caches.placed(edge, path, path.entry(handshake))
        self.crossed.clear()
        began = self.sim.now
        request = Request(method, target, Headers([("Host", "x.test")]), bytes(size_bytes))
        served = self.sim.finish(serve(edge, request, Viewer(place=path.viewer.place)))
        self.seconds = self.sim.now - began
        return served

    def _ran(self, function: Function, trigger: Trigger, event: Json) -> Timed:
        record = event["Records"][0]["cf"] if "Records" in event else event
        answers = trigger.faces_origin or trigger is Trigger.VIEWER_REQUEST
        return Timed(record["request"] if answers else record["response"], 0.0)

    def _saw(self, steps: Steps[Any], effect: Effect, reply: Timed) -> None:
        if isinstance(effect, Travel):
            self.crossed.append(effect.link.name)


def rtt_s(a: str, b: str) -> float:
    return WORLD.link(WORLD.site(a), WORLD.site(b)).rtt_s


ENTRY = "Osaka-KIX"
UP = "KIX-ap-northeast-1"
OVER = "ap-northeast-1-eu-central-1"


def test_a_miss_goes_all_the_way_and_a_hit_no_farther_than_it_has_to() -> None:
    planet = Planet()
    planet.get("Osaka")
    assert planet.crossed == [ENTRY, UP, OVER, OVER, UP, ENTRY]
    planet.get("Osaka")
    assert planet.crossed == [ENTRY, ENTRY]
    planet.get("Tokyo")
    regional = "NRT-ap-northeast-1"
    assert planet.crossed == ["Tokyo-NRT", regional, regional, "Tokyo-NRT"]


def test_a_miss_takes_a_handshake_with_the_origin_only_while_no_connection_is_open() -> None:
    planet, local = Planet(), 0.010
    entry = path_for(WORLD, WORLD.viewer("Osaka")).entry().rtt_s
    near, far = entry + rtt_s("KIX", "ap-northeast-1"), rtt_s("ap-northeast-1", "eu-central-1")
    planet.get("Osaka", "/1")
    assert planet.seconds == pytest.approx(near + 4 * far + local), "TCP 1, TLS 1.2 2, request 1"
    planet.get("Tokyo", "/2")
    assert planet.seconds < 1.5 * far, "the regional cache's connection serves another POP"
    planet.get("Osaka", "/3")
    assert planet.seconds == pytest.approx(near + far + local)
    planet.sim.run(until=planet.sim.now + FRANKFURT.keepalive_timeout_s)
    planet.get("Osaka", "/4")
    assert planet.seconds == pytest.approx(near + 4 * far + local), "closed after 5 idle seconds"


def test_an_origin_without_tls_takes_one_round_trip_to_connect_to() -> None:
    planet = Planet(replace(FRANKFURT, protocol="http"))
    planet.get("eu-central-1")
    plain = planet.seconds
    planet = Planet()
    planet.get("eu-central-1")
    assert planet.seconds - plain == pytest.approx(2 * rtt_s("eu-central-1", "eu-central-1"))


DIRECT = [("POST", "CloudFront sends proxy methods from the POP"), ("OPTIONS", "these too")]


@pytest.mark.parametrize(("method", "why"), DIRECT)
def test_what_skips_the_regional_cache_does_not_go_there(method: str, why: str) -> None:
    planet = Planet()
    planet.get("Osaka", method=method)
    direct = "KIX-eu-central-1"
    assert planet.crossed == [ENTRY, direct, direct, ENTRY], why


BUCKET = replace(FRANKFURT, host="shop.s3.eu-central-1.amazonaws.com")
BESIDE: list[tuple[Origin, dict[str, Any], str, list[str], str]] = [
    # origin, behavior                       viewer     tiers                and why
    (BUCKET, {}, "Berlin", ["pop"], "a bucket in the Region of the regional cache"),
    (BUCKET, {}, "Osaka", ["pop", "regional"], "it is in another Region"),
    (FRANKFURT, {}, "Berlin", ["pop", "regional"], "it is no bucket"),
    (replace(BUCKET, host="shop.s3-website.eu-central-1.amazonaws.com"), {}, "Berlin",
     ["pop", "regional"], "a website endpoint is a custom origin"),
    (replace(BUCKET, shield_region="eu-west-1"), {}, "Berlin",
     ["pop", "regional", "shield-eu-west-1"], "it wants one cache in particular before it"),
    (BUCKET, {"cache_policy": None, "rules": RFC9111()}, "Berlin", ["pop", "regional"],
     "RFC 9111 knows no buckets"),
]  # fmt: skip


@pytest.mark.parametrize(("origin", "behavior", "city", "tiers", "why"), BESIDE)
def test_a_bucket_beside_the_regional_cache_is_asked_by_the_pop(
    origin: Origin, behavior: dict[str, Any], city: str, tiers: list[str], why: str
) -> None:
    planet = Planet(origin, **behavior)
    first = planet.get(city)
    assert [verdict.tier for verdict in first.verdicts] == tiers, why
    assert planet.get(city).result_type == "Hit", "the POP keeps it all the same"


def test_its_stand_by_is_asked_from_the_same_place() -> None:
    elsewhere = replace(FRANKFURT, name="standby", region="eu-west-1")
    planet = Planet(BUCKET, failover=Failover(elsewhere, frozenset({503})))
    planet.answer = Response(503, Headers())
    planet.get("Berlin")
    bucket, standby = ["TXL-eu-central-1"] * 2, ["TXL-eu-west-1"] * 2
    assert planet.crossed == ["Berlin-TXL", *bucket, *standby, "Berlin-TXL"]


def test_a_new_connection_from_the_viewer_is_made_first() -> None:
    planet = Planet()
    planet.get("Osaka")
    entry_s = path_for(WORLD, WORLD.viewer("Osaka")).entry().rtt_s
    for handshake in (None, *Handshake):
        planet.get("Osaka", handshake=handshake)
        round_trips = 1 + (handshake.round_trips if handshake else 0)
        assert planet.seconds == pytest.approx(round_trips * entry_s), handshake


def test_a_large_body_is_slow_over_a_new_connection_alone() -> None:
    planet = Planet()
    planet.answer = Response(200, FRESH, bytes(200_000))
    planet.get("Osaka")
    entry_s = path_for(WORLD, WORLD.viewer("Osaka")).entry().rtt_s
    planet.get("Osaka")
    assert planet.seconds == pytest.approx(entry_s)
    planet.get("Osaka", handshake=Handshake.TLS_1_3)
    assert planet.seconds == pytest.approx(entry_s * (3 + 3)), "windows of 15, 29, 58 and 117 KB"


def test_origin_shield_lies_between_the_regional_cache_and_the_origin() -> None:
    planet = Planet(replace(FRANKFURT, shield_region="eu-west-1"))
    planet.get("Osaka")
    shield, last = "ap-northeast-1-eu-west-1", "eu-west-1-eu-central-1"
    assert planet.crossed == [ENTRY, UP, shield, last, last, shield, UP, ENTRY]
    planet.get("Berlin")
    assert planet.crossed == [
        "Berlin-TXL",
        "TXL-eu-central-1",
        "eu-central-1-eu-west-1",
        "eu-central-1-eu-west-1",
        "TXL-eu-central-1",
        "Berlin-TXL",
    ], "the Shield has it"
    planet.get("Dublin", "/other")
    assert planet.crossed[1:4] == ["DUB-eu-west-1", last, last], "its own Shield is one hop"


def test_an_origin_group_fails_over_to_where_the_second_origin_is() -> None:
    second = replace(FRANKFURT, name="second", region="us-east-1")
    planet = Planet(failover=Failover(second, frozenset({500})))
    planet.answer = Response(500)
    planet.get("Osaka")
    other = "ap-northeast-1-us-east-1"
    assert planet.crossed == [ENTRY, UP, OVER, OVER, other, other, UP, ENTRY]


FUNCTIONS = [
    ("nodejs22.x", Trigger.VIEWER_REQUEST, 2, "Lambda@Edge runs in a region near the POP"),
    ("nodejs22.x", Trigger.VIEWER_RESPONSE, 2, "as well"),
    ("cloudfront-js-2.0", Trigger.VIEWER_REQUEST, 0, "CloudFront Functions run at the POP"),
    ("nodejs22.x", Trigger.ORIGIN_REQUEST, 0, "where the request is already"),
]


@pytest.mark.parametrize(("runtime", "trigger", "times", "why"), FUNCTIONS)
def test_where_functions_run(runtime: str, trigger: Trigger, times: int, why: str) -> None:
    planet = Planet(functions={trigger: Association(Function("f", runtime))})
    planet.get("Osaka")
    assert planet.crossed.count(UP) == 2 + times, why


def test_regional_endpoints_are_crossed_to_by_the_viewer() -> None:
    planet = Planet()
    planet.routing = Routing.REGIONAL
    over = "Osaka-eu-central-1"
    planet.get("Osaka")
    inside = "eu-central-1-eu-central-1"
    assert planet.crossed == [over, inside, inside, over]
    planet.get("Berlin")
    assert planet.crossed == ["Berlin-eu-central-1"] * 2, "one cache for everybody"


def test_who_may_not_come_in_is_told_so_after_the_whole_way() -> None:
    planet = Planet()
    planet.routing = Routing.PRIVATE
    served = planet.get("Osaka")
    assert (served.response.status, served.response.body) == (403, b'{"message":"Forbidden"}')
    assert "x-cache" not in served.response.headers
    assert planet.crossed == ["Osaka-eu-central-1"] * 2
    assert planet.get("eu-west-1").response.status == 200


def test_a_pop_comes_back_with_what_it_had() -> None:
    planet = Planet()
    planet.get("Tokyo")
    planet.outages = Outages(frozenset({"NRT"}))
    served = planet.get("Tokyo")
    assert (served.response.headers.get("x-amz-cf-pop") or "").startswith("KIX")
    planet.outages = Outages()
    assert planet.get("Tokyo").hit is not None


def test_the_fixture_places_viewers(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", text="hello", headers={"cache-control": "max-age=60"})
    first, second = edge.get("/", viewer="Tokyo"), edge.get("/", viewer="Tokyo")
    assert first.edge.pop.startswith("NRT")
    assert first.edge.result_type == "Miss"
    assert second.edge.result_type == "Hit"
    entry = path_for(WORLD, WORLD.viewer("Tokyo")).entry()
    assert second.edge.seconds == pytest.approx(entry.rtt_s), "the connection is open already"
    assert f"crossed Tokyo-NRT after {entry.rtt_s * 500:g} ms" in str(second.edge)
    assert edge.get("/").edge.pop == "FRA56-P1", "who is placed nowhere has a cache of their own"
    assert edge.origin("app").calls == 2
    assert edge.invalidate("/*") == 4
    edge.outage("NRT")
    assert edge.get("/", viewer="Tokyo").edge.pop.startswith("KIX")
    edge.outage("NRT", on=False)
    placed = edge.client(headers={"X-Edgesim-Viewer": "Tokyo"})
    assert placed.get("/").headers["x-amz-cf-pop"].startswith("NRT")
    seen = {name for request in edge.origin("app").requests for name in request.headers.names()}
    assert "x-edgesim-viewer" not in seen

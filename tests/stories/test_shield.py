"""One more cache before some origins (CloudFront: "Use Amazon CloudFront Origin Shield")."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import READ_METHODS, Distribution
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.origin import Failover, Origin
from edgesim.cloudfront.policies import CachePolicy
from edgesim.edge import Edge, Served, Tier, shields_for
from edgesim.effects import Steps
from edgesim.errors import OriginError
from edgesim.topology.network import Link
from tests.conftest import World

FRANKFURT, IRELAND = "eu-central-1", "eu-west-1"
SHIELD = f"shield-{FRANKFURT}"
POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)
OFF = CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=0)
OPTIONS_TOO = {"rules": CloudFrontCaching(POLICY, cached_methods=READ_METHODS | {"OPTIONS"})}
WEBSOCKET = {"upgrade": "websocket", "connection": "Upgrade"}


def shielded(policy: CachePolicy | None = POLICY, **settings: Any) -> World:
    return World(policy=policy, shield=FRANKFURT, **settings)


def shield_of(world: World, region: str = FRANKFURT) -> Tier:
    return world.edge.shields[region].tier


WAYS: list[tuple[CachePolicy | None, dict[str, Any], dict[str, Any], list[str], list[int], str]] = [
    # policy, behavior, request         caches asked              then stored in each, and why
    (POLICY, {}, {}, ["pop", "regional", SHIELD], [1, 1, 1], "three tiers"),
    (POLICY, {}, {"method": "HEAD"}, ["pop", "regional", SHIELD], [1, 1, 1], "HEAD as GET"),
    (POLICY, {}, {"range": "bytes=0-1"}, ["pop", "regional", SHIELD], [1, 1, 1], "a range too"),
    (OFF, {}, {}, ["pop", SHIELD], [0, 0, 0], "a dynamic GET skips the regional cache only"),
    (POLICY, {}, {"method": "POST"}, ["pop", SHIELD], [0, 0, 0], "and so do proxy methods"),
    (POLICY, {}, {"method": "DELETE"}, ["pop", SHIELD], [0, 0, 0], "all of them"),
    (POLICY, {}, {"method": "OPTIONS"}, ["pop"], [0, 0, 0], "but for OPTIONS"),
    (POLICY, OPTIONS_TOO, {"method": "OPTIONS"}, ["pop"], [1, 0, 0], "cached or not"),
    (POLICY, {}, WEBSOCKET, ["pop", SHIELD], [0, 0, 0], "a WebSocket begins as a dynamic GET"),
    (None, {}, {"method": "POST"}, ["pop", "regional", SHIELD], [0, 0, 0], "RFC 9111 §4.4"),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "behavior", "request_", "asked", "stored", "why"), WAYS)
def test_which_caches_are_asked(
    policy: CachePolicy | None,
    behavior: dict[str, Any],
    request_: dict[str, Any],
    asked: list[str],
    stored: list[int],
    why: str,
) -> None:
    world = shielded(policy, **behavior)
    before = world.sim.now
    served = world.get("/a", **request_)
    assert [verdict.tier for verdict in served.verdicts] == asked, why
    assert [len(tier.store) for tier in world.edge.caches] == stored, why
    links = 0.02 + (0.06 + 0.02 if SHIELD in asked else 0.08)
    assert world.sim.now - before == pytest.approx(links + 0.05), why


def test_a_hit_of_the_shield_is_a_hit_and_says_where() -> None:
    world = shielded()
    world.get("/a")
    for tier in world.tiers:
        tier.invalidate("/*")
    world.pass_time(7)
    served = world.get("/a")
    assert served.result_type == "Hit", "X-Cache has no word of its own for it"
    assert served.response.headers.get("age") == "7", "seconds since the origin was asked"
    assert f"{SHIELD}; hit; ttl=53" in (served.response.headers.get("cache-status") or "")
    world.pass_time(53)
    assert world.get("/a").result_type == "Miss", "a copy is nowhere kept longer for that"


def test_it_takes_a_regional_cache_in_its_region_for_itself() -> None:
    world = shielded()
    pop, regional = world.tiers
    world.edge = replace(world.edge, tiers=(pop, replace(regional, region=FRANKFURT)))
    assert [verdict.tier for verdict in world.get("/a").verdicts] == ["pop", "regional"], "one hop"


def test_regional_caches_share_one_shield() -> None:
    """Ten POPs, each with a regional cache of its own, and one page: the origin is asked once."""
    world = shielded()
    world.origin.headers = {"Cache-Control": "max-age=60"}
    answers = crowd_of(world, regions=10, viewers=100)
    assert len(answers) == 1000
    assert len(world.origin.requests) == 1
    assert {answer.response.body for answer in answers} == {b"hello"}
    assert [answer.result_type.value for answer in answers].count("Miss") == 1


def crowd_of(world: World, *, regions: int, viewers: int) -> list[Served]:
    """So many viewers in each of so many regions, all within a hundredth of a second."""
    answers: list[Served] = []

    def noting(steps: Steps[Served]) -> Steps[None]:
        answers.append((yield from steps))

    for number in range(regions):
        tiers = (
            Tier("pop", Link("pop-regional", 0.02)),
            Tier("regional", Link("regional-origin", 0.08), region=f"region-{number}"),
        )
        world.edge = replace(world.edge, tiers=tiers)
        for viewer in range(viewers):
            world.sim.at(world.sim.now + viewer / 10_000, noting(world.steps("/news")))
    world.sim.run()
    return answers


def test_an_unstorable_page_is_asked_for_by_everyone_at_once() -> None:
    world = shielded()
    world.origin.headers = {"Cache-Control": "no-store"}
    began = world.sim.now
    crowd_of(world, regions=3, viewers=10)
    assert len(world.origin.requests) == 30
    assert world.sim.now - began < 1.0, "nobody waits in line for nobody"


def test_a_failure_is_shared_through_all_tiers() -> None:
    world = shielded()
    world.origin.failure = OriginError("refused")
    answers = crowd_of(world, regions=3, viewers=10)
    assert {answer.response.status for answer in answers} == {502}
    assert len(world.origin.requests) == 1
    assert not any(tier.flights or tier.aloft for tier in world.edge.caches)


def test_an_invalidation_clears_the_shield_and_what_is_on_its_way_to_it() -> None:
    world = shielded()
    world.origin.seconds = 3.0
    world.sim.at(world.sim.now, world.steps("/news"))
    world.pass_time(1.0)
    world.origin.body, world.origin.seconds = b"new", 0.05
    for tier in world.edge.caches:
        tier.invalidate("/news")
    assert world.get("/news").response.body == b"new"
    world.sim.run()
    assert world.get("/news").response.body == b"new", "the old answer came last"
    assert len(world.origin.requests) == 2


def test_a_leader_that_is_given_up_leaves_no_flight_behind() -> None:
    world = shielded()
    leader = world.steps("/news")
    world.sim.at(world.sim.now, leader)
    world.pass_time(0.075)
    assert all(tier.flights for tier in world.edge.caches), "under way through all of them"
    leader.close()
    assert not any(tier.flights or tier.aloft for tier in world.edge.caches)


def test_the_shield_serves_stale_where_it_alone_has_it() -> None:
    world = shielded()
    world.get("/a")
    for tier in world.tiers:
        tier.invalidate("/*")
    world.pass_time(61)
    world.origin.status = 500
    served = world.get("/a")
    assert (served.response.status, served.result_type) == (200, "Hit")


def test_origin_triggers_run_behind_it_and_not_on_its_hits() -> None:
    world = shielded(functions={Trigger.ORIGIN_REQUEST: unchanged})
    world.get("/a")
    assert world.triggers() == ["origin-request"]
    for tier in world.tiers:
        tier.invalidate("/*")
    world.get("/a")
    assert world.triggers() == []


def unchanged(event: Json) -> Json:
    request: Json = event["Records"][0]["cf"]["request"]
    return request


def grouped(primary: str = FRANKFURT, secondary: str = IRELAND, **settings: Any) -> World:
    """A group whose primary is down."""
    other = Origin("b", host="b.test", shield_region=secondary)
    failover = Failover(other, frozenset({404, 500, 503}))
    world = World(policy=POLICY, shield=primary, failover=failover, **settings)
    world.origin.down = "origin.example.test"
    return world


def hosts(world: World) -> list[str | None]:
    return [request.headers.get("host") for request in world.origin.requests]


FAILURES: list[tuple[int | OriginError, str]] = [
    (500, "an error of the origin"),
    (404, "one that would be kept otherwise"),
    (OriginError("refused"), "no connection"),
]


@pytest.mark.parametrize(("failure", "why"), FAILURES)
def test_each_member_of_a_group_has_its_own_shield(failure: int | OriginError, why: str) -> None:
    world = grouped()
    world.origin.down_with = failure
    served = world.get("/a")
    assert served.response.status == 200, why
    assert [verdict.tier for verdict in served.verdicts][-1] == f"shield-{IRELAND}"
    assert len(shield_of(world).store) == 0, "the primary's failure is kept nowhere"
    assert len(shield_of(world, IRELAND).store) == 1
    for tier in world.tiers:
        tier.invalidate("/*")
    world.get("/a")
    assert hosts(world) == ["origin.example.test", "b.test", "origin.example.test"], (
        "every miss tries the primary first; the secondary's shield has its answer"
    )


@pytest.mark.parametrize(("primary", "secondary"), [("", IRELAND), (FRANKFURT, "")])
def test_one_member_may_have_none(primary: str, secondary: str) -> None:
    world = grouped(primary, secondary)
    assert world.get("/a").response.status == 200
    assert hosts(world) == ["origin.example.test", "b.test"]


def test_two_members_in_one_region_share_what_answered() -> None:
    world = grouped(FRANKFURT, FRANKFURT)
    world.get("/a")
    for tier in world.tiers:
        tier.invalidate("/*")
    assert world.get("/a").result_type == "Hit", "the same key whichever origin answered"
    assert hosts(world) == ["origin.example.test", "b.test"]


def test_a_stale_copy_of_the_primary_does_not_keep_the_secondary_from_being_asked() -> None:
    world = grouped()
    world.origin.down = ""
    world.get("/a")
    for tier in world.tiers:
        tier.invalidate("/*")
    world.pass_time(61)
    world.origin.down, world.origin.body = "origin.example.test", b"copy"
    assert world.get("/a").response.body == b"copy"


def test_what_the_primary_of_a_group_does_well_is_shielded() -> None:
    world = grouped()
    world.origin.down = ""
    world.get("/a")
    for tier in world.tiers:
        tier.invalidate("/*")
    assert world.get("/a").result_type == "Hit"
    assert hosts(world) == ["origin.example.test"]


def test_a_generated_answer_in_a_shield_is_nobodys_failure() -> None:
    generated = {"status": "404", "headers": {}, "body": "none"}
    world = grouped(functions={Trigger.ORIGIN_REQUEST: lambda _: generated})
    world.origin.down = ""
    assert world.get("/a").response.status == 404
    for tier in world.tiers:
        tier.invalidate("/*")
    assert world.get("/a").response.status == 404
    assert hosts(world) == []
    assert len(world.triggers()) == 1, "the second came out of the shield, and settled it"


def test_shields_stand_as_long_as_an_origin_names_their_region() -> None:
    world = shielded()
    world.get("/a")
    standing = world.edge.shields
    moved = replace(world.behavior, origin=replace(world.behavior.origin, shield_region=IRELAND))
    both = Distribution((moved, world.behavior))
    assert list(shields_for(both, standing)) == [FRANKFURT, IRELAND]
    assert shields_for(both, standing)[FRANKFURT] is standing[FRANKFURT], "with what it has"
    assert list(shields_for(Distribution((moved,)), standing)) == [IRELAND]
    bare = replace(world.behavior, origin=Origin("app", host="origin.example.test"))
    assert not shields_for(Distribution((bare,)), standing)


def test_an_edge_without_that_shield_goes_to_the_origin() -> None:
    world = shielded()
    world.edge = Edge(world.edge.distribution, world.tiers, world.sim.clock)
    assert [verdict.tier for verdict in world.get("/a").verdicts] == ["pop", "regional"]
    assert len(world.origin.requests) == 1

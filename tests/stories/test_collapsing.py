from __future__ import annotations

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import Json
from edgesim.cloudfront.policies import CachePolicy
from edgesim.edge import Served
from edgesim.effects import Steps
from edgesim.errors import FunctionError, OriginError
from tests.conftest import World

POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)


def unchanged(event: Json) -> Json:
    request: Json = event["Records"][0]["cf"]["request"]
    return request


def crowd(world: World, viewers: int = 100) -> list[Served]:
    """That many viewers within a hundredth of a second, and what they got."""
    answers: list[Served] = []

    def noting(steps: Steps[Served]) -> Steps[None]:
        answers.append((yield from steps))

    for viewer in range(viewers):
        world.sim.at(world.sim.now + viewer / 10_000, noting(world.steps("/news")))
    world.sim.run()
    return answers


def test_a_hundred_viewers_of_one_new_page_cost_the_origin_one_request(world: World) -> None:
    world.origin.headers = {"Cache-Control": "max-age=60"}
    answers = crowd(world)
    assert len(world.origin.requests) == 1
    types = [answer.result_type.value for answer in answers]
    assert (types.count("Miss"), types.count("Hit")) == (1, 99)
    assert {answer.response.body for answer in answers} == {b"hello"}


def test_viewers_of_an_unstorable_page_do_not_queue_behind_each_other(world: World) -> None:
    world.origin.headers = {"Cache-Control": "no-store"}
    began = world.sim.now
    crowd(world)
    assert len(world.origin.requests) == 100
    assert world.sim.now - began < 1.0, "one after another they would take five seconds and more"


def test_a_leader_that_fails_takes_nobody_with_it(world: World) -> None:
    world.origin.failure = OriginError("refused")
    assert {answer.response.status for answer in crowd(world, 5)} == {502}
    assert not world.tiers[0].flights
    assert not world.tiers[1].flights


def test_under_cloudfronts_rules_one_failure_is_an_answer_for_all() -> None:
    world = World(policy=POLICY)
    world.origin.failure = OriginError("refused")
    assert {answer.response.status for answer in crowd(world, 5)} == {502}
    assert len(world.origin.requests) == 1, "it is kept for the error caching minimum TTL"


def test_viewers_of_another_variant_are_not_given_the_first(world: World) -> None:
    world.origin.headers = {"Cache-Control": "max-age=60", "Vary": "Accept-Language"}
    for language in ("de", "de", "fr", "fr"):
        world.sim.at(world.sim.now, world.steps("/news", Accept_Language=language))
    world.sim.run()
    asked = {request.headers.get("accept-language") for request in world.origin.requests}
    assert asked == {"de", "fr"}


def test_where_cookies_are_forwarded_nobody_waits() -> None:
    world = World(policy=POLICY, rules=CloudFrontCaching(POLICY, cookies_forwarded=True))
    crowd(world, 10)
    assert len(world.origin.requests) == 10


def test_an_expired_page_is_fetched_once_as_well(world: World) -> None:
    world.origin.headers = {"Cache-Control": "max-age=60", "ETag": '"1"'}
    world.get("/news")
    world.pass_time(100)
    answers = crowd(world)
    assert len(world.origin.requests) == 2
    assert [answer.result_type.value for answer in answers].count("RefreshHit") == 1


def test_a_page_that_may_be_served_stale_is_refreshed_once(world: World) -> None:
    world.origin.headers = {"Cache-Control": "max-age=60, stale-while-revalidate=60"}
    world.get("/news")
    world.pass_time(100)
    for _ in range(100):
        world.sim.at(world.sim.now, world.steps("/news"))
    world.sim.run()
    assert len(world.origin.requests) == 2, "however many come in the same moment"


def test_a_function_that_fails_in_the_background_hurts_nobody() -> None:
    world = World({Trigger.ORIGIN_REQUEST: unchanged}, policy=POLICY)
    world.origin.headers = {"Cache-Control": "max-age=60, stale-while-revalidate=60"}
    world.get("/news")
    world.pass_time(100)

    def fails(event: object) -> object:
        raise FunctionError("no")

    world.handlers[Trigger.ORIGIN_REQUEST] = fails
    assert world.get("/news").response.status == 200
    world.sim.run()
    assert not world.tiers[0].flights


def test_a_head_refreshes_the_whole_page(world: World) -> None:
    world.origin.headers = {"Cache-Control": "max-age=60, stale-while-revalidate=60"}
    world.get("/news")
    world.pass_time(100)
    world.get("/news", method="HEAD")
    world.sim.run()
    assert world.origin.last().method == "GET"
    assert world.get("/news").result_type == "Hit"
    assert len(world.origin.requests) == 2


TEN_THOUSAND = 10_000
FIVE_THOUSAND = 5_000
"""Where each of them goes all the way."""
MINUTE = {"Cache-Control": "max-age=60"}


def test_ten_thousand_viewers_cost_each_tier_one_request(world: World) -> None:
    world.origin.headers = MINUTE
    answers = crowd(world, TEN_THOUSAND)
    assert len(world.origin.requests) == 1
    assert {answer.response.body for answer in answers} == {b"hello"}
    assert len(answers) == TEN_THOUSAND
    assert not any(tier.flights or tier.aloft for tier in world.tiers)


def test_five_thousand_viewers_of_an_unstorable_page_wait_for_one_round_trip(world: World) -> None:
    world.origin.headers = {"Cache-Control": "no-store"}
    began = world.sim.now
    answers = crowd(world, FIVE_THOUSAND)
    assert len(world.origin.requests) == len(answers) == FIVE_THOUSAND
    assert world.sim.now - began < 2.0, "and not for each other"


def test_ten_thousand_viewers_learn_of_one_failure_that_the_origin_is_gone(world: World) -> None:
    world.origin.failure = OriginError("refused")
    world.origin.seconds = 2.0
    answers = crowd(world, TEN_THOUSAND)
    assert {answer.response.status for answer in answers} == {502}
    assert len(world.origin.requests) == 1, "all of them were waiting when it failed"
    world.origin.failure = None
    assert world.get("/news").response.status == 200, "it is no answer to who comes later"


def test_a_function_that_fails_for_one_viewer_fails_for_nobody_else() -> None:
    world = World({Trigger.ORIGIN_REQUEST: unchanged})
    world.origin.headers = MINUTE

    def fails_once(event: Json) -> object:
        world.handlers[Trigger.ORIGIN_REQUEST] = unchanged
        raise FunctionError("no")

    world.handlers[Trigger.ORIGIN_REQUEST] = fails_once
    assert [answer.response.status for answer in crowd(world)].count(503) == 1


def test_when_the_leader_is_given_up_one_of_ten_thousand_takes_its_place(world: World) -> None:
    world.origin.headers = MINUTE
    world.origin.seconds = 3.0
    leader = world.steps("/news")
    next(leader)  # on its way to the regional cache
    world.sim.at(world.sim.now + 2.0, closing(leader))
    answers = crowd(world, TEN_THOUSAND)
    assert len(world.origin.requests) == 1, "the first leader never got there"
    assert len(answers) == TEN_THOUSAND
    assert {answer.response.body for answer in answers} == {b"hello"}


def closing(steps: Steps[Served]) -> Steps[None]:
    steps.close()
    yield from ()


def invalidating(world: World, pattern: str, body: bytes) -> Steps[None]:
    """The page is new, and somebody says so."""
    world.origin.body = body
    for tier in world.tiers:
        tier.invalidate(pattern)
    yield from ()


def test_an_invalidation_overtakes_what_is_under_way(world: World) -> None:
    world.origin.headers = MINUTE
    world.origin.seconds = 2.0
    world.sim.at(world.sim.now + 0.5, invalidating(world, "/*", b"new"))
    answers = crowd(world, TEN_THOUSAND)
    assert len(world.origin.requests) == 2, "one before, one after, for all"
    bodies = [answer.response.body for answer in answers]
    assert bodies.count(b"hello") == 1, "the one whose request it was; all others get the new"
    assert bodies.count(b"new") == TEN_THOUSAND - 1
    assert world.get("/news").response.body == b"new"
    assert len(world.origin.requests) == 2


def test_who_asks_after_an_invalidation_never_gets_what_was_asked_before(world: World) -> None:
    """The old answer arrives last, after the new one is stored."""
    world.origin.headers = MINUTE
    world.origin.seconds = 3.0
    world.sim.at(world.sim.now, world.steps("/news"))
    world.pass_time(1.0)
    world.sim.finish(invalidating(world, "/news", b"new"))
    world.origin.seconds = 0.05
    assert world.get("/news").response.body == b"new"
    world.sim.run()
    assert world.get("/news").response.body == b"new"
    assert len(world.origin.requests) == 2


def test_an_invalidation_overtakes_who_goes_alone_as_well(world: World) -> None:
    world.origin.headers = MINUTE
    world.origin.seconds = 3.0
    world.sim.at(world.sim.now, world.steps("/news", Range="bytes=0-1"))
    world.pass_time(1.0)
    world.sim.finish(invalidating(world, "/n*", b"new"))
    world.sim.run()
    assert not any(len(tier.store) for tier in world.tiers)


def test_an_invalidation_of_something_else_changes_nothing(world: World) -> None:
    world.origin.headers = MINUTE
    world.sim.at(world.sim.now + 0.05, invalidating(world, "/other*", b"hello"))
    crowd(world)
    assert len(world.origin.requests) == 1


def test_a_post_overtakes_the_get_before_it(world: World) -> None:
    """RFC 9111 §4.4."""
    world.origin.headers = MINUTE
    world.origin.seconds = 3.0
    world.sim.at(world.sim.now, world.steps("/news"))
    world.pass_time(1.0)
    world.origin.seconds, world.origin.body = 0.05, b"new"
    world.get("/news", method="POST")
    world.sim.run()
    assert world.get("/news").response.body == b"new"

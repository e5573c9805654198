"""Many viewers at once for one page that no cache has, by the live driver and over sockets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import CachePolicy
from edgesim.config.deployment import Deployment
from edgesim.edge import Served
from edgesim.effects import Waiting
from edgesim.errors import OriginError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer
from edgesim.live.server import LiveServer

from .edge import InMemory, field_of, live_edge

CROWD, SOCKETS = 10_000, 200
FRANKFURT = "eu-central-1"
TIERS = ("pop", "regional", f"shield-{FRANKFURT}")
NEWS = Request("GET", "/news", Headers([("Host", "www.example.test")]))
MINUTE, NO_STORE = "max-age=60", "no-store"
PATIENCE_S = 20.0
POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60)
"""One that collapses, and heeds a no-store."""

BEHAVIOR = Behavior(
    "*",
    Origin("app", host="127.0.0.1", port=9, shield_region=FRANKFURT),
    CloudFrontCaching(POLICY),
    POLICY,
)
SHIELDED = Deployment(Distribution((BEHAVIOR,)), functions=(), source="test")


@dataclass
class HeldOrigin:
    """Answers only when it is let, and knows how many wait for it at the same time."""

    cache_control: str = MINUTE
    failure: OriginError | None = None
    bodies: list[bytes] = field(default_factory=lambda: [b"old", b"new"])
    waiting: int = 0
    first: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first request may have its answer."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when all others may."""
    most: int = 0

    async def __call__(self, number: int) -> Response | OriginError:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            await (self.first if number == 1 else self.released).wait()
        finally:
            self.waiting -= 1
        if self.failure is not None:
            return self.failure
        body = self.bodies[min(number, len(self.bodies)) - 1]
        return Response(200, Headers([("Cache-Control", self.cache_control)]), body)

    def release(self) -> None:
        self.first.set()
        self.released.set()

    async def has_waiting(self, number: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.waiting < number:
                await asyncio.sleep(0)


@asynccontextmanager
async def crowded(
    held: HeldOrigin,
) -> AsyncIterator[tuple[LiveServer, InMemory]]:
    origin = InMemory(lambda _: held(len(origin.requests)))
    server = LiveServer(origins=origin)
    await server.deploy(SHIELDED)
    try:
        yield server, origin
    finally:
        held.release()
        await server.stop()


def begun(server: LiveServer) -> Waiting[Served]:
    outcome = server.running.begin(NEWS, Viewer(), server.ids.next(), [])
    assert isinstance(outcome, Waiting), "nothing is stored yet"
    return outcome


def finishing(server: LiveServer, viewers: int) -> list[asyncio.Task[Served]]:
    driver = server.running.driver
    return [asyncio.ensure_future(driver.finish(begun(server), [])) for _ in range(viewers)]


def asked(answers: list[Served]) -> Counter[str]:
    """How many requests came to each tier."""
    return Counter(verdict.tier for answer in answers for verdict in answer.verdicts)


async def test_ten_thousand_viewers_are_one_request_for_each_tier_behind_the_pop() -> None:
    held = HeldOrigin()
    async with crowded(held) as (server, origin):
        viewers = finishing(server, CROWD)
        await held.has_waiting(1)
        held.release()
        answers = await asyncio.gather(*viewers)
        assert len(origin.requests) == 1
        assert asked(answers) == dict(zip(TIERS, (CROWD, 1, 1), strict=True))
        assert Counter(answer.result_type.value for answer in answers) == {
            "Miss": 1,
            "Hit": CROWD - 1,
        }
        assert {answer.response.body for answer in answers} == {b"old"}


async def test_the_leader_whose_viewer_left_fetches_for_all_others() -> None:
    held = HeldOrigin()
    async with crowded(held) as (server, origin):
        leader = begun(server)
        viewers = finishing(server, CROWD - 1)
        server.running.driver.carry_on(leader)  # as a connection that is lost does
        await held.has_waiting(1)
        held.release()
        answers = await asyncio.gather(*viewers)
        assert len(origin.requests) == 1
        assert asked(answers) == {"pop": CROWD - 1}
        assert not any(tier.flights or tier.aloft for tier in server.caches)


async def test_a_leader_that_is_given_up_is_replaced_by_one_of_those_who_waited() -> None:
    held = HeldOrigin()
    async with crowded(held) as (server, origin):
        leader, *viewers = finishing(server, CROWD)
        await held.has_waiting(1)
        leader.cancel()
        await asyncio.gather(leader, return_exceptions=True)
        await held.has_waiting(1)
        assert held.most == 1, "never two at the origin"
        held.release()
        answers = await asyncio.gather(*viewers)
        assert len(origin.requests) == 2, "the first was cut off"
        assert asked(answers) == dict(zip(TIERS, (CROWD - 1, 1, 1), strict=True))


async def test_after_an_invalidation_all_others_get_what_is_new_by_one_more_request() -> None:
    held = HeldOrigin()
    async with crowded(held) as (server, origin):
        viewers = finishing(server, CROWD)
        await held.has_waiting(1)
        await server.invalidate("/news")
        held.release()
        answers = await asyncio.gather(*viewers)
        assert len(origin.requests) == 2
        bodies = Counter(answer.response.body for answer in answers)
        assert bodies == {b"old": 1, b"new": CROWD - 1}, "old only for who led before it"
        after = server.running.begin(NEWS, Viewer(), server.ids.next(), [])
        assert isinstance(after, Served)
        assert after.response.body == b"new", "and that is what is stored"


async def test_where_nothing_may_be_stored_nobody_waits_for_anybody() -> None:
    """All go to the origin, and all are there at the same time."""
    held = HeldOrigin(NO_STORE)
    async with crowded(held) as (server, origin):
        viewers = finishing(server, CROWD)
        await held.has_waiting(1)
        held.first.set()
        await held.has_waiting(CROWD - 1)
        held.release()
        answers = await asyncio.gather(*viewers)
        assert len(origin.requests) == CROWD
        assert held.most == CROWD - 1, "a line would have been one after another"
        assert {answer.result_type.value for answer in answers} == {"Miss"}
        assert not any(len(tier.store) for tier in server.caches)


async def test_a_failure_of_the_origin_is_one_failure() -> None:
    held = HeldOrigin(failure=OriginError("refused"))
    async with crowded(held) as (server, origin):
        viewers = finishing(server, CROWD)
        await held.has_waiting(1)
        held.release()
        answers = await asyncio.gather(*viewers)
        assert len(origin.requests) == 1
        assert {answer.response.status for answer in answers} == {502}


@pytest.mark.parametrize("leaves", [False, True])
async def test_two_hundred_connections_are_one_request(leaves: bool) -> None:
    held = HeldOrigin()
    origin = InMemory(lambda _: held(len(origin.requests)))
    async with live_edge(origin, SHIELDED) as edge:
        connections = [await edge.connect() for _ in range(SOCKETS)]
        leader = asyncio.ensure_future(connections[0].ask("GET", "/news"))
        await held.has_waiting(1)
        others = [asyncio.ensure_future(one.ask("GET", "/news")) for one in connections[1:]]
        async with asyncio.timeout(PATIENCE_S):
            while edge.server.running._inside < SOCKETS:
                await asyncio.sleep(0)
            if leaves:
                leader.cancel()
                await asyncio.gather(leader, return_exceptions=True)
                await connections[0].close()
            held.release()
            answers = await asyncio.gather(*others)
        if not leaves:
            await leader
        await asyncio.gather(*(one.close() for one in connections[leaves:]))
        assert [body for _, body in answers] == [b"old"] * (SOCKETS - 1)
        assert {field_of(response, "x-cache") for response, _ in answers} == {"Hit from cloudfront"}
        assert len(origin.requests) == 1


async def test_two_hundred_connections_are_not_lined_up_for_what_is_not_storable() -> None:
    held = HeldOrigin(NO_STORE)
    origin = InMemory(lambda _: held(len(origin.requests)))
    async with live_edge(origin, SHIELDED) as edge:
        connections = [await edge.connect() for _ in range(SOCKETS)]
        waiting = [asyncio.ensure_future(one.ask("GET", "/news")) for one in connections]
        await held.has_waiting(1)
        async with asyncio.timeout(PATIENCE_S):
            while edge.server.running._inside < SOCKETS:
                await asyncio.sleep(0)
        held.first.set()
        await held.has_waiting(SOCKETS - 1)
        held.release()
        assert {response.status_code for response, _ in await asyncio.gather(*waiting)} == {200}
        await asyncio.gather(*(one.close() for one in connections))
    assert len(origin.requests) == SOCKETS

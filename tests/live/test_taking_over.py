"""A request that goes on in another process: both ends in this one, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from edgesim.cloudfront.function import Association, Trigger
from edgesim.config.deployment import Deployment
from edgesim.errors import OriginError
from edgesim.functions import as_function
from edgesim.http.message import Request, Response
from edgesim.live.handing_over import WaysOver
from edgesim.live.interim import tell
from edgesim.live.ports import Origins
from edgesim.live.server import LiveServer
from edgesim.live.taking_over import TakingOver
from edgesim.live.worker import REGIONAL
from edgesim.runtimes import LogLine

from .edge import InMemory, LiveEdge, Watching, deployment, field_of, live_edge, says


@dataclass
class Divided:
    """A worker, which viewers reach, and what lies beyond it."""

    worker: LiveEdge
    ways: WaysOver
    beyond: LiveServer
    taking_over: TakingOver
    watching: Watching
    said: list[LogLine]

    async def get(self, target: str, *lines: str) -> Any:
        return await self.worker.get(target, *lines)


@asynccontextmanager
async def divided(
    folder: Path, origins: Origins, deployed: Deployment | None = None
) -> AsyncIterator[Divided]:
    deployed = deployed or deployment()
    watching, lines, said = Watching(), list[LogLine](), list[LogLine]()

    def taken() -> list[LogLine]:
        now, lines[:] = lines[:], []
        return now

    beyond = LiveServer(origins=origins, observer=watching, log=lines.append)
    await beyond.deploy(deployed)
    taking_over = TakingOver(taken)
    await taking_over.start(folder / REGIONAL, [beyond])
    ways = WaysOver(folder / REGIONAL, said.append)
    nobody = InMemory(lambda _: OriginError("a worker asks no origin"))
    try:
        async with live_edge(nobody, deployed, beyond=ways.of(0)) as worker:
            yield Divided(worker, ways, beyond, taking_over, watching, said)
    finally:
        await ways.close()
        await taking_over.stop()
        await beyond.stop()


def behind(trigger: Trigger, handler: Any) -> Deployment:
    """A deployment with one function."""
    function, plain = as_function(handler), deployment()
    behavior = replace(plain.distribution.behaviors[0], functions={trigger: Association(function)})
    distribution = replace(plain.distribution, behaviors=(behavior,))
    return replace(plain, distribution=distribution, functions=(function,))


async def test_each_tier_is_where_it_belongs(tmp_path: Path) -> None:
    origin = InMemory(says(cache_control="max-age=60"))
    async with divided(tmp_path, origin) as edge:
        said = [field_of(await edge.get("/a"), "x-cache") for _ in range(2)]
        assert said == ["Miss from cloudfront", "Hit from cloudfront"]
        stored = [
            [len(tier.store) for tier in one.tiers] for one in (edge.worker.server, edge.beyond)
        ]
        assert stored == [[1, 0], [0, 1]]
    assert len(origin.requests) == 1


async def test_a_failure_is_the_same_page_with_the_same_cause(tmp_path: Path) -> None:
    origin = InMemory(lambda _: OriginError("refused", where="origin app", hint="start it"))
    async with divided(tmp_path, origin) as edge, live_edge(origin) as whole:
        one, other = await edge.get("/a"), await whole.get("/a")
        assert one.status_code == other.status_code == 502
        failures = [each.watching.visits[0].served.failure for each in (edge.worker, whole)]
        assert str(failures[0]) == str(failures[1])


def raises(event: Any) -> Any:
    raise ValueError("no good")


def passes(event: Any) -> Any:
    return event["Records"][0]["cf"]["request"]


async def test_a_function_that_raises_beyond_is_told_of_here(tmp_path: Path) -> None:
    origin = InMemory(says())
    async with divided(tmp_path, origin, behind(Trigger.ORIGIN_REQUEST, raises)) as edge:
        response = await edge.get("/a")
        assert response.status_code == 503
        assert field_of(response, "x-cache") == "LambdaExecutionError from cloudfront"
        visit = edge.worker.watching.visits[0]
        assert "no good" in str(visit.served.failure)
        assert 'origin-request;desc="raises"' in (field_of(response, "server-timing") or "")


async def test_a_function_at_an_origin_trigger_is_started_beyond_alone(tmp_path: Path) -> None:
    async with divided(tmp_path, InMemory(says()), behind(Trigger.ORIGIN_REQUEST, passes)) as edge:
        await edge.get("/a")
        assert edge.beyond.metrics.functions["passes"].invocations == 1
        assert not edge.worker.server.metrics.functions, "it is not even started here"


async def test_what_functions_said_beyond_is_handed_over_with_the_next_answer(
    tmp_path: Path,
) -> None:
    async with divided(tmp_path, InMemory(says())) as edge:
        edge.beyond.log(LogLine("f", "hello from beyond"))
        await edge.get("/a")
        assert [line.text for line in edge.said] == ["hello from beyond"]


async def test_a_mistake_of_ours_is_reported_where_it_was_made(tmp_path: Path) -> None:
    def mistaken(_: Request) -> Response:
        raise ZeroDivisionError("oops")

    async with divided(tmp_path, InMemory(mistaken)) as edge:
        assert (await edge.get("/a")).status_code == 500
        assert [str(crash) for crash in edge.watching.crashes] == ["oops"]
        assert edge.worker.watching.crashes == []
        assert "ZeroDivisionError: oops" in str(edge.worker.watching.visits[0].served.failure)


async def test_interim_responses_pass(tmp_path: Path) -> None:
    async def hints(_: Request) -> Response:
        tell(Response(103))
        return Response(200, body=b"final")

    plain = deployment()
    behavior = replace(plain.distribution.behaviors[0], cache_policy=None)
    interim = replace(plain, distribution=replace(plain.distribution, behaviors=(behavior,)))
    async with divided(tmp_path, InMemory(hints), interim) as edge:
        viewer = await edge.worker.connect()
        await viewer.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await viewer.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 103 ")
        assert (await viewer.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await viewer.close()


async def test_what_began_under_an_old_deployment_is_not_stored_in_the_new_one(
    tmp_path: Path,
) -> None:
    origin = InMemory(says(cache_control="max-age=60"))
    async with divided(tmp_path, origin) as edge:
        await edge.beyond.deploy(replace(deployment(default_root_object="new"), source="new"))
        edge.taking_over.deployed(0, 1)
        await edge.get("/old")
        assert len(edge.beyond.tiers[1].store) == 0, "the worker has not deployed yet"
        edge.worker.server.beyond = edge.ways.of(0, 1)
        await edge.worker.server.deploy(deployment(default_root_object="new"))
        await edge.get("/new")
        assert len(edge.beyond.tiers[1].store) == 1
        edge.worker.server.beyond = edge.ways.of(0, 7)
        await edge.worker.server.deploy(deployment(default_root_object="newer"))
        await edge.get("/newer")
        assert len(edge.beyond.tiers[1].store) == 2, "one that nobody knows is the latest"


async def test_connections_are_used_again(tmp_path: Path) -> None:
    async with divided(tmp_path, InMemory(says())) as edge:
        for number in range(3):
            await edge.get(f"/{number}")
        assert len(edge.ways._free) == 1
        await asyncio.gather(*(edge.get(f"/at-once/{number}") for number in range(5)))
        assert 1 <= len(edge.ways._free) <= 5


async def test_nobody_beyond_is_a_bad_gateway(tmp_path: Path) -> None:
    ways = WaysOver(tmp_path / "nothing", lambda _: None)
    async with live_edge(InMemory(says()), beyond=ways.of(0)) as edge:
        assert (await edge.get("/a")).status_code == 502
        assert "does not answer" in str(edge.watching.visits[0].served.failure)


@pytest.mark.parametrize("city", ["Tokyo", "eu-west-1"])
async def test_a_viewer_somewhere_comes_to_the_cache_of_its_region(
    tmp_path: Path, city: str
) -> None:
    origin = InMemory(says(cache_control="max-age=60"))
    async with divided(tmp_path, origin) as edge, live_edge(origin) as whole:
        place = f"X-Edgesim-Viewer: {city}"
        told = [field_of(await one.get("/a", place), "cache-status") for one in (edge, whole)]
        assert told[0] == told[1]
        regional = [
            {tier.label for tier in one.places.caches.tiers if len(tier.store)}
            for one in (edge.beyond, whole.server)
        ]
        assert regional[0] < regional[1]
        assert len(regional[0]) == 1

"""An origin's Shield in a live edge: it comes and goes with the configuration."""

from __future__ import annotations

import asyncio

from edgesim.cloudfront.origin import Origin
from edgesim.config.deployment import Deployment
from edgesim.http.message import Request, Response
from edgesim.live.control import ControlPort

from .edge import InMemory, LiveEdge, deployment, field_of, live_edge, says
from .test_control import asked

FRANKFURT, IRELAND = "eu-central-1", "eu-west-1"


def shielded(region: str) -> Deployment:
    return deployment(origin=Origin("app", host="127.0.0.1", port=9, shield_region=region))


def forget_nearer(edge: LiveEdge) -> None:
    for tier in edge.server.tiers:
        tier.invalidate("/*")


async def test_what_a_shield_stores_survives_an_edit() -> None:
    origin = InMemory(says(cache_control="max-age=600"))
    async with live_edge(origin, shielded(FRANKFURT)) as edge:
        await edge.get("/a")
        await edge.server.deploy(deployment(origin=Origin("app", "127.0.0.1", 10, "http", "/p")))
        assert [tier.name for tier in edge.server.caches] == ["pop", "regional"], "taken away"
        await edge.server.deploy(shielded(FRANKFURT))
        forget_nearer(edge)
        await edge.get("/a")
        assert len(origin.requests) == 2, "a new Shield has nothing yet"
        again = deployment(origin=Origin("app", "127.0.0.1", 11, shield_region=FRANKFURT))
        await edge.server.deploy(again)
        forget_nearer(edge)
        response = await edge.get("/a")
        assert (field_of(response, "cache-status") or "").startswith(f"shield-{FRANKFURT}; hit")
        assert len(origin.requests) == 2, "one that stays keeps what it has"
        await edge.server.deploy(shielded(IRELAND))
        forget_nearer(edge)
        await edge.get("/a")
        assert len(origin.requests) == 3, "another Region is another cache"


async def test_an_edit_meanwhile_leaves_nothing_in_the_new_shield() -> None:
    """What is on its way to an old deployment is neither kept nor waited for by the new one."""
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Request) -> Response:
        arrived.set()
        await go_on.wait()
        answer: Response = says(cache_control="max-age=600")(_)
        return answer

    async with live_edge(InMemory(slow), shielded(FRANKFURT)) as edge:
        before = asyncio.ensure_future(edge.get("/a"))
        await asyncio.wait_for(arrived.wait(), 5)
        other = Origin("app", "127.0.0.1", 10, shield_region=FRANKFURT)
        await edge.server.deploy(deployment(origin=other))
        assert not any(tier.aloft for tier in edge.server.caches)
        go_on.set()
        assert (await before).status_code == 200
        assert [len(tier.store) for tier in edge.server.caches] == [0, 0, 0]


async def test_an_invalidation_and_the_status_reach_it() -> None:
    async with live_edge(InMemory(says(cache_control="max-age=60")), shielded(FRANKFURT)) as edge:
        control = ControlPort(edge.server)
        url = f"http://127.0.0.1:{await control.start(0)}"
        try:
            await edge.get("/a")
            _, told = await asked(f"{url}/status")
            assert told["tiers"][f"shield-{FRANKFURT}"]["stored"] == 1
            _, said = await asked(f"{url}/invalidations", {"paths": ["/a"]})
            assert said["forgotten"] == 3
        finally:
            await control.stop()

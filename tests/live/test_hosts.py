"""Several distributions behind one port, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from edgesim.cloudfront.continuous_deployment import (
    STICKY_COOKIE,
    ContinuousDeployment,
    Stickiness,
)
from edgesim.config.deployment import Deployment
from edgesim.errors import ConfigError
from edgesim.live.control import ControlPort
from edgesim.live.hosts import Hosts, check_names
from edgesim.live.server import LiveServer

from .edge import Connection, InMemory, LiveEdge, Watching, deployment, field_of, says

SHOP, BLOG = "shop.test", "blog.test"


def named(name: str, **settings: object) -> Deployment:
    one = deployment(domain_name=f"{name}.cloudfront.net", aliases=(name,), id=f"E{name}")
    return replace(one, **settings)  # type: ignore[arg-type]


class Chances:
    """Chance, in our hands."""

    def __init__(self) -> None:
        self.value = 0.9

    def __call__(self) -> float:
        return self.value


@asynccontextmanager
async def hosts(
    *deployments: Deployment, staging: Deployment | None = None, chance: Chances | None = None
) -> AsyncIterator[tuple[LiveEdge, list[InMemory]]]:
    """Servers that answer with their names; the first listens."""
    servers, origins, watching = [], [], Watching()
    for one in (*deployments, *([staging] if staging else [])):
        body = one.distribution.id.encode()
        origins.append(InMemory(says(body, Cache_Control="max-age=60")))
        servers.append(LiveServer(origins=origins[-1], observer=watching))
        await servers[-1].deploy(one)
    first = servers[0]
    behind = {0: servers.pop()} if staging else {}
    first.hosts = Hosts(servers, behind, chance or Chances())
    port = await first.listen("127.0.0.1", 0)
    try:
        yield LiveEdge(first, port, watching), origins
    finally:
        for server in (*servers, *behind.values()):
            await server.stop()


async def ask(edge: LiveEdge, host: str, *lines: str) -> tuple[int, str, str, str]:
    """Status, body, x-cache and the cookie that is set."""
    connection = Connection(*await asyncio.open_connection("127.0.0.1", edge.port))
    head = "".join(f"{line}\r\n" for line in (f"Host: {host}", *lines))
    await connection.send(f"GET /a HTTP/1.1\r\n{head}\r\n".encode())
    response, body = await connection.answer()
    await connection.close()
    x_cache = (field_of(response, "x-cache") or "").partition(" ")[0]
    return response.status_code, body.decode(), x_cache, field_of(response, "set-cookie") or ""


async def test_a_distribution_is_found_by_its_names() -> None:
    async with hosts(named(SHOP), named(BLOG)) as (edge, origins):
        for host, expected in (
            (SHOP, "Eshop.test"),
            (BLOG, "Eblog.test"),
            (f"{BLOG}:{edge.port}", "Eblog.test"),
            ("blog.test.cloudfront.net", "Eblog.test"),
            (f"localhost:{edge.port}", "Eshop.test"),
        ):
            assert (await ask(edge, host))[:2] == (200, expected), host
        assert [len(origin.requests) for origin in origins] == [2, 3], "three Hosts, three keys"


async def test_stores_are_separate_and_hits_stay_with_their_owner() -> None:
    async with hosts(named(SHOP), named(BLOG)) as (edge, _):
        said = [(await ask(edge, host))[1:3] for host in (SHOP, BLOG, SHOP, BLOG, SHOP, BLOG)]
    shop, blog = "Eshop.test", "Eblog.test"
    assert said[:2] == [(shop, "Miss"), (blog, "Miss")]
    assert said[2:] == [(shop, "Hit"), (blog, "Hit")] * 2


async def test_a_host_that_is_nobodys() -> None:
    async with hosts(named(SHOP), named(BLOG)) as (edge, origins):
        status, body, x_cache, _ = await ask(edge, "other.test")
        assert (status, x_cache) == (403, "Error")
        assert "Bad request." in body
        assert not origins[0].requests
        (failure,) = edge.watching.failures
        assert "no distribution answers to 'other.test'" in str(failure)
        assert "blog.test.cloudfront.net, blog.test" in str(failure)


async def test_two_with_one_name_are_refused() -> None:
    async with hosts(named(SHOP), named(SHOP)) as (edge, _):
        assert edge.server.hosts is not None
        with pytest.raises(ConfigError, match=r"shop\.test\.cloudfront\.net is a name of the"):
            check_names(edge.server.hosts.servers)


async def test_an_invalidation_is_for_all_of_them() -> None:
    async with hosts(named(SHOP), named(BLOG)) as (edge, _):
        for host in (SHOP, BLOG):
            await ask(edge, host)
        control = ControlPort(edge.server)
        port = await control.start(0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        connection = Connection(reader, writer)
        body = b'{"paths": ["/*"]}'
        head = f"POST /invalidations HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        await connection.send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        _, told = await connection.answer("POST")
        await connection.send(f"GET /status HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        _, status = await connection.answer()
        await connection.close()
        await control.stop()
        assert b'"forgotten": 4' in told, "two tiers each"
        assert b'"distribution": "Eblog.test"' in status
        for host in (SHOP, BLOG):
            assert (await ask(edge, host))[2] == "Miss"


BY_HEADER = ContinuousDeployment("s.toml", header=("aws-cf-cd-new", "yes"))
STAGING = named("staging.test")


async def test_staging_by_header() -> None:
    primary = named(SHOP, continuous_deployment=BY_HEADER)
    async with hosts(primary, staging=STAGING) as (edge, origins):
        for _ in range(3):
            assert (await ask(edge, SHOP))[1] == "Eshop.test"
            assert (await ask(edge, SHOP, "aws-cf-cd-new: yes"))[1] == "Estaging.test"
            assert (await ask(edge, SHOP, "aws-cf-cd-new: no"))[1] == "Eshop.test"
        assert [len(origin.requests) for origin in origins] == [1, 1], "each has its own cache"
        assert (await ask(edge, "any.name"))[0] == 200, "the primary one, as before"
        status, _, _, _ = await ask(edge, "staging.test.cloudfront.net")
        assert status == 403, "viewers cannot ask for staging by its name"


async def test_staging_by_weight() -> None:
    chance = Chances()
    policy = ContinuousDeployment("s.toml", weight=0.1)
    primary = named(SHOP, continuous_deployment=policy)
    async with hosts(primary, staging=STAGING, chance=chance) as (edge, _):
        assert (await ask(edge, SHOP))[1] == "Eshop.test"
        chance.value = 0.05
        assert (await ask(edge, SHOP))[1] == "Estaging.test"
        assert (await ask(edge, SHOP))[3] == "", "no sessions, no cookie"


async def test_sticky_sessions() -> None:
    chance = Chances()
    policy = ContinuousDeployment("s.toml", weight=0.1, stickiness=Stickiness(300, 600))
    primary = named(SHOP, continuous_deployment=policy)
    async with hosts(primary, staging=STAGING, chance=chance) as (edge, origins):
        chance.value = 0.05
        for _ in range(2):  # a miss and a hit
            _, body, _, cookie = await ask(edge, SHOP)
            assert body == "Estaging.test"
            assert cookie.startswith(f"{STICKY_COOKIE}=staging.")
        chance.value = 0.9
        pair = cookie.partition(";")[0]
        assert (await ask(edge, SHOP, f"Cookie: {pair}"))[1] == "Estaging.test", "it stays"
        assert (await ask(edge, SHOP))[1] == "Eshop.test", "others do not"
        assert len(origins[1].requests) == 1, "the cookie is no part of the key"
        assert "cookie" not in origins[1].requests[0].headers

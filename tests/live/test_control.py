from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from edgesim.cloudfront.function import Association, Trigger
from edgesim.errors import ConfigError
from edgesim.functions import as_function
from edgesim.http.message import Request
from edgesim.live.control import ControlPort

from .edge import InMemory, LiveEdge, deployment, live_edge, says


@asynccontextmanager
async def controlled(**distribution: str) -> AsyncIterator[tuple[LiveEdge, str]]:
    origin = InMemory(says(cache_control="max-age=60"))
    async with live_edge(origin, deployment(**distribution)) as edge:
        control = ControlPort(edge.server)
        port = await control.start(0)
        try:
            yield edge, f"http://127.0.0.1:{port}"
        finally:
            await control.stop()


async def asked(url: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session:
        method = "GET" if body is None else "POST"
        data = body if isinstance(body, str) else None
        json = None if isinstance(body, str) else body
        async with session.request(method, url, json=json, data=data, headers=headers) as response:
            return response.status, await response.json()


async def test_an_invalidation_reaches_every_tier() -> None:
    async with controlled() as (edge, url):
        for path in ("/a.css", "/b.css", "/c.js"):
            await edge.get(path)
        status, said = await asked(f"{url}/invalidations", {"paths": ["/*.css", "/c.js"]})
        assert (status, said["error"]) == (400, "'/*.css' has a * that is not at its end")
        status, said = await asked(f"{url}/invalidations", {"paths": ["/a*", "/c.js", "/c.js"]})
        assert (status, said) == (200, {"forgotten": 4, "paths": {"/a*": 2, "/c.js": 2}})
        _, told = await asked(f"{url}/status")
        assert told["tiers"]["pop"]["stored"] == told["tiers"]["regional"]["stored"] == 1
        assert (told["distribution"], told["source"]) == ("E1EXAMPLE", "test")


async def test_an_invalidation_of_one_distribution() -> None:
    async with controlled(aliases=("www.test",)) as (edge, url):
        await edge.get("/a.css")
        for name, status in (("E1EXAMPLE", 200), ("www.test", 200), ("E2", 400)):
            said = await asked(f"{url}/invalidations", {"paths": ["/*"], "distribution": name})
            assert said[0] == status, name
        assert said[1] == {
            "error": "no distribution is named 'E2'",
            "hint": "they are: E1EXAMPLE",
        }


async def test_the_root_is_the_default_root_object_too() -> None:
    async with controlled(default_root_object="index.html") as (edge, url):
        await edge.get("/")
        _, said = await asked(f"{url}/invalidations", {"paths": ["/"]})
        assert said["forgotten"] == 2


MISTAKES = ["no json", [], {}, {"paths": "/a"}, {"paths": [1]}, {"paths": []}, {"paths": ["a"]}]


@pytest.mark.parametrize("body", MISTAKES, ids=str)
async def test_mistakes_are_said(body: Any) -> None:
    async with controlled() as (_, url):
        status, said = await asked(f"{url}/invalidations", body)
        assert status == 400
        assert said["error"]


CALLERS = [
    # Host                    Origin                        status
    ("127.0.0.1:{port}", None, 200),
    ("localhost:{port}", None, 200),
    ("[::1]:{port}", None, 200),
    ("localhost:{port}", "http://localhost:{port}", 200),
    ("evil.example:{port}", None, 403),
    ("localhost.evil.example", None, 403),
    ("localhost:{port}@evil.example", None, 403),
    ("127.0.0.1:{port}", "http://evil.example", 403),
    ("127.0.0.1:{port}", "http://127.0.0.1:1", 403),
    ("127.0.0.1:{port}", "https://127.0.0.1:{port}", 403),
    ("127.0.0.1:{port}", "null", 403),
    ("127.0.0.1:{port}", "", 403),
]


@pytest.mark.parametrize(("host", "origin", "status"), CALLERS)
async def test_only_this_machine_is_answered(host: str, origin: str | None, status: int) -> None:
    async with controlled() as (_, url):
        port = url.rpartition(":")[2]
        headers = {"Host": host.format(port=port)}
        if origin is not None:
            headers["Origin"] = origin.format(port=port)
        assert (await asked(f"{url}/status", **headers))[0] == status


async def test_what_is_not_there_is_json_as_well() -> None:
    async with controlled() as (_, url):
        assert await asked(f"{url}/") == (404, {"error": "Not Found", "hint": ""})


async def test_a_port_that_is_taken() -> None:
    async with controlled() as (edge, url):
        second = ControlPort(edge.server)
        with pytest.raises(ConfigError, match=r"in use[\s\S]*--control-port"):
            await second.start(int(url.rpartition(":")[2]))
        await second.stop()


async def test_what_functions_did_and_what_that_costs() -> None:
    def call(request: Request) -> Request:
        return request

    deployed = deployment()
    function = as_function(call, "fn")
    (behavior,) = deployed.distribution.behaviors
    behavior = replace(behavior, functions={Trigger.VIEWER_REQUEST: Association(function)})
    deployed = replace(
        deployed,
        distribution=replace(deployed.distribution, behaviors=(behavior,)),
        functions=(function,),
    )
    async with live_edge(InMemory(says()), deployed) as edge:
        control = ControlPort(edge.server)
        port = await control.start(0)
        for _ in range(3):
            await edge.get("/")
        status, told = await asked(f"http://127.0.0.1:{port}/functions")
        await control.stop()
    assert status == 200
    shown = told["functions"]["fn"]
    assert (shown["invocations"], shown["errors"]) == (3, 0)
    billed_s = shown["billed_ms"] / 1000
    assert billed_s >= 0.003, "each began a millisecond"
    expected = 3 * 0.6e-6 + billed_s * 0.00000625125
    assert told["usd"]["lambda_edge"] == pytest.approx(expected, abs=1e-9)
    assert told["usd"]["cloudfront_functions"] == pytest.approx(3e-7, abs=1e-9)

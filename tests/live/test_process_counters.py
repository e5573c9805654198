from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from edgesim.errors import OriginError
from edgesim.http.message import Request
from edgesim.live.process_counters import Counted, counted_together, process_counters

from .edge import InMemory, deployment, live_edge, says
from .test_control import asked, controlled

ORIGIN = deployment().distribution.behaviors[0].origin


async def test_a_request_is_counted_whatever_comes_of_it() -> None:
    good, bad = Counted(InMemory(says())), Counted(InMemory(lambda _: OriginError("gone")))
    await good.fetch(ORIGIN, Request("GET", "/"))
    with pytest.raises(OriginError):
        await bad.fetch(ORIGIN, Request("GET", "/"))
    assert process_counters([good, bad])["origin_requests"] == 2


def test_cpu_time_is_this_process_s() -> None:
    before = process_counters([])
    until = time.process_time() + 0.02
    while time.process_time() < until:
        pass
    after = process_counters([])
    assert after["cpu_s"] - before["cpu_s"] >= 0.02
    assert after["pid"] == os.getpid()
    assert after["resident_bytes"] > 10e6


async def test_hits_are_not_counted_and_a_deployment_forgets_nothing() -> None:
    origin = InMemory(says(cache_control="max-age=60"))
    async with live_edge(origin) as edge:
        for path in ("/a", "/a", "/b"):
            await edge.get(path)
        other = deployment(default_root_object="other.html")
        await edge.server.deploy(replace(other, source="again"))
        await edge.get("/c")
        assert edge.server.origins.requests == len(origin.requests) == 3


async def test_the_control_port_tells() -> None:
    async with controlled() as (edge, url):
        await edge.get("/a")
        _, told = await asked(f"{url}/status")
        assert set(told["process"]) == {"pid", "cpu_s", "resident_bytes", "origin_requests"}
        assert told["process"]["origin_requests"] == 1


def test_several_processes_are_added_up() -> None:
    first, second = process_counters([]), process_counters([])
    whole = counted_together([first, second])
    assert whole["pid"] == first["pid"]
    assert whole["cpu_s"] == first["cpu_s"] + second["cpu_s"]
    assert whole["resident_bytes"] == first["resident_bytes"] + second["resident_bytes"]
    assert counted_together([first]) == first

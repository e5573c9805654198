"""What is written of real requests, beside the standard log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edgesim.cloudfront.realtime_log import FIELDS, RealtimeLog
from edgesim.cloudfront.tenant import Tenant
from edgesim.live.access_log import AccessLog

from .edge import InMemory, deployment, live_edge, says

LOG = RealtimeLog("stream", FIELDS)


def records(file: Path) -> list[dict[str, str]]:
    rows = [row.split("\t") for row in file.read_text(encoding="ascii").splitlines()]
    return [dict(zip(FIELDS, row, strict=True)) for row in rows]


async def asked(log: AccessLog, realtime: RealtimeLog, times: int = 2) -> None:
    plain = deployment()
    (behavior,) = plain.distribution.behaviors
    behaviors = (replace(behavior, realtime_log=realtime),)
    told = replace(
        plain.distribution,
        behaviors=behaviors,
        tenant=Tenant("dt_1"),
        aliases=("www.example.test",),
    )
    origin = InMemory(says(cache_control="max-age=60", content_type="text/html"))
    async with live_edge(origin, replace(plain, distribution=told), access_log=log) as edge:
        connection = await edge.connect()
        for _ in range(times):
            await connection.ask("GET", "/a?q=1", "Accept: text/*", f"Cookie: a={'x' * 900}")
        await connection.close()


async def test_what_is_told_otherwise_than_in_the_standard_log(tmp_path: Path) -> None:
    await asked(AccessLog.at(f"{tmp_path}/"), LOG)
    miss, hit = records(tmp_path / "stream")
    assert [one["x-edge-result-type"] for one in (miss, hit)] == ["Miss", "Hit"]
    assert (miss["cs-host"], miss["x-host-header"]) == (
        "www.example.test",
        "d111111abcdef8.cloudfront.net",
    ), "the two have changed places"
    assert (miss["cs-uri-stem"], miss["cs-uri-query"]) == ("/a?q=1", "q=1")
    assert len(miss["cs-cookie"]) == 800
    assert (miss["cs-accept"], miss["c-ip-version"]) == ("text/*", "IPv4")
    assert miss["cs-header-names"] == "Host%0AAccept%0ACookie"
    assert miss["cs-headers"].startswith("Host:www.example.test%0AAccept:text/*%0ACookie:a=x")
    assert (miss["cs-headers-count"], miss["cache-behavior-path-pattern"]) == ("3", "*")
    assert (miss["distribution-tenant-id"], miss["cmcd-version"]) == ("dt_1", "-")
    assert miss["origin-fbl"] != hit["origin-fbl"] == "-"
    assert float(hit["timestamp"]) >= float(miss["timestamp"]) > 1e9


async def test_it_is_beside_a_file(tmp_path: Path) -> None:
    await asked(AccessLog.at(str(tmp_path / "access.log")), LOG)
    assert len(records(tmp_path / "access.log.stream")) == 2


@pytest.mark.parametrize(("rate", "written"), [(100, 4), (50, 2), (1, 1)])
async def test_sampling(tmp_path: Path, rate: int, written: int) -> None:
    chances: Iterator[float] = iter([0.0, 0.49, 0.5, 0.999])
    log = AccessLog(tmp_path, folder=True, said=lambda _: None, chance=lambda: next(chances))
    await asked(log, replace(LOG, sampling_rate=rate), times=4)
    assert len(records(tmp_path / "stream")) == written

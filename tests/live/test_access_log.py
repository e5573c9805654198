"""What is written of real requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.cloudfront.access_log import FIELDS, HEAD, Logging
from edgesim.cloudfront.origin import Origin
from edgesim.errors import ConfigError, OriginError
from edgesim.live.access_log import AccessLog

from .edge import InMemory, deployment, field_of, live_edge, says

COOKIE = "Cookie: a=1; b=2"


def records(file: Path) -> list[dict[str, str]]:
    text = file.read_text(encoding="ascii")
    assert text.startswith(HEAD)
    rows = [row.split("\t") for row in text.removeprefix(HEAD).splitlines()]
    assert {len(row) for row in rows} == {33}
    return [dict(zip(FIELDS, row, strict=True)) for row in rows]


async def test_a_record_for_each_request(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    origin = InMemory(says(cache_control="max-age=60", content_type="text/html"))
    async with live_edge(origin, access_log=AccessLog.at(str(file))) as edge:
        connection = await edge.connect()
        for lines in (("User-Agent: a b",), (), (), ("Range: bytes=1-3",)):
            await connection.ask("GET", "/a?q=1", COOKIE, *lines)
        await connection.close()
    first, second, third, part = records(file)
    types = [one["x-edge-result-type"] for one in (first, second, third, part)]
    assert types == ["Miss", "Hit", "Hit", "Hit"]
    assert (first["cs(Cookie)"], first["cs(User-Agent)"]) == ("-", "a%20b")
    assert (first["cs-uri-stem"], first["cs-uri-query"]) == ("/a", "q=1")
    assert (first["cs(Host)"], first["x-host-header"]) == (
        "d111111abcdef8.cloudfront.net",
        "www.example.test",
    )
    assert (first["sc-content-type"], first["sc-content-len"]) == ("text/html", "5")
    assert (first["cs-protocol"], first["cs-protocol-version"]) == ("http", "HTTP/1.1")
    assert first["c-ip"] == "127.0.0.1"
    assert first["ssl-protocol"] == first["fle-status"] == first["sc-range-start"] == "-"
    assert (part["sc-status"], part["sc-range-start"], part["sc-range-end"]) == ("206", "1", "3")
    assert len({one["x-edge-request-id"] for one in (first, second, third, part)}) == 4
    said = f"GET /a?q=1 HTTP/1.1\r\nHost: www.example.test\r\n{COOKIE}\r\n\r\n"
    assert int(second["cs-bytes"]) == len(said)


async def test_the_bytes_are_those_on_the_wire(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    origin = InMemory(says(cache_control="max-age=60"))
    async with live_edge(origin, access_log=AccessLog.at(str(file))) as edge:
        counted = []
        for _ in range(2):  # the ordinary path, and the fast lane
            connection = await edge.connect()
            await connection.send(b"GET /b HTTP/1.1\r\nHost: h\r\n\r\n")
            text = await connection.reader.readuntil(b"hello")
            counted.append(len(text))
            await connection.close()
    assert [int(one["sc-bytes"]) for one in records(file)] == counted


async def test_chunks_have_no_length_that_was_said(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    origin = InMemory(says(cache_control="max-age=60", transfer_encoding="chunked"))
    written = []
    async with live_edge(origin, access_log=AccessLog.at(str(file))) as edge:
        for method in ("GET", "GET", "HEAD"):  # the ordinary path, and the fast lane
            connection = await edge.connect()
            await connection.send(f"{method} /b HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            end = b"0\r\n\r\n" if method == "GET" else b"\r\n\r\n"
            written.append(str(len(await connection.reader.readuntil(end))))
            await connection.close()
    assert [one["sc-bytes"] for one in records(file)] == written
    assert {one["sc-content-len"] for one in records(file)} == {"-"}


async def test_a_hit_says_whether_it_was_the_shields(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    shielded = deployment(
        origin=Origin("app", host="127.0.0.1", port=9, shield_region="eu-central-1")
    )
    origin = InMemory(says(cache_control="max-age=60"))
    async with live_edge(origin, shielded, access_log=AccessLog.at(str(file))) as edge:
        await edge.get("/a")
        for tier in edge.server.tiers:
            tier.invalidate("/*")
        responses = [await edge.get("/a") for _ in range(2)]
    assert [field_of(one, "x-cache") for one in responses] == ["Hit from cloudfront"] * 2
    found = [(r["x-edge-result-type"], r["x-edge-detailed-result-type"]) for r in records(file)]
    assert found == [("Miss", "Miss"), ("Hit", "OriginShieldHit"), ("Hit", "Hit")]


async def test_an_error_says_which(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    origin = InMemory(lambda _: OriginError("gone", code="OriginConnectError"))
    async with live_edge(origin, access_log=AccessLog.at(str(file))) as edge:
        await edge.get("/a")
    (one,) = records(file)
    assert (one["sc-status"], one["x-edge-result-type"]) == ("502", "Error")
    assert one["x-edge-detailed-result-type"] == "OriginConnectError"


async def test_a_folder_has_files_as_a_bucket_would(tmp_path: Path) -> None:
    said = deployment(logging=Logging("logs", "cdn", include_cookies=True))
    async with live_edge(InMemory(says()), said, access_log=AccessLog.at(f"{tmp_path}/")) as edge:
        await edge.get("/a", COOKIE)
    (file,) = (tmp_path / "logs/cdn").iterdir()
    assert file.name.startswith("E1EXAMPLE.20")
    (one,) = records(file)
    assert one["cs(Cookie)"] == "a=1;%20b=2"


async def test_a_log_that_cannot_go_on_is_told_of_once(tmp_path: Path) -> None:
    told: list[str] = []
    log = AccessLog.at(f"{tmp_path}/logs/", told.append)
    (tmp_path / "logs").rmdir()
    (tmp_path / "logs").write_text("")
    async with live_edge(InMemory(says()), access_log=log) as edge:
        for _ in range(2):
            assert (await edge.get("/a")).status_code == 200
    assert len(told) == 1
    assert told[0].startswith("no more access logs: ")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"--access-log .*file/a: it cannot be written"):
        AccessLog.at(str(tmp_path / "file/a"))

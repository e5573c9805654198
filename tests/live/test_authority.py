"""TLS to viewers, with Python's own client, curl's equal in strictness."""

from __future__ import annotations

import asyncio
import os
import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edgesim.cloudfront.distribution import SecurityPolicy
from edgesim.cloudfront.policies import CachePolicy, OriginRequestPolicy, listed
from edgesim.errors import ConfigError
from edgesim.live.authority import Authority
from edgesim.live.companions import Companions
from edgesim.live.origins import OriginClients
from edgesim.live.ports import Origins
from edgesim.live.server import LiveServer

from .conftest import Serve
from .edge import Connection, InMemory, deployment, field_of, says
from .websocket import ASKS, TEXT, Echo, frame, read_frame

WILD = ("shop.test", "*.wild.test")


@asynccontextmanager
async def secure_edge(
    folder: Path,
    origins: Origins,
    policy: SecurityPolicy = SecurityPolicy.TLS_V1,
    /,
    **behavior: Any,
) -> AsyncIterator[tuple[int, int]]:
    """The ports for HTTP and for HTTPS."""
    one = deployment(aliases=WILD, security_policy=policy)
    behaviors = (replace(one.distribution.behaviors[0], **behavior),)
    server = LiveServer(origins=origins)
    await server.deploy(replace(one, distribution=replace(one.distribution, behaviors=behaviors)))
    companions = Companions(server, (), LiveServer)
    context = Authority(folder).context(companions.knows, companions.minimum_tls)
    try:
        https = await server.listen("127.0.0.1", 0, context=context, option="--tls-port")
        companions.have_tls_at(https)
        yield await server.listen("127.0.0.1", 0), https
    finally:
        await server.stop()


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "certificate.pem"))


async def ask(
    port: int, name: str, context: ssl.SSLContext | None, *lines: str, times: int = 1
) -> list[Any]:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname=name if context else None
    )
    connection = Connection(reader, writer)
    answers = [(await connection.ask("GET", "/a", *lines))[0] for _ in range(times)]
    await connection.close()
    return answers


@pytest.mark.parametrize(
    ("policy", "older"),
    [(SecurityPolicy.TLS_V1_2_2021, True), (SecurityPolicy.TLS_V1_3_2025, False)],
)
async def test_viewers_speak_what_the_security_policy_wants(
    tmp_path: Path, policy: SecurityPolicy, older: bool
) -> None:
    async with secure_edge(tmp_path, InMemory(says()), policy) as (_, port):
        for version, accepted in ((ssl.TLSVersion.TLSv1_3, True), (ssl.TLSVersion.TLSv1_2, older)):
            context = trusting(tmp_path)
            context.maximum_version = version
            for name in ("shop.test", "localhost"):
                if accepted:
                    assert await ask(port, name, context)
                else:
                    with pytest.raises(
                        (ssl.SSLError, ConnectionError)
                    ):  # an alert, or not even that
                        await ask(port, name, context)


NAMES = [
    ("localhost", True, "this machine"),
    ("127.0.0.1", True, "and its address"),
    ("shop.test", True, "an alias"),
    ("a.wild.test", True, "a wildcard"),
    ("a.b.wild.test", True, "of any depth"),
    ("d111111abcdef8.cloudfront.net", True, "the distribution's own name"),
    ("any.localhost", True, "what every browser takes for this machine"),
    ("other.test", False, "nobody's"),
]


@pytest.mark.parametrize(("name", "accepted", "why"), NAMES)
async def test_a_strict_client_accepts_the_names_of_the_distribution(
    name: str, accepted: bool, why: str, tmp_path: Path
) -> None:
    async with secure_edge(tmp_path, InMemory(says())) as (_, https):
        if accepted:
            (response,) = await ask(https, name, trusting(tmp_path))
            assert response.status_code == 200, why
            return
        with pytest.raises(ssl.SSLCertVerificationError, match="certificate is not valid"):
            await ask(https, name, trusting(tmp_path))


async def test_who_does_not_trust_the_authority_is_told(tmp_path: Path) -> None:
    async with secure_edge(tmp_path, InMemory(says())) as (_, https):
        with pytest.raises(ssl.SSLCertVerificationError):
            await ask(https, "localhost", ssl.create_default_context())


async def test_redirects_lead_to_where_tls_is(tmp_path: Path) -> None:
    settings = {"viewer_protocol_policy": "redirect-to-https"}
    async with secure_edge(tmp_path, InMemory(says()), **settings) as (http, https):
        (redirect,) = await ask(http, "shop.test", None)
        assert redirect.status_code == 301
        assert field_of(redirect, "location") == f"https://www.example.test:{https}/a"
        (page,) = await ask(https, "shop.test", trusting(tmp_path))
        assert page.status_code == 200


async def test_what_was_served_by_tls_is_not_served_without(tmp_path: Path) -> None:
    """Also where the very same bytes were answered a moment ago."""
    origin = InMemory(says(Cache_Control="max-age=60"))
    settings = {"viewer_protocol_policy": "https-only"}
    async with secure_edge(tmp_path, origin, **settings) as (http, https):
        answers = await ask(https, "localhost", trusting(tmp_path), times=3)
        assert [one.status_code for one in answers] == [200, 200, 200]
        (refused,) = await ask(http, "localhost", None)
        assert refused.status_code == 403


async def test_the_origin_is_told_of_the_connection(tmp_path: Path) -> None:
    """CloudFront: "Add CloudFront request headers", CloudFront-Viewer-TLS."""
    origin = InMemory(says())
    names = ("cloudfront-viewer-tls", "cloudfront-forwarded-proto")
    settings: dict[str, Any] = {
        "cache_policy": CachePolicy(),
        "origin_request_policy": OriginRequestPolicy(headers=listed(*names)),
    }
    async with secure_edge(tmp_path, origin, **settings) as (http, https):
        await ask(https, "localhost", trusting(tmp_path), "Cache-Control: no-cache", times=2)
        await ask(http, "localhost", None)
    told = [[one.headers.get(name) for name in names] for one in origin.requests]
    tls = "TLSv1.3:TLS_AES_256_GCM_SHA384"
    assert told == [
        [f"{tls}:fullHandshake", "https"],
        [f"{tls}:connectionReused", "https"],
        [None, "http"],
    ]


BIG = bytes(range(256)) * 8192
"""2 MiB, which is more than any buffer on the way."""


async def test_websockets_and_large_bodies_go_through(serve: Serve, tmp_path: Path) -> None:
    server = await serve(Echo())
    async with secure_edge(tmp_path, OriginClients(), origin=server.origin()) as (_, https):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", https, ssl=trusting(tmp_path), server_hostname="shop.test"
        )
        lines = "".join(f"{line}\r\n" for line in ("Host: shop.test", *ASKS))
        writer.write(f"GET /chat HTTP/1.1\r\n{lines}\r\n".encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        for message in (b"hello", BIG):
            writer.write(frame(message, masked=True))
            assert await read_frame(reader) == (TEXT, message)
        writer.close()
        await writer.wait_closed()


async def test_a_body_that_breaks_off_is_no_whole_one(serve: Serve, tmp_path: Path) -> None:
    """What the head promised does not come, and the viewer can tell."""

    async def breaks(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BIG) * 2}\r\n\r\n"
        writer.write(head.encode() + BIG)
        await writer.drain()
        writer.close()

    server = await serve(breaks)
    async with secure_edge(tmp_path, OriginClients(), origin=server.origin()) as (_, https):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", https, ssl=trusting(tmp_path), server_hostname="shop.test"
        )
        writer.write(b"GET /a HTTP/1.0\r\nHost: shop.test\r\n\r\n")
        received = b""
        with suppress(OSError):
            while piece := await reader.read(65536):
                received += piece
        assert b"Content-Length: 4194304" in received
        assert len(received) < len(BIG) * 2
        writer.transport.abort()


def test_the_authority_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    made = Authority(folder)
    before = made.certificate_file.read_bytes()
    assert Authority(folder).certificate_file.read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["certificate.pem", "key.pem"]


def test_nobody_else_can_read_its_key(tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    umask = os.umask(0)
    try:
        Authority(folder)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    key = folder / "key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o640)
    with pytest.raises(ConfigError, match="others may read the key") as caught:
        Authority(folder)
    assert f"chmod 600 {key}" in caught.value.hint


def test_an_authority_that_is_none(tmp_path: Path) -> None:
    made = Authority(tmp_path)
    made.certificate_file.write_text("nothing")
    with pytest.raises(ConfigError, match="no authority any more"):
        Authority(tmp_path)
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(ConfigError, match="there can be no authority"):
        Authority(in_the_way)

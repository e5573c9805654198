from __future__ import annotations

import asyncio

import pytest

from edgesim.http.message import Response
from edgesim.live.interim import heard_by, tell

from ..conformance.conversation import said, strict
from .conftest import OK, Serve
from .edge import deployment, live_edge

HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
FINAL = said("Cache-Control: max-age=60")


def test_nobody_hears_what_is_told_outside() -> None:
    heard: list[Response] = []
    with heard_by(heard.append):
        tell(Response(103))
        with heard_by(None):
            tell(Response(102))
    tell(Response(104))
    assert [response.status for response in heard] == [103]


async def received(port: int, version: str = "1.1") -> bytes:
    """Everything up to the end of one response's head and body, as bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET / HTTP/{version}\r\nHost: a.test\r\nConnection: close\r\n\r\n".encode())
    data = await reader.read()
    writer.close()
    await writer.wait_closed()
    return data


ON_THE_WAY = [
    # what comes first     heads  why; RFC 9110 §15.2
    (HINT, [103], "passed on"),
    (PROCESSING, [102], "passed on, whatever it means"),
    (PROCESSING + HINT, [102, 103], "each of them, in order"),
    (b"HTTP/1.1 100 Continue\r\n\r\n", [], "this one is between two neighbours, §15.2.1"),
]


@pytest.mark.parametrize(("before", "statuses", "why"), ON_THE_WAY)
async def test_interim_responses(
    serve: Serve, before: bytes, statuses: list[int], why: str
) -> None:
    origin = await serve(before + FINAL)
    async with live_edge(None, strict(origin.origin())) as edge:  # type: ignore[arg-type]
        first = await received(edge.port)
        found = [int(line[9:12]) for line in first.split(b"\r\n") if line[:9] == b"HTTP/1.1 "]
        assert found == [*statuses, 200], why
        again = await received(edge.port)
    assert again.startswith(b"HTTP/1.1 200"), "never stored, RFC 9111 §3"
    assert b"preload" not in again, "nor are its fields"
    assert len(origin.requests) == 1


async def test_http_1_0_knows_none(serve: Serve) -> None:
    origin = await serve(HINT + FINAL)
    async with live_edge(None, strict(origin.origin())) as edge:  # type: ignore[arg-type]
        assert (await received(edge.port, "1.0")).startswith(b"HTTP/1.1 200")


async def test_cloudfront_is_not_known_to_pass_any_on(serve: Serve) -> None:
    origin = await serve(HINT + OK)
    async with live_edge(None, deployment(origin=origin.origin())) as edge:  # type: ignore[arg-type]
        assert (await received(edge.port)).startswith(b"HTTP/1.1 200")

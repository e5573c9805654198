"""Compressed on the wire, whether the origin's body came at once or is still coming."""

from __future__ import annotations

from dataclasses import replace

import brotli
import h11
import pytest

from edgesim.config.deployment import Deployment
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.live.bodies import Arriving

from .edge import InMemory, deployment, field_of, live_edge
from .test_bodies import many

PIECE, COUNT = b"all work and no play " * 1000, 20


def compressing() -> Deployment:
    deployed = deployment("CachingOptimized", None)
    behaviors = (replace(deployed.distribution.behaviors[0], compress=True),)
    return replace(deployed, distribution=replace(deployed.distribution, behaviors=behaviors))


def headers(length: int) -> Headers:
    return Headers([("Content-Type", "text/html"), ("Content-Length", str(length))])


def at_once(_: Request) -> Response:
    return Response(200, headers(len(PIECE)), PIECE)


def arriving(_: Request) -> Response:
    length = len(PIECE) * COUNT
    return Response(
        200, headers(length), Arriving(many(COUNT, PIECE), length, lambda: None, where="here")
    )


@pytest.mark.parametrize("answer", [at_once, arriving], ids=["at once", "arriving"])
async def test_the_viewer_gets_it_compressed(answer: object) -> None:
    async with live_edge(InMemory(answer), compressing()) as edge:  # type: ignore[arg-type]
        sizes: list[int] = []
        for x_cache in ("Miss", "Hit"):
            connection = await edge.connect()
            response, body = await connection.ask("GET", "/", "Accept-Encoding: gzip, br")
            await connection.close()
            assert isinstance(response, h11.Response)
            assert field_of(response, "x-cache") == f"{x_cache} from cloudfront"
            assert field_of(response, "content-encoding") == "br"
            assert brotli.decompress(body).replace(PIECE, b"") == b""
            length = field_of(response, "content-length")
            assert (length or field_of(response, "transfer-encoding")) in (
                str(len(body)),
                "chunked",
            )
            sizes.append(len(body))
        assert sizes[0] == sizes[1] < len(PIECE)

"""Which pages end a viewer's connection (CloudFront: "Create a custom error page …")."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.custom_errors import CustomErrorResponse
from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import CachePolicy
from edgesim.config.deployment import Deployment
from edgesim.errors import OriginError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

from .edge import InMemory, field_of, live_edge

POLICY = CachePolicy(min_ttl_s=0)
BEHAVIOR = Behavior("*", Origin("app", host="127.0.0.1", port=9), CloudFrontCaching(POLICY), POLICY)
PAGE = "/sorry.html"

PAGES = [
    # the origin's status, that of the page, what Connection says, why
    (500, 500, "close", "a page for it"),
    (501, 501, "close", "a page for it"),
    (405, 405, "close", "a page for it"),
    (503, 503, "keep-alive", "not after this one"),
    (404, 404, "keep-alive", "not after this one"),
    (500, 200, "keep-alive", "it shows none"),
    (500, None, "keep-alive", "the origin's own is passed on as any answer"),
]


@pytest.mark.parametrize(("status", "shown", "connection", "why"), PAGES)
@pytest.mark.parametrize("cached", [False, True])
async def test_after_some_pages_the_connection_is_closed(
    status: int, shown: int | None, connection: str, why: str, cached: bool
) -> None:
    def answer(request: Request) -> Response:
        if request.target == PAGE:
            return Response(200, Headers([("Cache-Control", "max-age=60")]), b"sorry")
        return Response(status, body=b"no")

    pages = {} if shown is None else {status: CustomErrorResponse(status, shown, PAGE)}
    distribution = Distribution((BEHAVIOR,), custom_errors=pages)
    async with live_edge(InMemory(answer), Deployment(distribution, (), "test")) as edge:
        if cached:
            await edge.get("/a")
        viewer = await edge.connect()
        response, _ = await viewer.ask("GET", "/a")
        assert response.status_code == (shown or status)
        assert field_of(response, "connection") == connection, why
        if connection == "close":
            assert await viewer.reader.read() == b"", "and so it is"
        await viewer.close()


@pytest.mark.parametrize("policy", [POLICY, None])
async def test_ours_for_want_of_an_origin_leaves_it_open(policy: CachePolicy | None) -> None:
    behavior = replace(BEHAVIOR, cache_policy=policy)
    deployment = Deployment(Distribution((behavior,)), (), "test")
    async with live_edge(InMemory(lambda _: OriginError("refused")), deployment) as edge:
        response = await edge.get("/a")
        assert (response.status_code, field_of(response, "connection")) == (502, "keep-alive")

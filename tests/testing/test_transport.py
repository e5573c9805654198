from __future__ import annotations

import asyncio

import httpx
import pytest

from edgesim.testing.edge import VirtualEdge
from edgesim.testing.story import EdgeResponse

MINUTE = {"cache-control": "max-age=60"}


def test_a_client_keeps_cookies_and_follows_redirects(edge: VirtualEdge) -> None:
    app = edge.origin("app")
    app.respond("/login", status=302, headers={"Location": "/home", "Set-Cookie": "id=7; Path=/"})
    app.respond("/home", text="welcome")
    with edge.client(follow_redirects=True) as client:
        response = client.post("/login", data={"name": "x"})
    assert isinstance(response, EdgeResponse)
    assert (response.url.path, response.text) == ("/home", "welcome")
    assert [one.status_code for one in response.history] == [302]
    assert [one.headers.get("cookie") for one in app.requests] == [None, "id=7"]
    assert response.edge.result_type == "Miss"
    assert response.elapsed.total_seconds() == response.edge.seconds


def test_a_client_takes_options_of_its_own(edge: VirtualEdge) -> None:
    edge.origin("app").respond(text="hello")
    with edge.client(base_url="https://shop.test/v1", headers={"X-Own": "1"}) as client:
        client.get("/page", params={"a": "b"})
    (request,) = edge.origin("app").requests
    assert (request.target, request.headers.get("x-own")) == ("/v1/page?a=b", "1")
    assert request.headers.get("host") == "shop.test"


def test_a_body_that_comes_in_pieces_arrives(edge: VirtualEdge) -> None:
    edge.origin("app").respond(text="thanks")
    with edge.client() as client:
        client.post("/up", content=iter([b"one ", b"two"]))
    assert edge.origin("app").requests[0].body == b"one two"


@pytest.mark.edgesim(config="tests/testing/shop/edgesim.toml")
async def test_what_is_gathered_arrives_together_and_is_collapsed(edge: VirtualEdge) -> None:
    edge.origin("pages").respond("/", text="hello", headers=MINUTE, delay_s=0.2)
    async with edge.async_client() as client:
        responses = await asyncio.gather(*(client.get("/") for _ in range(10)))
        again = await client.get("/")
    assert [response.text for response in responses] == ["hello"] * 10
    assert edge.origin("pages").calls == 1
    assert isinstance(again, EdgeResponse)
    assert again.edge.result_type == "Hit"


async def test_a_mistake_of_the_test_reaches_everybody_who_waits(edge: VirtualEdge) -> None:
    def wrong(request: object) -> httpx.Response:
        raise ZeroDivisionError

    edge.origin("app").transport(httpx.MockTransport(wrong))
    async with edge.async_client() as client:
        both = await asyncio.gather(client.get("/"), client.get("/"), return_exceptions=True)
    assert [type(one) for one in both] == [ZeroDivisionError] * 2


async def test_a_request_that_was_given_up_hinders_nobody(edge: VirtualEdge) -> None:
    edge.origin("app").respond(text="hello")
    async with edge.async_client() as client:
        given_up = asyncio.ensure_future(client.get("/a"))
        other = asyncio.ensure_future(client.get("/b"))
        await asyncio.sleep(0)
        given_up.cancel()
        assert (await other).text == "hello"

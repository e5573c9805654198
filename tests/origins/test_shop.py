"""The demo's origin over real sockets, as its own process."""

from __future__ import annotations

import io
from collections.abc import Iterator

import aiohttp
import httpx
import pytest
from PIL import Image

from .programs import CHECKOUT, running

SHOP = CHECKOUT / "origins/shop"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running(str(SHOP / "server.py")) as address:
        yield address


@pytest.fixture
def shop(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as client:
        yield client


def test_it_also_runs_as_a_module() -> None:
    with running("-m", "origins.shop") as address:
        assert httpx.get(address).status_code == 200


CACHING = [
    ("/", "text/html", "public, max-age=0, s-maxage=30, stale-while-revalidate=60"),
    ("/product/3", "text/html", "public, max-age=0, s-maxage=30, stale-while-revalidate=60"),
    ("/about/index.html", "text/html", "public, max-age=0, s-maxage=30, stale-while-revalidate=60"),
    ("/static/style.css", "text/css", "public, max-age=300"),
    ("/static/app.js", "text/javascript", "public, max-age=300"),
    ("/static/icon.svg", "image/svg+xml", "public, max-age=300"),
    ("/images/2.jpg", "image/jpeg", "public, max-age=86400"),
]


@pytest.mark.parametrize(("path", "content_type", "keep"), CACHING)
def test_what_may_be_kept_has_a_validator(
    shop: httpx.Client, path: str, content_type: str, keep: str
) -> None:
    first = shop.get(path)
    assert (first.status_code, first.headers["cache-control"]) == (200, keep)
    assert first.headers["content-type"].startswith(content_type)
    assert first.headers["server-timing"].startswith("shop;")

    again = shop.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == keep


@pytest.mark.parametrize("path", ["/nothing", "/product/99", "/images/0.jpg", "/static/..%2Fx"])
def test_what_is_not_there(shop: httpx.Client, path: str) -> None:
    answer = shop.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "public, max-age=10")
    assert "Tidewater Goods" in answer.text


def test_every_product_has_a_picture(shop: httpx.Client) -> None:
    for number in range(1, 7):
        picture = Image.open(io.BytesIO(shop.get(f"/images/{number}.jpg").content))
        assert (picture.size, picture.format) == ((1200, 800), "JPEG")


def test_the_variants_of_the_front_page_differ(shop: httpx.Client) -> None:
    pages = {
        cookie: shop.get("/", headers={"Cookie": f"variant={cookie}"}) for cookie in ("a", "b", "z")
    }
    assert pages["a"].headers["etag"] != pages["b"].headers["etag"]
    assert "variant B" in pages["b"].text
    assert pages["z"].text == pages["a"].text


def test_the_stock_is_never_the_same_twice(shop: httpx.Client) -> None:
    first, second = shop.get("/api/stock"), shop.get("/api/stock")
    assert first.json() != second.json()
    assert first.headers["cache-control"] == "no-store"
    assert shop.get("/api/time").headers["cache-control"] == "public, max-age=0, s-maxage=5"


def test_failures(shop: httpx.Client) -> None:
    assert shop.get("/broken").status_code == 500
    assert sorted(shop.get("/flaky").status_code for _ in range(3)) == [200, 200, 503]


def test_events_arrive_as_they_happen(shop: httpx.Client) -> None:
    with shop.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == "id: 1"
        assert next(lines).startswith("data: ")


def test_the_stream_has_ten_pieces_and_no_length(shop: httpx.Client) -> None:
    with shop.stream("GET", "/stream") as answer:
        assert answer.headers["transfer-encoding"] == "chunked"
        pieces = "".join(answer.iter_text()).splitlines()
    assert (len(pieces), pieces[-1]) == (10, "piece 10 of 10")


def test_signing_in_and_out(shop: httpx.Client) -> None:
    assert "Sign in" in shop.get("/login").text
    answer = shop.post("/login", data={"user": "Ada <3"}, follow_redirects=True)
    assert "Hello, Ada &lt;3." in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "Hello" not in shop.post("/logout", follow_redirects=True).text


async def test_the_websocket_says_the_same(address: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{address}/ws") as socket:
        await socket.send_str("hello")
        assert (await socket.receive()).data == "hello"
        await socket.send_bytes(b"\x00\x01")
        assert (await socket.receive()).data == b"\x00\x01"


async def test_open_connections_do_not_hold_it_up() -> None:
    with running(str(SHOP / "server.py")) as address:
        session = aiohttp.ClientSession()
        events = await session.get(f"{address}/events")
        socket = await session.ws_connect(f"{address}/ws")
        assert await events.content.readline() == b"id: 1\n"
    await socket.close()
    events.close()
    await session.close()

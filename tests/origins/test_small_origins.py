"""The small origins over real sockets, each as its own process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

CHECKOUT = Path(__file__).parents[2]

Start = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    with ExitStack() as started:
        clients: dict[str, httpx.Client] = {}

        def once(name: str, *options: str) -> httpx.Client:
            key = " ".join([name, *options])
            if key not in clients:
                command = [sys.executable, f"origins/{name}/server.py", "--port", "0", *options]
                child = started.enter_context(
                    subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
                )
                started.callback(child.terminate)
                assert child.stdout is not None
                address = child.stdout.readline().split()[-1]
                clients[key] = started.enter_context(httpx.Client(base_url=address, timeout=20))
            return clients[key]

        yield once


def test_the_api_lists_gets_and_adds(start: Start) -> None:
    api = start("api")
    page = api.get("/api/products?count=2")
    assert [one["name"] for one in page.json()] == ["Desk lamp", "Flower pot"]
    assert page.headers["link"] == '<?start=2&count=2>; rel="next"'
    assert page.headers["cache-control"] == "public, max-age=0, s-maxage=10"
    made = api.post("/api/products", json={"name": "Vase", "price": 12})
    assert made.status_code == 201
    assert api.get(made.headers["location"]).json()["name"] == "Vase"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/products/999", "", 404),
        ("GET", "/api/products/x", "", 400),
        ("GET", "/api/products?count=-1", "", 400),
        ("POST", "/api/products", "[]", 400),
        ("POST", "/api/products", "{", 400),
        ("POST", "/api/products", '{"name": "a"}', 400),
        ("PUT", "/api/products", "{}", 405),
    ],
)
def test_the_api_refuses(start: Start, method: str, path: str, body: str, status: int) -> None:
    assert start("api").request(method, path, content=body).status_code == status


def test_the_slow_origin_waits_where_it_is_told(start: Start) -> None:
    slow = start("slow", "--wait-s", "0.2")
    began = time.monotonic()
    assert slow.get("/anything").text == "after 0.2 s\n"
    assert 0.2 <= time.monotonic() - began < 10
    with slow.stream("GET", "/body?wait_s=0.3") as response:
        began = time.monotonic()
        assert response.read().endswith(b"this was not\n")
        assert time.monotonic() - began >= 0.2
    for wrong in ("x", "-1", "nan", "1000"):
        assert slow.get(f"/?wait_s={wrong}").status_code == 400


def test_the_flaky_origin_fails_every_so_often(start: Start) -> None:
    flaky = start("flaky")
    assert [flaky.get("/a?every=2&how=503").status_code for _ in range(4)] == [200, 503, 200, 503]
    assert [flaky.get("/b").status_code for _ in range(3)] == [200, 200, 500]
    for how in ("reset", "cut"):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            flaky.get(f"/c?every=1&how={how}")
    for wrong in ("every=0", "every=x", "every=1&how=200", "every=1&how=x"):
        assert flaky.get(f"/?{wrong}").status_code == 400


def test_the_streaming_origin_sends_piece_by_piece(start: Start) -> None:
    streaming = start("streaming")
    with streaming.stream("GET", "/events") as response:
        pieces = response.iter_text()
        assert next(pieces).startswith("id: 1\ndata: event 1\n\n")
        assert "event 2" in next(pieces)
    assert streaming.get("/lines").text.splitlines()[-1] == "line 10"


@pytest.mark.parametrize(
    ("asked", "status", "said", "length"),
    [
        ("", 200, None, 1 << 20),
        ("bytes=0-9", 206, "bytes 0-9/1048576", 10),
        ("bytes=-5", 206, "bytes 1048571-1048575/1048576", 5),
        ("bytes=1048570-", 206, "bytes 1048570-1048575/1048576", 6),
        ("bytes=1048576-", 416, "bytes */1048576", 0),
    ],
)
def test_the_video_has_ranges(
    start: Start, asked: str, status: int, said: str | None, length: int
) -> None:
    response = start("streaming").get("/video", headers={"Range": asked} if asked else {})
    assert (response.status_code, response.headers.get("content-range")) == (status, said)
    assert len(response.content) == length


def test_the_bucket_answers_as_s3_does(start: Start) -> None:
    bucket = start("bucket")
    page = bucket.get("/index.html")
    assert page.headers["content-type"] == "text/html"
    assert page.headers["server"] == "AmazonS3"
    etag, modified = page.headers["etag"], page.headers["last-modified"]
    assert bucket.get("/index.html", headers={"If-None-Match": etag}).status_code == 304
    assert bucket.get("/index.html", headers={"If-Modified-Since": modified}).status_code == 304
    assert bucket.get("/index.html", headers={"If-None-Match": '"x"'}).status_code == 200
    part = bucket.get("/index.html", headers={"Range": "bytes=0-8"})
    assert (part.status_code, part.content) == (206, b"<!doctype")
    assert bucket.head("/style.css").headers["content-length"] != "0"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 403, "AccessDenied"),
        ("GET", "/missing", 403, "AccessDenied"),
        ("GET", "/%2e%2e/server.py", 403, "AccessDenied"),
        ("GET", "/..%2fserver.py", 403, "AccessDenied"),
        ("DELETE", "/index.html", 405, "MethodNotAllowed"),
    ],
)
def test_the_bucket_refuses_in_xml(
    start: Start, method: str, path: str, status: int, code: str
) -> None:
    response = start("bucket").request(method, path)
    assert response.status_code == status
    assert f"<Code>{code}</Code>" in response.text
    assert response.headers["content-type"].startswith("application/xml")

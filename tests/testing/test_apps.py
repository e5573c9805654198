from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest

from edgesim.testing.edge import VirtualEdge


async def hello_asgi(scope: dict[str, Any], receive: Callable[[], Any], send: Any) -> None:
    message = await receive()
    said = f"{scope['method']} {scope['raw_path'].decode()}?{scope['query_string'].decode()} "
    headers = [(b"cache-control", b"max-age=60"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    await send({"type": "http.response.start", "status": 203, "headers": headers})
    await send({"type": "http.response.body", "body": said.encode() + message["body"]})


def hello_wsgi(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("203 Fine", [("Cache-Control", "max-age=60"), ("Set-Cookie", "a=1")])
    said = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ['QUERY_STRING']} "
    return [said.encode(), environ["wsgi.input"].read()]


def test_an_asgi_application_answers(edge: VirtualEdge) -> None:
    edge.origin("app").asgi(hello_asgi)
    response = edge.post("/a%20b?x=1", content=b"body")
    assert (response.status_code, response.text) == (203, "POST /a%20b?x=1 body")
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert [edge.get("/c").edge.result_type for _ in "12"] == ["Miss", "Hit"]


async def test_an_asgi_application_answers_where_a_loop_is_running(edge: VirtualEdge) -> None:
    edge.origin("app").asgi(hello_asgi)
    async with edge.async_client() as client:
        assert (await client.get("/x")).text == "GET /x? "


def test_a_wsgi_application_answers(edge: VirtualEdge) -> None:
    edge.origin("app").wsgi(hello_wsgi, "/w/*").respond("/", text="other")
    response = edge.post("/w/a?x=1", content=b"body")
    assert (response.status_code, response.text) == (203, "POST /w/a?x=1 body")
    assert edge.get("/").text == "other"


def test_a_coded_body_passes_as_it_is(edge: VirtualEdge) -> None:
    packed = gzip.compress(b"hello", mtime=0)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=packed)

    edge.origin("app").transport(httpx.MockTransport(answer))
    response = edge.get("/", headers={"Accept-Encoding": "gzip"})
    assert (response.text, response.headers["content-length"]) == ("hello", str(len(packed)))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (httpx.ConnectError("refused"), 502),
        (httpx.RemoteProtocolError("no HTTP"), 502),
        (httpx.ReadTimeout("too slow"), 504),
    ],
)
def test_what_httpx_calls_a_transport_error_is_the_origins_failure(
    edge: VirtualEdge, error: httpx.TransportError, status: int
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    edge.origin("app").transport(httpx.MockTransport(fail))
    response = edge.get("/")
    assert response.status_code == status
    assert str(error) in str(response.edge.failure)


def test_a_mistake_in_an_application_fails_the_test(edge: VirtualEdge) -> None:
    def broken(environ: object, start_response: object) -> Iterable[bytes]:
        raise ZeroDivisionError

    edge.origin("app").wsgi(broken)
    with pytest.raises(ZeroDivisionError):
        edge.get("/")

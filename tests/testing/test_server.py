from __future__ import annotations

import gc
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from edgesim.config.resolve import from_origin, load
from edgesim.errors import EdgesimError
from edgesim.testing.server import EdgeServer

StartEdge = Callable[..., EdgeServer]

FUNCTION = """\
def handler(event, context):
    print("said by hello")
    return {"status": "200", "body": "from a function"}
"""

CONFIGURATION = """\
[origins.app]
url = "http://127.0.0.1:9"
[functions.hello]
code = "hello.py"
handler = "hello.handler"
runtime = "python3.12"
[default_behavior]
origin = "app"
viewer_request = "hello"
"""


class Pages(BaseHTTPRequestHandler):
    """Says hello, and counts how often it did."""

    count = 0
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        type(self).count += 1
        body = f"hello {self.count}".encode()
        self.send_response(200)
        self.send_header("Cache-Control", "max-age=60")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def origin() -> Iterator[str]:
    """The address of a real origin."""
    Pages.count = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "edgesim.toml").write_text(CONFIGURATION)
    (tmp_path / "hello.py").write_text(FUNCTION)
    return tmp_path / "edgesim.toml"


def test_a_live_edge_in_front_of_a_real_origin(edge_server: StartEdge, origin: str) -> None:
    server = edge_server(origin=origin)
    first, second = httpx.get(f"{server.url}/"), httpx.get(f"{server.url}/")
    assert (first.text, first.headers["x-cache"]) == ("hello 1", "Miss from cloudfront")
    assert (second.text, second.headers["x-cache"]) == ("hello 1", "Hit from cloudfront")
    assert server.invalidate("/other", "/*") == 2, "in both tiers"
    assert httpx.get(f"{server.url}/").text == "hello 2"


def test_two_edges_share_nothing(edge_server: StartEdge, origin: str) -> None:
    one, other = edge_server(origin=origin), edge_server(origin=origin)
    assert one.url != other.url
    assert [httpx.get(f"{server.url}/").text for server in (one, other)] == ["hello 1", "hello 2"]


async def test_it_serves_an_async_test(edge_server: StartEdge, origin: str) -> None:
    server = edge_server(origin=origin)
    async with httpx.AsyncClient(base_url=server.url) as client:
        assert (await client.get("/")).text == "hello 1"


def test_functions_run_as_in_dev_and_their_words_are_kept(
    edge_server: StartEdge, project: Path
) -> None:
    server = edge_server(config=str(project))
    assert httpx.get(f"{server.url}/").text == "from a function"
    assert [(line.function, line.text) for line in server.log] == [("hello", "said by hello")]
    assert "hello | said by hello" in server.report()
    assert "GET /: 200 LambdaGeneratedResponse" in server.report()


def test_an_origin_that_is_not_there_is_told_of(edge_server: StartEdge) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        server = edge_server(origin=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        assert httpx.get(f"{server.url}/").status_code == 502
    assert "failed: origin app: nothing listens at" in server.report()


def children() -> set[str]:
    """The processes of functions that this process has started."""
    command = ["ps", "-A", "-ww", "-o", "ppid=,pid=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    ours = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return {pid for ppid, pid, args in ours if int(ppid) == os.getpid() and "python_host" in args}


def test_nothing_is_left_behind(project: Path, origin: str) -> None:
    threads, processes = set(threading.enumerate()), children()
    with_function = EdgeServer(load(project))
    plain = EdgeServer(from_origin(origin))
    assert httpx.get(f"{plain.url}/").text == "hello 1"
    assert children() > processes
    for server in (with_function, plain):
        server.stop()
        server.stop()
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url)
    left = {thread for thread in threading.enumerate() if "edgesim" in thread.name}
    assert left - threads == set()
    assert children() == processes
    gc.collect()  # an unclosed loop or transport would warn now, and warnings are errors


def test_what_cannot_start_says_why_and_leaves_nothing(project: Path) -> None:
    (project.parent / "hello.py").write_text("import nothing_of_this_name\n")
    threads = set(threading.enumerate())
    with pytest.raises(EdgesimError, match="nothing_of_this_name") as raised:
        EdgeServer(load(project))
    assert "hello.py:1" in str(raised.value)
    assert {t for t in threading.enumerate() if t.name == "edgesim"} <= threads

"""The catalogue through a live edge: real processes, real sockets, an origin that is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from edgesim.bundled import bundled
from edgesim.cli.starter import RUNTIME
from edgesim.testing.server import EdgeServer
from tests.needed import node_or_skip

CONFIGURATION = """\
[distribution]
strictness = "strict"
[origins.app]
url = "http://127.0.0.1:{port}"
[functions.page]
code = "{code}/static_content"
handler = "index.handler"
runtime = "{runtime}"
[functions.sign_in]
code = "{code}/sign_in"
handler = "index.handler"
runtime = "{runtime}"
[functions.to_header]
code = "{code}/query_string"
handler = "to_header.handler"
runtime = "{runtime}"
[functions.error_page]
code = "{code}/error_pages"
handler = "page.handler"
runtime = "{runtime}"
[functions.add_field]
code = "{code}/html_form"
handler = "add_field.handler"
runtime = "{runtime}"
[default_behavior]
origin = "app"
cache_policy = "CachingDisabled"
origin_request_policy = "AllViewer"
allowed_methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
origin_request = "to_header"
origin_response = "error_page"
[[behaviors]]
path_pattern = "/hello"
origin = "app"
origin_request = "page"
[[behaviors]]
path_pattern = "/account"
origin = "app"
viewer_request = "sign_in"
[[behaviors]]
path_pattern = "/contact"
origin = "app"
cache_policy = "CachingDisabled"
origin_request_policy = "AllViewer"
allowed_methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
origin_request = {{ function = "add_field", include_body = true }}
"""


class Echo(BaseHTTPRequestHandler):
    """Says what it was asked; /broken is a 500."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        said = {"path": self.path, "auth": self.headers["Auth"], "body": body}
        data = json.dumps(said).encode()
        self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def origin_port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as listening:
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listening.server_address[1]
        listening.shutdown()
        thread.join()


@pytest.fixture(params=["python", "node"])
def live(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    origin_port: int,
    edge_server: Callable[..., EdgeServer],
) -> EdgeServer:
    if request.param == "node":
        node_or_skip()
    runtime = RUNTIME if request.param == "python" else "nodejs22.x"
    code = bundled("edge_functions") / request.param
    text = CONFIGURATION.format(port=origin_port, code=code, runtime=runtime)
    (tmp_path / "edgesim.toml").write_text(text)
    return edge_server(config=str(tmp_path / "edgesim.toml"))


def test_the_catalogue_through_a_live_edge(live: EdgeServer) -> None:
    with httpx.Client(base_url=live.url) as viewer:
        made = viewer.get("/hello")
        assert (made.status_code, "Hello from the edge" in made.text) == (200, True)
        assert viewer.get("/hello").headers["x-cache"] == "Hit from cloudfront"
        assert viewer.get("/account").status_code == 302
        assert viewer.get("/account", headers={"Cookie": "session-id=x"}).status_code == 200
        moved = viewer.get("/a?auth=b&c=d").json()
        assert (moved["path"], moved["auth"]) == ("/a?c=d", "b")
        assert "We are working on it" in viewer.get("/broken").text
        assert viewer.post("/contact", data={"a": "1"}).json()["body"] == "a=1&received-at=edge"
    assert "warning" not in live.report()

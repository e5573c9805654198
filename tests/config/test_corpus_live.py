"""Each template of the corpus, started: its first requests over sockets, its functions for real."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from edgesim.config.deployment import Deployment
from edgesim.config.resolve import with_origins
from edgesim.testing.server import EdgeServer

from .test_corpus import NAMES, deployment, expected

ASKED = 3


class Echo(BaseHTTPRequestHandler):
    """Says who it is, and what it was asked."""

    protocol_version = "HTTP/1.1"
    origin = ""
    statuses: Mapping[str, int] = {}

    def do_GET(self) -> None:
        body = json.dumps({"origin": self.origin, "target": self.path}).encode()
        self.send_response(self.statuses.get(self.path.partition("?")[0], 200))
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "max-age=60")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - names of the standard library

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def echo(origin: str, statuses: Mapping[str, int]) -> Iterator[int]:
    """The port of an origin."""
    handler = type("Handler", (Echo,), {"origin": origin, "statuses": statuses})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def here(made: Deployment, ports: Mapping[str, int]) -> Deployment:
    """With every origin on this machine, and viewers who need no TLS."""
    places = {
        name: f"http://127.0.0.1:{ports[name]}{origin.path}"
        for name, origin in made.distribution.origins.items()
    }
    moved = with_origins(made, places)
    behaviors = tuple(
        replace(one, viewer_protocol_policy="allow-all") for one in moved.distribution.behaviors
    )
    return replace(moved, distribution=replace(moved.distribution, behaviors=behaviors))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_served(name: str) -> None:
    said, made = expected(name), deployment(name)
    statuses = said.get("statuses", {})
    with ExitStack() as origins:
        ports = {
            origin: origins.enter_context(echo(origin, statuses.get(origin, {})))
            for origin in made.distribution.origins
        }
        edge = EdgeServer(here(made, ports))
        origins.callback(edge.stop)
        for asked in said["requests"][:ASKED]:
            check(edge, asked)


def check(edge: EdgeServer, asked: Mapping[str, Any]) -> None:
    parts = urlsplit(asked["url"])
    target = f"{parts.path}{'?' if parts.query else ''}{parts.query}"
    response = httpx.request(
        asked.get("method", "GET"),
        f"{edge.url}{target}",
        headers={"host": parts.netloc or "www.example.test"} | asked.get("headers", {}),
    )
    assert response.status_code == asked.get("status", 200), (asked, edge.report())
    for header, value in asked.get("response_headers", {}).items():
        assert response.headers.get(header, "") == value, (asked, dict(response.headers))
    wanted = {key: asked[key] for key in ("origin", "target") if key in asked}
    assert not wanted or wanted.items() <= response.json().items(), asked
    if "result" in asked:
        assert response.headers["x-cache"] == f"{asked['result']} from cloudfront", asked

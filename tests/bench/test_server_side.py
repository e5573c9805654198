from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from edgesim.bench.server_side import Reading, between, read
from edgesim.bench.summary import ServerSide

from .edge_process import edge_process

SITE = """
[distribution]
domain_name = "{name}.test"
[origins.files]
folder = "."
[default_behavior]
origin = "files"
"""


@pytest.fixture
def sites(tmp_path: Path) -> list[Path]:
    (tmp_path / "a.txt").write_text("a")
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(SITE.format(name=name))
    return [tmp_path / "one.toml", tmp_path / "two.toml"]


def test_what_an_edge_says_is_what_is_read(sites: list[Path]) -> None:
    """Of all distributions behind the port together, since a collapsed test has them all."""
    with edge_process(*sites) as edge:
        before = read(edge.control)
        for name in ("one", "one", "two"):
            assert httpx.get(f"{edge.url}/a.txt", headers={"Host": f"{name}.test"}).text == "a"
        after = read(edge.control)
    assert before is not None
    assert after is not None
    assert (before.pid, before.origin_requests) == (edge.pid, 0)
    assert 0 < before.cpu_s <= after.cpu_s < 60, "seconds of this process"
    assert 10e6 < after.resident_bytes < 1e9, "a Python process with an edge in it"
    done = between(before, after)
    assert done is not None
    assert done.origin_requests == 2, "the second request of the first was a hit"
    assert done.cpu_s == after.cpu_s - before.cpu_s


BEGAN, ENDED = Reading(7, 1.0, 100, 5), Reading(7, 1.5, 90, 8)
RESTARTED = Reading(8, 0.5, 90, 2)
PAIRS = [
    (BEGAN, ENDED, ServerSide(0.5, 90, 3)),
    (BEGAN, None, None),
    (None, ENDED, None),
    (BEGAN, RESTARTED, None),
]


@pytest.mark.parametrize(("before", "after", "told"), PAIRS)
def test_only_one_process_has_a_difference(
    before: Reading | None, after: Reading | None, told: ServerSide | None
) -> None:
    assert between(before, after) == told


@contextmanager
def saying(body: bytes) -> Iterator[str]:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Other)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"process": {"pid": 1}}'])
def test_what_is_no_control_port_says_nothing(body: bytes) -> None:
    with saying(body) as url:
        assert read(url) is None


def test_nobody_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert read(f"http://127.0.0.1:{unused.getsockname()[1]}") is None

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import HTTPServer
from pathlib import Path

import pytest

from edgesim.cli.main import app
from edgesim.cli.starter import RUNTIME

from .control import Control

CONFIGURATION = f"""\
[distribution]
aliases = ["shop.localhost"]
default_root_object = "index.html"
[origins.app]
url = "http://127.0.0.1:3000"
custom_headers = {{ x-from-edge = "1" }}
[functions.ab]
code = "functions/ab"
runtime = "{RUNTIME}"
[default_behavior]
origin = "app"
viewer_request = "ab"
viewer_response = "ab"
[[behaviors]]
path_pattern = "/api/*"
origin = "app"
cache_policy = "short"
origin_request = "ab"
compress = true
[[behaviors]]
path_pattern = "/live"
origin = "app"
cache_policy = "CachingDisabled"
viewer_protocol_policy = "redirect-to-https"
[cache_policies.short]
default_ttl_s = 60
max_ttl_s = 600
query_strings = ["page"]
cookies = {{ except = ["_ga"] }}
headers = ["x-variant"]
"""

HANDLER = """\
def handler(event, context):
    print("hello from ab")
    return event["Records"][0]["cf"]["request"]
"""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


Edgesim = Callable[..., Ran]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "functions/ab").mkdir(parents=True)
    (tmp_path / "functions/ab/index.py").write_text(HANDLER)
    (tmp_path / "edgesim.toml").write_text(CONFIGURATION)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def edgesim(capsys: pytest.CaptureFixture[str]) -> Edgesim:
    """Run the command line in this process."""

    def run(*arguments: str) -> Ran:
        with pytest.raises(SystemExit) as left:
            app(list(arguments))
        said = capsys.readouterr()
        return Ran(int(left.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def control() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), type("Handler", (Control,), {}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()

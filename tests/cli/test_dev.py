from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from edgesim.cli import dev
from edgesim.cli.terminal import access_line
from edgesim.cloudfront.distribution import Behavior, Distribution, Routing
from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.result_type import ResultType
from edgesim.edge import Edge, Served
from edgesim.effects import Invoke
from edgesim.errors import ConfigError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.live.control import ControlPort
from edgesim.live.ports import Step, Visited
from edgesim.live.timing import server_timing

from .conftest import Edgesim

CHECKOUT = Path(__file__).parent.parent.parent


@pytest.fixture
def taken() -> Any:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def test_the_usual_control_port_may_be_taken(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "DEFAULT_PORT", taken)
    control = ControlPort(SimpleNamespace())  # type: ignore[arg-type]
    said = await dev._controlled(control, None)
    assert said == f"none: port {taken} on 127.0.0.1 is in use; --control-port N chooses another"


async def test_a_control_port_that_was_named_may_not(taken: int) -> None:
    control = ControlPort(SimpleNamespace())  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="in use"):
        await dev._controlled(control, taken)


async def test_none_is_opened_where_none_is_wanted() -> None:
    control = ControlPort(SimpleNamespace())  # type: ignore[arg-type]
    assert await dev._controlled(control, 0) == ""


SITE = """\
[distribution]
domain_name = "{name}.cloudfront.net"
aliases = ["{name}.test"]
[origins.app]
folder = "{name}"
[default_behavior]
origin = "app"
viewer_protocol_policy = "redirect-to-https"
"""


@pytest.fixture
def two_sites(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(name)
        (tmp_path / f"{name}.toml").write_text(SITE.format(name=name))
    return tmp_path


def test_two_distributions_by_tls(two_sites: Path) -> None:
    """`edgesim dev --tls` as people start it, with curl's strictness."""
    command = "dev --config one.toml --config two.toml --tls --tls-port 0 --port 0 --no-reload"
    process = subprocess.Popen(
        [sys.executable, "-m", "edgesim", *command.split(), "--control-port", "0"],
        cwd=two_sites,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)}
        | dict.fromkeys(("XDG_DATA_HOME", "HOME"), str(two_sites)),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = ""
        assert process.stdout is not None
        while "Beside it" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        http, https = (int(port) for port in re.findall(r"https?://[^:/]+:(\d+)", said)[:2])
        (authority,) = two_sites.rglob("certificate.pem")
        context = ssl.create_default_context(cafile=str(authority))
        for name in ("one", "two"):
            plain = HTTPConnection("127.0.0.1", http)
            plain.request("GET", "/a.txt", headers={"Host": f"{name}.test:{http}"})
            location = plain.getresponse().headers["Location"]
            plain.close()
            assert location == f"https://{name}.test:{https}/a.txt"
            raw = socket.create_connection(("127.0.0.1", https))
            with context.wrap_socket(raw, server_hostname=f"{name}.test") as secure:
                secure.sendall(f"GET /a.txt HTTP/1.0\r\nHost: {name}.test\r\n\r\n".encode())
                answer = b"".join(iter(lambda: secure.recv(65536), b""))
            assert answer.endswith(f"\r\n\r\n{name}".encode())
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0


CONFIGURATION = """
[origins.app]
folder = "files"
[functions.hello]
code = "hello"
reserved_concurrency = 5
[default_behavior]
origin = "app"
cache_policy = "CachingDisabled"
viewer_request = "hello"
"""
HELLO = """
def handler(event, context):
    print("hello from", context.log_group_name)
    request = event["Records"][0]["cf"]["request"]
    if request["uri"] == "/no":
        raise ValueError("no")
    return request
"""


def test_the_life_of_a_function_from_outside(tmp_path: Path) -> None:
    """What dev shows at the end, on the control port and in files, by a real process."""
    (tmp_path / "edgesim.toml").write_text(CONFIGURATION)
    for name, text in {"files/page": "page", "hello/index.py": HELLO}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "edgesim", "dev", "--port", "0", "--control-port", "0"]
    command += ["--function-log", "logs", "--cold-starts", "--concurrency", "1000"]
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, text=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        for path in ("/page", "/page", "/no"):
            answer = httpx.get(url + path)
            assert answer.status_code == (503 if path == "/no" else 200)
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
    assert process.returncode == 0
    (row,) = [line.split() for line in said.splitlines() if line.startswith("hello  ")]
    assert row[:5] == ["hello", "3", "1", "0", "1"], "invocations, errors, throttles, cold starts"
    assert "as Lambda@Edge, " in said
    (stream,) = (tmp_path / "logs/us-east-1/aws/lambda/us-east-1.hello").glob("*/*/*/*")
    lines = stream.read_text().splitlines()
    kinds = [line.partition(" ")[0] for line in lines if " RequestId: " in line]
    assert kinds == ["START", "END", "REPORT"] * 3
    assert lines.count("hello from /aws/lambda/us-east-1.hello") == 3
    assert "Init Duration: " in "".join(lines)


def test_a_cold_start_shows_in_server_timing_and_in_the_line() -> None:
    steps = [Step(Invoke(Function("fn"), Trigger.VIEWER_REQUEST, {}), 0.25, cold_start_s=0.2)]
    assert server_timing(steps, 0.3) == (
        'viewer-request;desc="fn";dur=250.0, cold-start;desc="fn";dur=200.0, edge;dur=300.0'
    )
    response = Response(200, Headers([("X-Amz-Cf-Pop", "FRA1")]))
    served = Served(response, 200, result_type=ResultType.MISS)
    line = access_line(Visited(Request("GET", "/"), served, "id", 0.3, steps)).plain
    assert "fn@viewer-request 250.0 ms, of which cold start 200.0 ms" in line


SAID = [
    ("Tokyo", 0.0, "in Tokyo, 14 ms from NRT84-P3, links at 0 of their length"),
    ("sao paulo", 0.5, "in São Paulo, 13 ms from GRU23-P4, links at 0.5 of their length"),
    ("eu-central-1", 1.0, "in Frankfurt am Main, 3 ms from FRA56-P1, links at 1 of their length"),
    ("", 1.0, "in Frankfurt am Main, 30 ms from FRA56-P1, links at 1 of their length"),
    ("", 0.0, ""),
]


@pytest.mark.parametrize(("viewer", "latency", "said"), SAID)
def test_where_viewers_are_is_said_at_the_start(viewer: str, latency: float, said: str) -> None:
    places = dev._places(viewer, latency)
    nowhere = Edge(Distribution((Behavior("*", Origin("app")),)), (), lambda: 0.0)
    assert dev._said(places, places.usual_edge(nowhere)) == said


def test_viewers_of_a_regional_endpoint_come_to_its_region() -> None:
    places = dev._places("Tokyo", 1)
    distribution = Distribution((Behavior("*", Origin("app")),), routing=Routing.REGIONAL)
    said = dev._said(places, places.usual_edge(Edge(distribution, (), lambda: 0.0)))
    assert said == "in Tokyo, 159 ms from us-east-1, links at 1 of their length"


MISTAKES = [
    (("--viewer", "Tokio"), "--viewer: no city is named 'Tokio'", "did you mean 'Tokyo'?"),
    (("--latency", "-1"), "--latency: -1 is no scale", "0 for no time at all"),
    (("--latency", "1000"), "--latency: 1000 is no scale", "at most 100"),
    (("--latency", "nan"), "--latency: nan is no scale", "at most 100"),
]


@pytest.mark.parametrize(("options", "what", "hint"), MISTAKES)
def test_a_place_or_a_scale_that_makes_no_sense(
    edgesim: Edgesim, options: tuple[str, ...], what: str, hint: str
) -> None:
    ran = edgesim("dev", "--origin", "http://127.0.0.1:9", *options)
    assert ran.status == 2
    assert what in ran.err
    assert hint in ran.err

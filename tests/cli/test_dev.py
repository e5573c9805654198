from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edgesim.cli import dev
from edgesim.errors import ConfigError
from edgesim.live.control import ControlPort

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

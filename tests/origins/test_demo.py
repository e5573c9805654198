"""`make demo`, with a stand-in for `edgesim dev`: what is started is also ended."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

DEMO = Path(__file__).parents[2] / "origins/shop/demo.py"

STAND_IN = """
import http.server, os, pathlib, subprocess, sys
options = dict(zip(sys.argv[2::2], sys.argv[3::2]))
if os.environ.get("BREAKS"):
    sys.exit("no")
# A child that ignores being asked: as a function that hangs.
ignore = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", ignore])
pathlib.Path("started").write_text(f"{os.getpid()} {child.pid} {options['--set-origin']}")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
    def log_message(self, *args):
        pass
http.server.HTTPServer(("127.0.0.1", int(options["--port"])), Handler).serve_forever()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `python -m edgesim` finds the stand-in."""
    (tmp_path / "edgesim").mkdir()
    (tmp_path / "edgesim/__init__.py").touch()
    (tmp_path / "edgesim/__main__.py").write_text(STAND_IN)
    return tmp_path


@pytest.fixture
def port() -> int:
    """A free one that no other process is given by chance: systems deal from 32768 on."""
    while True:
        number = random.randrange(20_000, 30_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", number))
            return number


def demo(folder: Path, port: int, **environment: str) -> subprocess.Popen[str]:
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, str(DEMO), "--port", str(port)]
    return subprocess.Popen(command, cwd=folder, env={**clean, **environment}, **pipes)


def lives(pid: int) -> bool:
    """Whether `pid` is a process; one that has ended and waits to be collected is none."""
    if Path("/proc/self/stat").exists():  # Linux, where ps need not be installed
        stat = Path(f"/proc/{pid}/stat")
        return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
    seen = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return seen.stdout.strip()[:1] not in ("", "Z")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_to_try_and_leaves_no_process_behind(
    folder: Path, port: int, ending: signal.Signals
) -> None:
    with demo(folder, port) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        edge, function, origin = (folder / "started").read_text().split()
        address = origin.removeprefix("app=")
        assert f"The shop is open: http://127.0.0.1:{port}\n" in said
        assert f"(its origin is {address}, where nothing is cached)\n" in said
        process.send_signal(ending)
        assert "All of it is stopped." in process.stdout.read()
        assert process.wait(15) == 0
    assert not lives(int(edge))
    assert not lives(int(function))
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(address.rsplit(":", 1)[1]))) != 0


def test_a_cdn_that_does_not_start_is_the_end_of_it(folder: Path, port: int) -> None:
    with demo(folder, port, BREAKS="1") as process:
        assert process.stdout is not None
        assert "The CDN did not start; what it said is above." in process.stdout.read()
        assert process.wait(15) == 1


def test_without_an_identity_provider_it_goes_on_and_says_so(folder: Path, port: int) -> None:
    try:
        taken = socket.create_server(("127.0.0.1", 8091))
    except OSError:
        pytest.skip("somebody else, perhaps another demo, is on port 8091")
    with taken, demo(folder, port) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        assert process.wait(15) == 0
    assert any("nobody: the identity provider did not start on port 8091" in line for line in said)


def test_a_port_that_is_taken_is_said_before_anything_starts(folder: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)), demo(folder, port) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        assert said == f"Port {port} is taken. Another one: make demo PORT={port + 1}\n"
        assert process.wait(15) == 1

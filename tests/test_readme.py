"""Every command and every snippet of the README, run as a reader would run them."""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from .conftest import PLUGIN

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ")
    for kind, text in BLOCKS
    if kind == "console"
    for line in text.splitlines()
]
FILES = {
    text.splitlines()[0].removeprefix("# "): text
    for kind, text in BLOCKS
    if kind in ("python", "yaml")
}
TOML, *MORE_TOML = [text for kind, text in BLOCKS if kind == "toml"]
PYTHONPATH = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def origin() -> Iterator[str]:
    """What the README calls http://127.0.0.1:3000."""
    server = HTTPServer(("127.0.0.1", 0), Hello)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def workspace(tmp_path: Path, origin: str) -> Path:
    """A folder with the README's own files, their origin where it really listens."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "edgesim.toml").write_text(TOML.replace("http://127.0.0.1:3000", origin))
    return tmp_path


def edgesim(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    arguments = shlex.split(command)[1:]
    return subprocess.run(
        [sys.executable, "-m", "edgesim", *arguments],
        cwd=cwd,
        env={**PYTHONPATH, "HOME": str(cwd)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def serving(command: str, cwd: Path) -> Iterator[str]:
    """The URL that a command which serves says it listens on."""
    process = subprocess.Popen(
        [sys.executable, "-m", "edgesim", *shlex.split(command)[1:], "--port", "0"],
        cwd=cwd,
        env={**PYTHONPATH, "HOME": str(cwd)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        assert first.startswith("Listening on:"), first + process.stdout.read()
        yield first.split()[-1]
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as response:
        return str(response.read().decode())


def test_every_command_of_the_readme_is_run_here() -> None:
    """A new command in the README needs its test below."""
    known = {
        "make demo",
        "make help",
        "make test",
        "make bench",
        "pip install .",
        "edgesim dev --origin http://127.0.0.1:3000",
        "edgesim dev --origin http://127.0.0.1:3000 --cache-dir .edgesim/cache",
        "edgesim dev --origin http://127.0.0.1:3000 --tls",
        "edgesim dev --origin http://127.0.0.1:3000 --viewer Tokyo --latency 0.1",
        "edgesim dev --origin http://127.0.0.1:3000 --workers 2",
        "edgesim dev --config shop.toml --config blog.toml",
        "edgesim dev --template template.yaml --set-origin App=http://127.0.0.1:3000",
        "edgesim dev --function-log logs --cold-starts",
        "edgesim trust",
        "edgesim check --template template.yaml",
        "edgesim check --rules --trigger origin-request",
        "edgesim outage NRT on",
        "edgesim simulate --requests 20000 --html world.html",
        "edgesim bench http://127.0.0.1:8080/ --seconds 2 --html report.html --assert 'errors==0'",
        "edgesim init shop",
        "cd shop",
        "edgesim check",
        "edgesim dev",
        "edgesim explain '/shop/a.css?v=1' -H 'Cookie: theme=dark'",
        "edgesim invoke greet --trigger viewer-response --url /about",
        "edgesim invalidate '/css/*' /about",
    }
    assert set(COMMANDS) == known
    assert set(FILES) == {"greet.py", "hello.py", "test_cache.py", "test_a_minute.edge.yaml"}


def test_a_dev_server_is_served(workspace: Path, origin: str) -> None:
    with serving(f"edgesim dev --origin {origin}", workspace) as url:
        assert get(f"{url}/") == "hello"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_what_is_stored_outlives_a_restart(workspace: Path, origin: str) -> None:
    command = next(c for c in COMMANDS if "--cache-dir" in c).replace(
        "http://127.0.0.1:3000", origin
    )
    for _ in range(2):
        with serving(command, workspace) as url:
            assert get(f"{url}/") == "hello"
    assert (workspace / ".edgesim/cache").is_dir()


def test_tls_is_spoken_and_trusted(workspace: Path, origin: str) -> None:
    command = next(c for c in COMMANDS if c.endswith("--tls")).replace(
        "http://127.0.0.1:3000", origin
    )
    with serving(f"{command} --tls-port 0", workspace) as url:
        assert get(f"{url}/") == "hello"
    trusted = edgesim("edgesim trust", workspace)
    assert trusted.returncode == 0, trusted.stderr
    (authority,) = workspace.rglob("certificate.pem")
    assert str(authority) in trusted.stdout


def test_viewers_are_placed_and_places_put_out_of_order(workspace: Path, origin: str) -> None:
    command = next(c for c in COMMANDS if "--viewer" in c).replace("http://127.0.0.1:3000", origin)
    port = free_port()
    with serving(f"{command} --control-port {port}", workspace) as url:
        with urllib.request.urlopen(url) as response:
            assert response.headers["x-amz-cf-pop"].startswith("NRT")
        done = edgesim(f"edgesim outage NRT on --port {port}", workspace)
        assert done.returncode == 0, done.stderr
        with urllib.request.urlopen(url) as response:
            assert not response.headers["x-amz-cf-pop"].startswith("NRT")


def test_several_processes_share_the_port(workspace: Path, origin: str) -> None:
    command = next(c for c in COMMANDS if "--workers" in c).replace("http://127.0.0.1:3000", origin)
    with serving(command, workspace) as url:
        answered = set()
        for _ in range(100):
            with urllib.request.urlopen(url) as response:
                answered.add(response.headers["X-Amz-Cf-Id"][:40])  # then it counts
        assert len(answered) == 2


def test_two_files_are_two_distributions(workspace: Path) -> None:
    command = next(c for c in COMMANDS if "shop.toml" in c)
    for name in ("shop", "blog"):
        (workspace / name).mkdir()
        (workspace / name / "index.html").write_text(name)
        names = f'domain_name = "{name}.cloudfront.net"\naliases = ["{name}.localhost"]\n'
        root = 'default_root_object = "index.html"\n'
        rest = f'[origins.site]\nfolder = "{name}"\n[default_behavior]\norigin = "site"\n'
        (workspace / f"{name}.toml").write_text(f"[distribution]\n{names}{root}{rest}")
    with serving(command, workspace) as url:
        for name in ("shop", "blog"):
            asked = urllib.request.Request(url, headers={"Host": f"{name}.localhost"})
            with urllib.request.urlopen(asked) as response:
                assert response.read().decode() == name


TEMPLATE = """\
Resources:
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: App
            DomainName: app.example.com
            CustomOriginConfig: { OriginProtocolPolicy: https-only }
        DefaultCacheBehavior:
          TargetOriginId: App
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
"""


def test_a_template_is_checked_and_served(workspace: Path, origin: str) -> None:
    (workspace / "template.yaml").write_text(TEMPLATE)
    check, dev = (c for c in COMMANDS if "template.yaml" in c)
    checked = edgesim(check, workspace)
    assert checked.returncode == 0, checked.stderr
    with serving(dev.replace("http://127.0.0.1:3000", origin), workspace) as url:
        assert get(f"{url}/") == "hello"


def test_the_rules_are_shown(workspace: Path) -> None:
    shown = edgesim(next(c for c in COMMANDS if "--rules" in c), workspace)
    assert shown.returncode == 0, shown.stderr
    assert "read-only-header" in shown.stdout


def test_functions_leave_their_logs(workspace: Path) -> None:
    with serving(next(c for c in COMMANDS if "--function-log" in c), workspace) as url:
        get(f"{url}/")
    (stream,) = (workspace / "logs").rglob("*greet/*/*/*/*")
    assert "REPORT RequestId: " in stream.read_text()


def test_load_is_put_on(workspace: Path) -> None:
    command = next(c for c in COMMANDS if c.startswith("edgesim bench"))
    with serving("edgesim dev --quiet", workspace) as url:  # nobody reads a line for each request
        done = edgesim(command.replace("http://127.0.0.1:8080", url), workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ errors==0" in done.stdout
    assert "<svg" in (workspace / "report.html").read_text()


def test_the_world_is_simulated(tmp_path: Path) -> None:
    command = next(c for c in COMMANDS if c.startswith("edgesim simulate"))
    done = edgesim(command.replace("20000", "1000"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "regional" in done.stdout
    assert "<svg" in (tmp_path / "world.html").read_text()


def test_every_example_that_the_readme_names_is_there() -> None:
    table = README.partition("## Examples")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", table)) - {"edge_functions"}
    there = {path.name for path in (ROOT / "edge_functions").glob("*/*") if path.is_dir()}
    assert len(named) > 20
    assert named <= there


@pytest.mark.parametrize("toml", MORE_TOML)
def test_every_other_configuration_is_one(workspace: Path, toml: str) -> None:
    (workspace / "dist").mkdir()
    (workspace / "edgesim.toml").write_text(toml)
    checked = edgesim("edgesim check", workspace)
    assert checked.returncode == 0, checked.stderr


def test_the_first_configuration_is_checked_and_served(tmp_path: Path) -> None:
    assert edgesim("edgesim init shop", tmp_path).returncode == 0
    shop = tmp_path / "shop"
    checked = edgesim("edgesim check", shop)
    assert checked.returncode == 0, checked.stderr
    with serving("edgesim dev", shop) as url:
        assert "<!doctype html>" in get(f"{url}/").lower()


def test_the_configuration_of_the_readme_is_served(workspace: Path) -> None:
    checked = edgesim("edgesim check", workspace)
    assert checked.returncode == 0, checked.stderr
    with serving("edgesim dev", workspace) as url, urllib.request.urlopen(url) as response:
        assert response.headers["x-greeting"] == "hello"


def test_the_decorated_function_of_the_readme_answers(workspace: Path) -> None:
    toml = (workspace / "edgesim.toml").read_text()
    toml = toml.replace('"greet.py"', '"hello.py"').replace('"greet.handler"', '"hello.hello"')
    toml = toml.replace("viewer_response", "viewer_request")
    inline = '[functions.greet]\nruntime = "inline"'
    (workspace / "edgesim.toml").write_text(toml.replace("[functions.greet]", inline))
    with serving("edgesim dev", workspace) as url:
        assert get(f"{url}/hello") == "hello"


def test_stored_responses_are_forgotten(workspace: Path) -> None:
    invalidate = next(c for c in COMMANDS if c.startswith("edgesim invalidate"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with serving(f"edgesim dev --control-port {port}", workspace) as url:
        get(f"{url}/about")
        done = edgesim(f"{invalidate} --port {port}", workspace)
    assert done.returncode == 0, done.stderr
    assert "/about  2 forgotten" in done.stdout


def test_a_request_is_explained_and_a_function_invoked(workspace: Path) -> None:
    explain, invoke = (c for c in COMMANDS if c.startswith(("edgesim explain", "edgesim invoke")))
    explained = edgesim(explain, workspace)
    assert (explained.returncode, explained.stderr) == (0, "")
    assert "/shop/a.css" in explained.stdout
    invoked = edgesim(invoke, workspace)
    assert invoked.returncode == 0, invoked.stderr
    assert "x-greeting" in invoked.stdout


def test_the_pytest_example_passes_as_printed(workspace: Path) -> None:
    (workspace / "edgesim.toml").unlink()
    (workspace / "pytest.ini").write_text("[pytest]\n")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PLUGIN, "."],
        cwd=workspace,
        env=PYTHONPATH,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "5 passed" in ran.stdout, ran.stdout + ran.stderr


MAKE = [c for c in COMMANDS if c.startswith("make ")]


@pytest.mark.parametrize("command", MAKE)
def test_make_knows_its_targets(command: str) -> None:
    """They install and serve, so here make only says what it would do; CI runs `make test`."""
    make = shutil.which("make")
    assert make is not None
    target = command.split()[1]
    dry = subprocess.run([make, "-n", target], cwd=ROOT, capture_output=True, text=True)
    assert dry.returncode == 0, dry.stderr
    shown = subprocess.run([make, "-s", "help"], cwd=ROOT, capture_output=True, text=True)
    assert f"make {target}" in shown.stdout

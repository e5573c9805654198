from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.config.deployment import Deployment
from edgesim.config.resolve import load
from edgesim.errors import EdgesimError

GOOD = """\
[origins.app]
url = "http://127.0.0.1:3000"
[functions.py]
code = "py"
[functions.big]
code = "py"
memory_mb = 512
[functions.js]
code = "js.js"
runtime = "cloudfront-js-2.0"
[default_behavior]
origin = "app"
"""
"""Twelve lines; what a test adds begins on the thirteenth, in [default_behavior]."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "py").mkdir()
    (tmp_path / "py/index.py").write_text("def handler(event, context): ...\n")
    (tmp_path / "js.js").write_text("function handler(event) { return event.request; }\n")
    (tmp_path / "dist").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def resolved(project: Path) -> Callable[[str], Deployment]:
    def resolve(text: str) -> Deployment:
        (project / "edgesim.toml").write_text(text)
        return load(Path("edgesim.toml"))

    return resolve


@pytest.fixture
def refused(resolved: Callable[[str], Deployment]) -> Callable[[str], str]:
    """What is said to a configuration that is not accepted."""

    def refuse(text: str) -> str:
        with pytest.raises(EdgesimError) as caught:
            resolved(text)
        return re.sub(r" \[config.*?\]", "", str(caught.value))

    return refuse

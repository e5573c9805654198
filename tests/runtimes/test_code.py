from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgesim.cloudfront.distribution import Function
from edgesim.runtimes.code import fingerprint, shown_path

from .conftest import Write

CHANGES = [
    # file, text, changed, why
    ("index.py", "b", True, "another time, though the size is the same"),
    ("deep/er/new.py", "", True, "a file more, anywhere in the folder"),
    ("data.json", "{}", True, "a function may read whatever lies there"),
    ("__pycache__/index.pyc", "x", False, "Python wrote it, not the user"),
    (".git/index", "x", False, "tools write there"),
]


@pytest.mark.parametrize(("file", "text", "changed", "why"), CHANGES)
def test_fingerprint(write: Write, file: str, text: str, changed: bool, why: str) -> None:
    function = write("a")
    index = Path(function.code) / "index.py"
    os.utime(index, ns=(1, 1))
    before = fingerprint(function)
    assert before == fingerprint(function)
    write(text, file)
    assert (fingerprint(function) != before) is changed, why


BESIDE = [
    ("greet.py", "b", True, "the file itself"),
    ("words.py", "", True, "a module that it may import"),
    ("notes.md", "x", False, "something else in the root of a project"),
    ("node_modules/a/index.py", "x", False, "nor what lies deeper there"),
]


@pytest.mark.parametrize(("file", "text", "changed", "why"), BESIDE)
def test_fingerprint_of_a_single_file(
    write: Write, file: str, text: str, changed: bool, why: str
) -> None:
    folder = Path(write("a", "greet.py").code)
    function = Function("fn", code=str(folder / "greet.py"))
    os.utime(folder / "greet.py", ns=(1, 1))
    before = fingerprint(function)
    write(text, file)
    assert (fingerprint(function) != before) is changed, why


def test_code_that_is_not_there_has_no_files() -> None:
    assert fingerprint(Function("fn")) == fingerprint(Function("fn", code="no/where")) == set()


def test_paths_are_shown_as_they_are_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown_path(str(tmp_path / "fn" / "index.py")) == "fn/index.py"
    assert shown_path("/elsewhere/index.py") == "/elsewhere/index.py"

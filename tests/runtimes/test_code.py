from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgesim.cloudfront.function import Function
from edgesim.runtimes.code import fingerprint, located, shown_path

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


NODE = [
    ("index.mjs", "b", True, "the file itself"),
    ("words.js", "", True, "a module that it may import"),
    ("package.json", "{}", True, "it says what a .js file is"),
    ("greet.py", "", False, "another language"),
]


@pytest.mark.parametrize(("file", "text", "changed", "why"), NODE)
def test_fingerprint_of_a_single_file_for_node(
    write: Write, file: str, text: str, changed: bool, why: str
) -> None:
    folder = Path(write("a", "index.mjs").code)
    function = Function("fn", "nodejs22.x", str(folder / "index.mjs"))
    os.utime(folder / "index.mjs", ns=(1, 1))
    before = fingerprint(function)
    write(text, file)
    assert (fingerprint(function) != before) is changed, why


def test_packages_count_by_their_folder_alone(write: Write) -> None:
    function = write("a", "index.mjs", runtime="nodejs22.x")
    write("", "node_modules/a/index.js")
    before = fingerprint(function)
    assert {name for name, _, _ in before} == {"index.mjs", "node_modules"}
    write("changed", "node_modules/a/index.js")
    assert fingerprint(function) == before
    os.utime(Path(function.code) / "node_modules", ns=(1, 1))
    assert fingerprint(function) != before, "as after npm install of another one"


LOCATED = [
    # runtime, code, handler, found, why
    ("python3.12", "ab.py", "index.run", "ab.run", "the file is the module"),
    ("nodejs22.x", "ab.mjs", "index.run", "ab.run", "here too"),
    ("nodejs22.x", "ab.mjs", "src/index.on.run", "ab.on.run", "with a path of exports"),
]


@pytest.mark.parametrize(("runtime", "code", "handler", "found", "why"), LOCATED)
def test_a_single_file_stands_for_the_module(
    write: Write, runtime: str, code: str, handler: str, found: str, why: str
) -> None:
    folder = Path(write("", code).code)
    where = located(Function("fn", runtime, str(folder / code), handler))
    assert (where.folder, where.handler, where.file) == (folder, found, code), why


def test_code_that_is_not_there_has_no_files() -> None:
    assert fingerprint(Function("fn")) == fingerprint(Function("fn", code="no/where")) == set()


def test_paths_are_shown_as_they_are_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown_path(str(tmp_path / "fn" / "index.py")) == "fn/index.py"
    assert shown_path("/elsewhere/index.py") == "/elsewhere/index.py"

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edgesim import bundled as bundles
from edgesim.bundled import bundled
from edgesim.cli.init import copy_example, examples, start_in
from edgesim.errors import ConfigError

from .conftest import Edgesim


def test_the_start_is_a_configuration_without_mistakes(
    edgesim: Edgesim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = edgesim("init", str(tmp_path / "shop"))
    assert ran.status == 0
    assert "next: cd " in ran.out
    monkeypatch.chdir(tmp_path / "shop")
    ran = edgesim("check")
    assert ran.status == 0, ran.err
    assert "warning" not in ran.out


def test_the_start_passes_its_own_test(tmp_path: Path) -> None:
    start_in(tmp_path)
    (tmp_path / "pytest.ini").touch()  # or settings of a folder further up would count
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:asyncio", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, "tests"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_overwritten(edgesim: Edgesim, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("mine")
    ran = edgesim("init", str(tmp_path))
    assert ran.status == 2
    assert "site/index.html: it exists already" in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


def test_a_file_is_no_folder_to_write_to(edgesim: Edgesim, tmp_path: Path) -> None:
    (tmp_path / "shop").touch()
    ran = edgesim("init", str(tmp_path / "shop"))
    assert ran.status == 2
    assert "it cannot be written" in ran.err


@pytest.mark.parametrize(
    ("example", "last"),
    [
        ("cloudfront/auth", "next: cd {}/auth && edgesim dev"),
        ("node/html_form", "next: name its folder under [functions] of edgesim.toml"),
    ],
)
def test_what_is_next_depends_on_whether_it_has_a_configuration(
    edgesim: Edgesim, tmp_path: Path, example: str, last: str
) -> None:
    ran = edgesim("init", str(tmp_path), "--example", example)
    assert ran.out.splitlines()[-1] == last.format(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("python/ab_test", "node/ab_test", "python/redirect", "python/__pycache__"):
        folder = tmp_path / "edge_functions" / name
        folder.mkdir(parents=True)
        (folder / "index.txt").write_text(name)
    (tmp_path / "edge_functions/python/redirect/__pycache__").mkdir()
    (tmp_path / "edge_functions/python/redirect/__pycache__/a.pyc").write_text("")
    return tmp_path / "edge_functions"


def test_a_short_name_is_enough_where_it_says_which(root: Path) -> None:
    assert sorted(examples(root)) == [
        "node/ab_test",
        "python/ab_test",
        "python/redirect",
        "redirect",
    ]


def test_an_example_is_copied_without_leftovers(root: Path, tmp_path: Path) -> None:
    written = copy_example("redirect", tmp_path / "mine", root)
    assert written == [tmp_path / "mine/redirect/index.txt"]
    assert written[0].read_text() == "python/redirect"
    with pytest.raises(ConfigError, match="it exists already"):
        copy_example("redirect", tmp_path / "mine", root)


def test_a_name_of_several_examples_gets_their_whole_names(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the name of 2 examples") as caught:
        copy_example("ab_test", tmp_path, root)
    assert caught.value.hint == "write node/ab_test or python/ab_test"


def test_an_unknown_example_gets_the_list(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        copy_example("b_test", tmp_path, root)
    assert caught.value.hint == "there are: node/ab_test, python/ab_test, python/redirect"


def test_a_wheel_has_them_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "edgesim"
    monkeypatch.setattr(bundles, "_PACKAGE", package)
    assert bundled("origins") == tmp_path / "origins"
    (package / "_bundled/origins").mkdir(parents=True)
    assert bundled("origins") == package / "_bundled/origins"

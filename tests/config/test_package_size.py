"""Packages that Lambda@Edge would not take."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgesim.cloudfront.distribution import Function
from edgesim.config import package_size
from edgesim.config.package_size import package_advice, package_mistake, zipped_bytes
from edgesim.config.resolve import load

MB = 1024 * 1024


@pytest.fixture
def function(tmp_path: Path) -> Function:
    (tmp_path / "fn").mkdir()
    (tmp_path / "fn/index.py").write_text("def handler(event, context): return {}")
    return Function("fn", code=str(tmp_path / "fn"))


def holds(function: Function, name: str, size: int, *, zeros: bool = True) -> None:
    path = Path(function.code) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if zeros:
        with path.open("wb") as file:
            file.truncate(size)
    else:
        path.write_bytes(os.urandom(size))


SIZES = [
    # file, MB, what is said, why
    ("data.bin", 249, "", "compresses well, and is small enough unzipped"),
    ("data.bin", 251, "251.0 MB; at most 250 MB unzipped", "too large unzipped"),
    ("node_modules/a/b.bin", 251, "at most 250 MB unzipped", "installed packages count"),
    (".git/pack", 251, "", "no tool packs that"),
    ("__pycache__/index.pyc", 251, "", "nor that"),
]


@pytest.mark.parametrize(("file", "size", "what", "why"), SIZES)
def test_unzipped(function: Function, file: str, size: int, what: str, why: str) -> None:
    holds(function, file, size * MB)
    mistake = package_mistake(function)
    assert what in (mistake.what if mistake else ""), why
    assert (mistake is None) == (what == ""), why
    if mistake is not None:
        assert mistake.where == function.code


def test_zipped(function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_size, "MAX_ZIPPED_MB", 2)
    holds(function, "data.bin", 3 * MB, zeros=False)
    mistake = package_mistake(function)
    assert mistake is not None
    assert mistake.what == "function fn has 3.0 MB zipped; at most 2 MB"
    assert 3 * MB < zipped_bytes(function) < 3.01 * MB


def test_a_single_file_is_no_package_and_neither_is_ours(function: Function) -> None:
    holds(function, "data.bin", 251 * MB)
    assert package_mistake(Function("fn", code=f"{function.code}/index.py")) is None
    assert package_mistake(Function("fn", "inline", code=function.code)) is None


VIEWERS = [
    ("viewer_request", 1.5, True, "it was 1 MB there"),
    ("viewer_response", 1.5, True, "at both"),
    ("origin_request", 1.5, False, "never at origin triggers"),
    ("viewer_request", 0.5, False, "small enough"),
]


@pytest.mark.parametrize(("trigger", "size", "warns", "why"), VIEWERS)
def test_the_limit_of_old(
    function: Function, tmp_path: Path, trigger: str, size: float, warns: bool, why: str
) -> None:
    holds(function, "data.bin", int(size * MB), zeros=False)
    (tmp_path / "edgesim.toml").write_text(
        '[origins.app]\nurl = "http://127.0.0.1:9"\n[functions.fn]\ncode = "fn"\n'
        f'[default_behavior]\norigin = "app"\n{trigger} = "fn"\n'
    )
    notes = list(package_advice(load(tmp_path / "edgesim.toml")))
    assert bool(notes) is warns, why
    if warns:
        assert (notes[0].where, "until 2026" in notes[0].text) == ("function fn", True)

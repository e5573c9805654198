"""The lock file: complete, with hashes, and bound to no place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parents[2]
LOCK = (CHECKOUT / "requirements/dev.txt").read_text()
PINS = re.compile(r"^([\w.-]+)==([^\s;\\]+)(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def wanted() -> Iterator[Requirement]:
    """What pyproject.toml asks for, in every extra and group."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    lists = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
        project["build-system"]["requires"],
    ]
    for requirements in lists:
        yield from (Requirement(text) for text in requirements if isinstance(text, str))


def test_the_lock_is_what_pyproject_asks_for() -> None:
    pins = {canonicalize_name(name): version for name, version, _ in PINS.findall(LOCK)}
    for requirement in wanted():
        version = pins.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement} is not locked: make lock"
        assert requirement.specifier.contains(version), f"{requirement} is {version}: make lock"


def test_every_pin_has_hashes() -> None:
    pins = PINS.findall(LOCK)
    assert len(pins) > 40
    assert [name for name, _, rest in pins if "--hash=sha256:" not in rest] == []


def test_the_lock_names_no_place_to_download_from() -> None:
    assert "://" not in LOCK
    assert "index" not in LOCK.lower()

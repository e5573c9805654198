"""Tests that need a program of the machine ask here whether they can run."""

from __future__ import annotations

import os
from typing import TypeVar

import pytest

from edgesim.runtimes.node import INSTALL, Node, installed_node

T = TypeVar("T")


def needed(program: str, found: T | None, install: str) -> T:
    """What was found; without it the test fails in CI and is skipped elsewhere."""
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is missing: {install}")
    assert found is not None
    return found


def node_or_skip() -> Node:
    """The Node.js of this machine."""
    return needed("node", installed_node(), INSTALL)

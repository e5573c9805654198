"""Tests that run Node.js ask here whether they can."""

from __future__ import annotations

import os

import pytest

from edgesim.runtimes.node import INSTALL, Node, installed_node


def node_or_skip() -> Node:
    """The Node.js of this machine; without it the test fails in CI and is skipped elsewhere."""
    found = installed_node()
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"node is missing: {INSTALL}")
    return found

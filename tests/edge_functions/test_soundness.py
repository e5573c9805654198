"""Every example that has a configuration, at every trigger it is attached to there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edgesim.bundled import bundled
from edgesim.cloudfront.function import Trigger
from edgesim.config.resolve import load
from edgesim.testing.alone import alone
from edgesim.testing.functions import InProcess
from edgesim.testing.soundness import assert_sound
from tests.needed import node_or_skip

ROOT = bundled("edge_functions")
EXAMPLES = sorted(path.parent for path in ROOT.glob("*/*/edgesim.toml"))


@pytest.fixture
def run() -> Iterator[InProcess]:
    in_process = InProcess()
    yield in_process
    in_process.close()


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: "/".join(path.parts[-2:]))
def test_it_never_throws_and_breaks_no_rule(folder: Path, run: InProcess) -> None:
    if folder.parent.name == "node":
        node_or_skip()
    deployment = load(folder / "edgesim.toml")
    attached = {
        (association.function.name, trigger)
        for behavior in deployment.distribution.behaviors
        for trigger, association in behavior.functions.items()
    }
    assert attached
    for name, trigger in sorted(attached):
        function = alone(name, Trigger(trigger), deployment=deployment, folder=folder, run=run)
        assert_sound(function, max_examples=25)

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgesim.config.deployment import Deployment
from edgesim.config.resolve import with_origins

from .conftest import GOOD

ORIGINS = '[origins.spare]\nurl = "http://127.0.0.1:4000"\n'
GROUP = '[origin_groups.both]\nmembers = ["app", "spare"]\nfailover_status_codes = [500, 503]\n'
TEXT = GOOD.replace('origin = "app"', 'origin = "both"') + ORIGINS
Resolve = Callable[[str], Deployment]


def test_a_behavior_may_name_a_group(resolved: Resolve) -> None:
    deployment = resolved(TEXT + GROUP)
    behavior = deployment.distribution.behaviors[-1]
    assert [origin.name for origin in behavior.origins] == ["app", "spare"]
    assert behavior.failover is not None
    assert behavior.failover.status_codes == {500, 503}
    assert not [note for note in deployment.notes if "origins" in note.where], "both are used"
    moved = with_origins(deployment, {"spare": "http://127.0.0.1:4001"})
    assert [origin.port for origin in moved.distribution.behaviors[-1].origins] == [3000, 4001]


MISTAKES = [
    (
        GROUP.replace('"spare"', '"spar"'),
        "no origin is named 'spar'\n  hint: did you mean 'spare'?",
    ),
    (GROUP.replace(', "spare"', ""), "members: a group has exactly two members"),
    (GROUP.replace('"spare"', '"app"'), "members: a group has exactly two members"),
    (GROUP.replace("500, 503", ""), "failover_status_codes: nothing would ever fail over"),
    (GROUP.replace("500", "501"), "501 is no reason to fail over\n  hint: some of 400, 403, "),
    (GROUP.replace(".both", ".spare"), "'spare' is the name of an origin already"),
    (GROUP.replace(".both", ".bothe"), "no origin is named 'both'\n  hint: did you mean 'bothe'?"),
]


@pytest.mark.parametrize(("group", "said"), MISTAKES)
def test_mistakes(refused: Callable[[str], str], group: str, said: str) -> None:
    assert said in refused(TEXT + group)

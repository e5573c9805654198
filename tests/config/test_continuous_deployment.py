"""Golden table: which requests go to a staging distribution."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.cloudfront.continuous_deployment import ContinuousDeployment, Stickiness
from edgesim.config.deployment import Deployment, NoteKind

from .conftest import GOOD

CD = '[continuous_deployment]\nstaging = "staging.toml"\n'
HEADER = 'header = { name = "aws-cf-cd-new", value = "yes" }'
STICKY = "session_stickiness = { idle_ttl_s = 300, maximum_ttl_s = 600 }"


@pytest.fixture(autouse=True)
def staging(project: Path) -> str:
    (project / "staging.toml").write_text(GOOD)
    return str(project / "staging.toml")


def test_by_header(resolved: Callable[[str], Deployment], staging: str) -> None:
    policy = resolved(GOOD + CD + HEADER).continuous_deployment
    assert policy == ContinuousDeployment(staging, ("aws-cf-cd-new", "yes"))


def test_by_weight(resolved: Callable[[str], Deployment], staging: str) -> None:
    policy = resolved(f"{GOOD}{CD}weight = 0.05\n{STICKY}").continuous_deployment
    assert policy == ContinuousDeployment(staging, None, 0.05, Stickiness(300, 600))


def test_not_enabled(resolved: Callable[[str], Deployment]) -> None:
    deployment = resolved(f"{GOOD}{CD}enabled = false\n{HEADER}")
    assert deployment.continuous_deployment is None
    (note,) = [one for one in deployment.notes if "not enabled" in one.text]
    assert note.kind is NoteKind.UNDERSTOOD


MISTAKES = [
    (
        CD.replace("staging.toml", "other.toml") + HEADER,
        "14: continuous_deployment.staging",
        "there is no file 'other.toml'",
        "the file of the staging distribution, relative to this one",
    ),
    (
        CD,
        "13: continuous_deployment",
        "nothing says which requests",
        'header = { name = "aws-cf-cd-staging", value = "true" }, or weight = 0.05',
    ),
    (
        f"{CD}weight = 0.05\n{HEADER}",
        "13: continuous_deployment",
        "it has header and weight",
        'header = { name = "aws-cf-cd-staging", value = "true" }, or weight = 0.05',
    ),
    (
        CD + HEADER.replace("aws-cf-cd-", "x-"),
        "15: continuous_deployment.header",
        "'x-new' cannot be that header",
        "it begins with aws-cf-cd-",
    ),
    (
        f"{CD}weight = 0.5",
        "15: continuous_deployment.weight",
        "0.5 is out of range",
        "weight is from 0 to 0.15",
    ),
    (
        f"{CD}{HEADER}\n{STICKY}",
        "16: continuous_deployment.session_stickiness",
        "it goes with weight only",
        "a header decides for every request anew",
    ),
    (
        f"{CD}weight = 0.1\n{STICKY.replace('300', '900')}",
        "16: continuous_deployment.session_stickiness",
        "a session would never be idle",
        "idle_ttl_s is at most maximum_ttl_s",
    ),
    (
        f'{CD}{HEADER}\n[origins.two]\nurl = "http://h"\nresponse_completion_timeout_s = 60',
        "18: origins.two.response_completion_timeout_s",
        "it does not go with continuous deployment",
        "leave it out while there is a [continuous_deployment]",
    ),
]


@pytest.mark.parametrize(("added", "where", "what", "hint"), MISTAKES)
def test_a_mistake(
    added: str, where: str, what: str, hint: str, refused: Callable[[str], str]
) -> None:
    assert refused(GOOD + added) == f"edgesim.toml:{where}: {what}\n  hint: {hint}"

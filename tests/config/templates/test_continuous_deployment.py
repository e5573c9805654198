"""CFN: AWS::CloudFront::ContinuousDeploymentPolicy, and both its distributions in one template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edgesim.cloudfront.continuous_deployment import ContinuousDeployment, Stickiness
from edgesim.config.templates.given import Given
from edgesim.errors import ConfigError
from edgesim.live.companions import Companions
from edgesim.live.server import LiveServer

from .conftest import CDN, Loaded, Refused

HEADER = "TrafficConfig: {Type: SingleHeader, SingleHeaderConfig: {Header: aws-cf-cd-x, Value: y}}"
OLDER = "Type: SingleHeader\n        SingleHeaderPolicyConfig: {Header: aws-cf-cd-x, Value: y}"
WEIGHT = (
    "TrafficConfig: {Type: SingleWeight, SingleWeightConfig: {Weight: 0.05, "
    "SessionStickinessConfig: {IdleTTL: 300, MaximumTTL: 600}}}"
)
PRIMARY = CDN.replace(
    "Enabled: true", "Enabled: true\n        ContinuousDeploymentPolicyId: !Ref P"
)
STAGING = CDN.replace("  Cdn:", "  Next:").replace(
    "Enabled: true", "Enabled: true\n        Staging: true"
)
STAGING = STAGING.replace("app", "newer")
POLICY = """\
  P:
    Type: AWS::CloudFront::ContinuousDeploymentPolicy
    Properties:
      ContinuousDeploymentPolicyConfig:
        Enabled: true
        StagingDistributionDnsNames: [!GetAtt Next.DomainName]
        """
ALL = f"Resources:\n{PRIMARY}{STAGING}{POLICY}"
PLACES = {"app": "http://127.0.0.1:1", "newer": "http://127.0.0.1:2"}

POLICIES = [
    (HEADER, (("aws-cf-cd-x", "y"), 0.0, None)),
    (OLDER, (("aws-cf-cd-x", "y"), 0.0, None)),
    (WEIGHT, (None, 0.05, Stickiness(300, 600))),
]


@pytest.mark.parametrize(("text", "expected"), POLICIES, ids=["header", "older spelling", "weight"])
def test_which_requests(
    text: str, expected: tuple[Any, ...], loaded: Loaded, tmp_path: Path
) -> None:
    deployment = loaded(ALL + text)
    file = str(tmp_path / "template.yaml")
    assert deployment.continuous_deployment == ContinuousDeployment(file, *expected)
    assert deployment.staging is not None
    staging = deployment.staging()
    assert [origin.name for origin in staging.origins] == ["newer"]
    assert staging.continuous_deployment is None


def test_a_policy_that_is_not_enabled(loaded: Loaded) -> None:
    deployment = loaded(
        ALL.replace("Enabled: true\n        StagingD", "Enabled: false\n        StagingD") + HEADER
    )
    assert (deployment.continuous_deployment, deployment.staging) == (None, None)


REFUSED = [
    ((HEADER, "TrafficConfig: {Type: Sometimes}"), "no Type is named 'Sometimes'"),
    (("Staging: true", "Staging: false"), "there are several distributions"),
    ((STAGING, ""), "there is none for the policy"),
    (("!Ref P\n", "other\n"), "no continuous deployment policy is named 'other'"),
    (("aws-cf-cd-x", "x"), "'x' cannot be that header"),
]


@pytest.mark.parametrize(("change", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_is_refused(change: tuple[str, str], said: str, refused: Refused) -> None:
    text = (
        (ALL + HEADER).replace(*change).replace("[!GetAtt Next.DomainName]", "[d.cloudfront.net]")
    )
    assert said in refused(text)


def test_origins_of_both_are_set_at_once(loaded: Loaded) -> None:
    deployment = loaded(ALL + HEADER, Given(origins=PLACES))
    assert deployment.staging is not None
    assert [o.port for o in (*deployment.origins, *deployment.staging().origins)] == [1, 2]
    with pytest.raises(ConfigError, match="no origin is named 'other'"):
        loaded(ALL + HEADER, Given(origins={"other": "http://127.0.0.1:1"}))


async def companions(deployment: Any) -> tuple[LiveServer, Companions]:
    server = LiveServer()
    made = Companions(server, (), lambda _: LiveServer())
    await server.deploy(deployment)
    return server, made


@pytest.mark.parametrize("placed", [True, False])
async def test_staging_is_served_beside_where_it_is_on_this_machine(
    placed: bool, loaded: Callable[..., Any]
) -> None:
    deployment = loaded(ALL + HEADER, Given(origins=PLACES if placed else {}))
    server, made = await companions(replace(deployment, elsewhere=()))
    try:
        if placed:
            await made.start()
            assert [one.deployment.origins[0].name for one in made.all] == ["app", "newer"]
        else:
            with pytest.raises(ConfigError, match=r"newer\.example\.com"):
                await made.start()
    finally:
        await server.stop()
        await made.stop()

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.config.deployment import Deployment
from edgesim.config.templates.given import Given
from edgesim.config.templates.load import load
from edgesim.errors import ConfigError

CDN = """\
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: app
            DomainName: app.example.com
            CustomOriginConfig: {OriginProtocolPolicy: http-only}
        DefaultCacheBehavior:
          TargetOriginId: app
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
"""
"""A distribution for below `Resources:`; what is added goes into its default behavior."""

Loaded = Callable[..., Deployment]
Refused = Callable[..., str]


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    def loaded(text: str, given: Given = Given(), name: str = "template.yaml") -> Deployment:
        (tmp_path / name).write_text(text)
        return load(tmp_path / name, given)

    return loaded


@pytest.fixture
def refused(loaded: Loaded, tmp_path: Path) -> Refused:
    """What is said to a template that is not accepted."""

    def refused(text: str, given: Given = Given(), name: str = "template.yaml") -> str:
        with pytest.raises(ConfigError) as caught:
            loaded(text, given, name)
        return str(caught.value).replace(f"{tmp_path}/", "").replace(" [config]", "")

    return refused

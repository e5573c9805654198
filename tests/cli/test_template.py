"""A template on the command line, in every command that takes one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.testing.test_described import TEMPLATE

from .conftest import Edgesim

SAID = ("--parameter", "Host=app.example.com", "--import", "acl=a", "--without", "WebACLId")


@pytest.fixture
def template(project: Path) -> Path:
    (project / "template.yaml").write_text(TEMPLATE)
    return project


@pytest.mark.parametrize("how", [("template.yaml",), ("--template", "template.yaml")])
def test_check_reports_on_every_property(
    edgesim: Edgesim, template: Path, how: tuple[str, ...]
) -> None:
    ran = edgesim("check", *how, *SAID, "--verbose")
    assert ran.status == 0
    assert "app  https://app.example.com/v1" in ran.out
    assert "origin-request Gate" in ran.out
    assert "understood: template.yaml:24: Resources.Cdn.Properties.DistributionConfig." in ran.out
    left_out = "ignored: template.yaml:21: Resources.Cdn.Properties.DistributionConfig.WebACLId: "
    assert f"{left_out}left out as you asked: requests that its rules would block" in ran.out


def test_check_is_short_unless_asked(edgesim: Edgesim, template: Path) -> None:
    ran = edgesim("check", "--template", "template.yaml", *SAID)
    assert " understood, " in ran.out
    assert "ignored (--verbose shows all)\n" in ran.out or "(--verbose shows all)\n" in ran.out
    assert "understood: template.yaml" not in ran.out
    assert "WebACLId: left out as you asked" in ran.out


def test_explain_and_invoke_know_its_functions(edgesim: Edgesim, template: Path) -> None:
    explained = edgesim("explain", "/a", "--template", "template.yaml", *SAID)
    assert "Gate (python3.12) would run" in explained.out
    invoked = edgesim("invoke", "Gate", "--template", "template.yaml", *SAID)
    assert json.loads(invoked.out)["headers"]["x-gate"][0]["value"] == "open"


def test_dev_says_which_origins_need_a_place(edgesim: Edgesim, template: Path) -> None:
    ran = edgesim("dev", "--template", "template.yaml", *SAID)
    assert ran.status == 2
    assert "it does not say where its origins are on this machine: app (app.example.com)" in ran.err
    assert "hint: --set-origin app=http://127.0.0.1:PORT" in ran.err


def test_a_configuration_has_no_parameters(edgesim: Edgesim, template: Path) -> None:
    ran = edgesim("check", "edgesim.toml", "--parameter", "A=b")
    assert ran.status == 2
    assert "edgesim.toml is no template" in ran.err


@pytest.mark.parametrize("pair", ["A", "=b"])
def test_a_parameter_is_a_pair(edgesim: Edgesim, template: Path, pair: str) -> None:
    ran = edgesim("check", "template.yaml", "--parameter", pair)
    assert ran.status == 2
    assert "write --parameter NAME=VALUE" in ran.err


def test_the_schema_is_printed_without_any_file(edgesim: Edgesim, tmp_path: Path) -> None:
    ran = edgesim("check", "--schema")
    assert ran.status == 0
    assert json.loads(ran.out)["title"] == "edgesim.toml"


BUCKET = """\
Resources:
  Files: {Type: AWS::S3::Bucket}
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        DefaultRootObject: index.html
        Logging: {Bucket: logs.s3.amazonaws.com, Prefix: cdn}
        Origins:
          - {Id: site, DomainName: !GetAtt Files.RegionalDomainName, S3OriginConfig: {}}
        DefaultCacheBehavior:
          TargetOriginId: site
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
"""


@contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
    """`edgesim dev` as people start it."""
    command = [sys.executable, "-m", "edgesim", "dev", "--port", "0", "--control-port", "0"]
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [*command, *options], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.send_signal(signal.SIGINT)
            process.stdout.read()
    assert process.returncode == 0


def test_a_folder_stands_in_for_a_bucket(tmp_path: Path) -> None:
    """S3's REST endpoint: a missing key is 403 where nobody may list, and a folder is no key."""
    (tmp_path / "template.yaml").write_text(BUCKET)
    (tmp_path / "dist/docs").mkdir(parents=True)
    (tmp_path / "dist/index.html").write_text("home")
    (tmp_path / "dist/docs/index.html").write_text("docs")
    options = ("--template", "template.yaml", "--set-origin", "site=dist", "--access-log", "logs/")
    with served(tmp_path, *options) as url:
        answers = [httpx.get(f"{url}{path}") for path in ("/", "/docs/", "/docs/index.html", "/no")]
    said = [(one.status_code, one.text if one.is_success else "") for one in answers]
    assert said == [(200, "home"), (403, ""), (200, "docs"), (403, "")]
    assert "<Code>AccessDenied</Code>" in answers[-1].text
    (log,) = (tmp_path / "logs/logs/cdn").iterdir()
    rows = [line.split("\t") for line in log.read_text().splitlines()[2:]]
    assert [(row[7], row[8]) for row in rows] == [
        ("/", "200"),
        ("/docs/", "403"),
        ("/docs/index.html", "200"),
        ("/no", "403"),
    ]

"""A template on the command line, in every command that takes one."""

from __future__ import annotations

import json
from pathlib import Path

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

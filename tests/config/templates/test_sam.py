from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .conftest import CDN, Loaded, Refused

FUNCTION = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Edge:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: python3.12
      CodeUri: src/
      Role: arn:aws:iam::123456789012:role/edge
      AutoPublishAlias: live
"""
ASSOCIATION = """\
          LambdaFunctionAssociations:
            - {EventType: origin-request, LambdaFunctionARN: !Ref Edge.Version}
"""


@pytest.fixture(autouse=True)
def code(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/index.py").write_text("def handler(event, context): ...\n")


def test_a_function_has_its_code_in_the_folder_that_the_template_names(
    loaded: Loaded, tmp_path: Path
) -> None:
    (function,) = loaded(FUNCTION + CDN + ASSOCIATION).functions
    assert (function.name, function.code) == ("Edge", str(tmp_path / "src"))
    assert function.timeout_s == 3, "Lambda's own, not edgesim.toml's"


def test_what_is_wrong_stands_where_the_template_has_it(refused: Refused) -> None:
    gone = FUNCTION.replace("src/", "srk/")
    said = refused(gone + CDN + ASSOCIATION)
    assert said.startswith("template.yaml:8: Resources.Edge.Properties.CodeUri: there is no file")


def test_an_alias_is_no_version(refused: Refused) -> None:
    said = refused(FUNCTION + CDN + ASSOCIATION.replace("Edge.Version", "Edge.Alias"))
    assert "this is the alias live\n  hint: name a version" in said
    assert "Edge.Version in SAM" in said


def test_what_the_translator_refuses_is_passed_on(refused: Refused) -> None:
    said = refused(FUNCTION.replace("      CodeUri: src/\n", "") + CDN + ASSOCIATION)
    assert said.startswith("template.yaml:")
    assert "SAM refuses it" in said


def test_without_the_translator_there_is_a_word_what_to_install(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "samtranslator.translator.translator", None)
    said = refused(FUNCTION + CDN)
    assert said.startswith("template.yaml:1: Transform: SAM templates need aws-sam-translator")
    assert 'pip install "edgesim[templates]"' in said

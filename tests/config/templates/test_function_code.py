"""Where the code of a function is, and what AWS refuses about it (Lambda@Edge: restrictions)."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from edgesim.config.templates.given import Given

from .conftest import CDN, Loaded, Refused

HANDLER = "def handler(event, context): ...\n"
TEMPLATE = f"""\
Resources:
  Edge:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: edge-fn
      Handler: index.handler
      Runtime: python3.12
      Code: @
  Version: {{Type: AWS::Lambda::Version, Properties: {{FunctionName: !Ref Edge}}}}
{CDN}          LambdaFunctionAssociations:
            - {{EventType: origin-request, LambdaFunctionARN: !Ref Version}}
"""


@pytest.fixture(autouse=True)
def code(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/index.py").write_text(HANDLER)
    with ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.write(tmp_path / "src/index.py", "index.py")
        archive.writestr("lib/deep.py", "")
    with ZipFile(tmp_path / "odd.zip", "w") as archive:
        archive.writestr("../outside.py", "")
    (tmp_path / "broken.zip").write_bytes(b"PK")


@pytest.mark.parametrize(
    "said", ['{ZipFile: "def handler(event, context): ...\\n"}', "./src", "code.zip"]
)
def test_code_is_found(loaded: Loaded, said: str) -> None:
    (function,) = loaded(TEMPLATE.replace("@", said)).functions
    assert (Path(function.code) / "index.py").read_text() == HANDLER


def test_what_a_command_line_says_comes_first(loaded: Loaded, tmp_path: Path) -> None:
    given = Given(functions={"Edge": str(tmp_path / "src")})
    (function,) = loaded(TEMPLATE.replace("@", "{S3Bucket: b, S3Key: k}"), given).functions
    assert function.code == str(tmp_path / "src")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("{S3Bucket: b, S3Key: k}", "the code of Edge is in a bucket"),
        ("./gone", "there is no file or folder './gone'"),
        ("broken.zip", "'broken.zip' cannot be unpacked"),
        ("odd.zip", "it has files that would lie outside of it"),
        ("{ImageUri: a}", "edgesim has no ImageUri"),
    ],
)
def test_code_is_not_found(refused: Refused, said: str, what: str) -> None:
    assert what in refused(TEMPLATE.replace("@", said))


OTHER = TEMPLATE.replace("@", "./src").replace(
    "!Ref Version", "arn:aws:lambda:us-east-1:1:function:their-fn:4"
)


def test_a_function_of_another_stack_is_a_file_that_somebody_names(
    loaded: Loaded, refused: Refused, tmp_path: Path
) -> None:
    assert "the function 'their-fn' is not in this template" in refused(OTHER)
    (tmp_path / "their.py").write_text(HANDLER)
    given = Given(functions={"their-fn": str(tmp_path / "their.py")})
    (function,) = loaded(OTHER, given).functions
    assert (function.name, function.runtime, function.handler) == (
        "their-fn",
        "python3.12",
        "their.handler",
    )
    folder = Given(functions={"their-fn": str(tmp_path / "src")})
    assert "is no function's file" in refused(OTHER, folder)

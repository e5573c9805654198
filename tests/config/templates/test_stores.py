"""Key-value stores: what they import is a file of this machine, or somebody names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgesim.config.templates.given import Given
from edgesim.config.templates.load import adapted
from edgesim.config.templates.reading import parsed
from edgesim.errors import ConfigError

from .conftest import CDN

TEMPLATE = f"""\
Resources:
  Store:
    Type: AWS::CloudFront::KeyValueStore
    Properties:
      Name: store
      ImportSource: {{SourceType: S3, SourceArn: "arn:aws:s3:::b/k.json"}}
  Function:
    Type: AWS::CloudFront::Function
    Properties:
      Name: f
      AutoPublish: true
      FunctionConfig:
        Comment: ""
        Runtime: cloudfront-js-2.0
        KeyValueStoreAssociations: [{{KeyValueStoreARN: !GetAtt Store.Arn}}]
      FunctionCode: "function handler(event) {{ return event.request; }}"
{CDN}          FunctionAssociations:
            - {{EventType: viewer-request, FunctionARN: !GetAtt Function.FunctionARN}}
"""


def drafted(text: str, folder: Path, **stores: str) -> dict[str, Any]:
    return adapted(parsed(text, "t"), "t", folder, Given(stores=stores)).sketch.data


def test_a_file_that_somebody_names(tmp_path: Path) -> None:
    made = drafted(TEMPLATE, tmp_path, Store="/srv/store.json")
    assert made["key_value_stores"]["Store"]["file"] == "/srv/store.json"
    assert made["functions"]["Function"]["key_value_store"] == "Store"


def test_an_asset_of_the_cdk(tmp_path: Path) -> None:
    (tmp_path / "asset.k.json").write_text('{"data": []}')
    made = drafted(TEMPLATE, tmp_path)
    assert made["key_value_stores"]["Store"]["file"] == str(tmp_path / "asset.k.json")


def test_a_store_that_imports_nothing_is_empty(tmp_path: Path) -> None:
    imports = '      ImportSource: {SourceType: S3, SourceArn: "arn:aws:s3:::b/k.json"}\n'
    assert imports in TEMPLATE
    made = drafted(TEMPLATE.replace(imports, ""), tmp_path)
    file = Path(made["key_value_stores"]["Store"]["file"])
    assert json.loads(file.read_text()) == {"data": []}


def test_what_is_in_a_bucket_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="what Store imports is in a bucket") as caught:
        drafted(TEMPLATE, tmp_path)
    assert "--set-store Store=FILE" in caught.value.hint

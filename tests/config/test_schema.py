"""The JSON Schema for editors, held against the files that there are."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from edgesim.cli.starter import CONFIGURATION
from edgesim.config.schema import json_schema

ROOT = Path(__file__).parents[2]
EVERY_FORM = """\
[origins.app]
url = "http://127.0.0.1:3000"
custom_headers = { x-a = "1" }
[functions.f]
code = "f.py"
timeout_s = 2
[default_behavior]
origin = "app"
viewer_request = "f"
origin_request = { function = "f", include_body = true }
[cache_policies.p]
headers = ["accept"]
cookies = "all"
query_strings = { except = ["utm"] }
[response_headers_policies.r]
headers = { x-a = "1", x-b = { value = "2", override = true } }
"""

VALIDATOR = Draft202012Validator(json_schema())


def in_readme() -> list[str]:
    """The configurations that README.md shows whole."""
    blocks = (ROOT / "README.md").read_text().split("```toml\n")[1:]
    shown = [block.partition("```")[0] for block in blocks]
    return [text for text in shown if "[default_behavior]" in text]


def mistakes(text: str) -> list[str]:
    data: dict[str, Any] = tomllib.loads(text)
    return [error.message for error in VALIDATOR.iter_errors(data)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("text", [CONFIGURATION, EVERY_FORM, *in_readme()])
def test_what_is_right_fits_the_schema(text: str) -> None:
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('origin = "app"\n', ""),
        ("timeout_s = 2", 'timeout_s = "2"'),
        ("timeout_s = 2", "timeout = 2"),
        ('cookies = "all"', 'cookies = "some"'),
        ("{ except = [", "{ but = ["),
        ('viewer_request = "f"', "viewer_request = 1"),
        ("include_body = true", "body = true"),
    ],
)
def test_what_is_wrong_does_not(old: str, new: str) -> None:
    assert old in EVERY_FORM
    assert mistakes(EVERY_FORM.replace(old, new)) != []

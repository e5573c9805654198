from __future__ import annotations

import json
from typing import Any

import pytest

from edgesim.cloudfront.key_value_store import imported
from edgesim.errors import ConfigError


def pairs(*found: tuple[Any, Any]) -> str:
    return json.dumps({"data": [{"key": key, "value": value} for key, value in found]})


def test_the_format_that_aws_imports() -> None:
    assert imported(pairs(("a", "1"), ("ü", "")), "f") == {"a": "1", "ü": ""}
    assert imported(b'{"data": []}', "f") == {}


def test_the_largest_pair() -> None:
    assert imported(pairs(("k" * 512, "v" * 1024)), "f")


BROKEN: list[tuple[str, str, str]] = [
    ("{", "it is no JSON", "f"),
    ("[]", "no list named data", "f"),
    ('{"data": {}}', "no list named data", "f"),
    ('{"data": [1]}', "no object with a key and a value", "f: data[0]"),
    (pairs(("a", "1"), ("b", 1)), "no object with a key and a value", "f: data[1]"),
    (pairs(("a", "1"), ("a", "2")), "the key 'a' is there twice", "f: data[1]"),
    (pairs(("", "1")), "has 0 bytes", "f: data[0]"),
    (pairs(("ü" * 257, "1")), "has 514 bytes", "f: data[0]"),
    (pairs(("a", "ü" * 513)), "has 1,026 bytes", "f: data[0]"),
    (pairs(*((f"k{n:04}", "v" * 1024) for n in range(5200))), "it holds 5,", "f"),
]


@pytest.mark.parametrize(("text", "what", "where"), BROKEN)
def test_what_aws_would_not_import(text: str, what: str, where: str) -> None:
    with pytest.raises(ConfigError) as refused:
        imported(text, "f")
    assert what in refused.value.what
    assert refused.value.where == where

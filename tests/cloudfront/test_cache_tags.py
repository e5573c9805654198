"""CloudFront: "What you need to know when invalidating tags"."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.cache_tags import MAX_TAGS, tags_of
from edgesim.http.headers import Headers

MANY = [f"t{number}" for number in range(MAX_TAGS + 1)]
TAGS: list[tuple[list[str], tuple[str, ...], str]] = [
    # lines of the origin's field        tags    and why
    ([], (), "none at all"),
    (["news"], ("news",), "one"),
    (["news, Sport ,home"], ("news", "sport", "home"), "trimmed, and case does not count"),
    (["news", "home"], ("news", "home"), "of several lines"),
    (["news,,NEWS"], ("news",), "each once"),
    (["a b,c"], ("c",), "a space is no part of a tag"),
    (["ü,!~*#"], ("!~*#",), "ASCII 33 to 126 is"),
    ([f"{'a' * 256},{'b' * 257}"], ("a" * 256,), "256 characters at most"),
    ([",".join(MANY)], tuple(MANY[:MAX_TAGS]), "50 of one response at most"),
]


@pytest.mark.parametrize(("lines", "tags", "why"), TAGS, ids=[why for _, _, why in TAGS])
def test_tags_of_a_response(lines: list[str], tags: tuple[str, ...], why: str) -> None:
    headers = Headers([("Cache-Tag", line) for line in lines])
    assert tags_of(headers, "cache-tag") == tags
    assert tags_of(headers, "") == (), "a distribution that names no field has none"

from __future__ import annotations

from time import process_time

import pytest

from edgesim.cloudfront.wildcards import wildcard

MATCHES = [
    # pattern, text, matches, why
    ("a*", "abc", True, "any characters"),
    ("a*", "a", True, "or none"),
    ("*", "", True, "or none at all"),
    ("a?c", "abc", True, "exactly one"),
    ("a?c", "ac", False, "not none"),
    ("a?c", "abbc", False, "not two"),
    ("a.c", "abc", False, "a full stop is itself"),
    ("a", "A", False, "case counts"),
    ("*b*d", "abcd", True, "several stars"),
    ("*a?c*", "xabcx", True, "both kinds"),
    ("a*c", "a/b\nc", True, "slashes and line breaks too"),
]


@pytest.mark.parametrize(("pattern", "text", "matches", "why"), MATCHES)
def test_wildcard(pattern: str, text: str, matches: bool, why: str) -> None:
    assert (wildcard(pattern).fullmatch(text) is not None) is matches, why


def test_no_text_makes_it_slow() -> None:
    began = process_time()
    assert wildcard("*a" * 30).fullmatch("a" * 5_000 + "b") is None
    assert process_time() - began < 1.0

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cloudfront.distribution import Behavior, Distribution, normalised_path, path_matcher
from edgesim.cloudfront.origin import Origin

PATTERNS = [
    # pattern            path              matches  why; CloudFront: "Cache behavior settings"
    ("*", "/anything/at/all", True, "the default behavior"),
    ("/images/*", "/images/a.jpg", True, "a star is any characters"),
    ("/images/*", "/images/a/b/c.jpg", True, "slashes too"),
    ("/images/*", "/images/", True, "or none"),
    ("/images/*", "/images", False, "but the slash has to be there"),
    ("images/*", "/images/a.jpg", True, "a leading slash may be left out"),
    ("*product.jpg", "/a/product.jpg", True, "before a star as well"),
    ("/*.jpg", "/a/b.jpg", True, "a star in the middle"),
    ("/*.jpg", "/a/b.jpeg", False, "the whole path has to match"),
    ("/a?.jpg", "/ab.jpg", True, "a question mark is one character"),
    ("/a?.jpg", "/a.jpg", False, "not none"),
    ("/a?.jpg", "/abc.jpg", False, "not two"),
    ("/api", "/api/", False, "anchored at both ends"),
    ("/api", "/API", False, "case counts"),
    ("/a.b", "/axb", False, "a dot is a dot"),
    ("/a+(b)$", "/a+(b)$", True, "no other character is special"),
    ("/*a*b", "/xaybzb", True, "two stars: the last part is at the end"),
    ("/*a*b", "/bxa", False, "and the first comes first"),
    ("/a*", "/a\nb", True, "any character is any character"),
]


@pytest.mark.parametrize(("pattern", "path", "matches", "why"), PATTERNS)
def test_path_pattern(pattern: str, path: str, matches: bool, why: str) -> None:
    assert bool(path_matcher(pattern).fullmatch(path)) is matches, why


def test_no_path_makes_matching_slow() -> None:
    assert not path_matcher("/*a*a*a*a*a*b").fullmatch("/" + "a" * 8000)


small = st.text(alphabet="ab/", max_size=8)


@given(st.text(alphabet="ab/*?", max_size=6), small)
@settings(max_examples=300, deadline=None)
def test_patterns_match_as_globs_do(pattern: str, path: str) -> None:
    def glob(rest: str, left: str) -> bool:
        if not rest:
            return not left
        if rest[0] == "*":
            return any(glob(rest[1:], left[n:]) for n in range(len(left) + 1))
        return bool(left) and rest[0] in ("?", left[0]) and glob(rest[1:], left[1:])

    expected = glob("/" + pattern.removeprefix("/"), "/" + path)
    assert bool(path_matcher(pattern).fullmatch("/" + path)) is expected


PATHS = [
    ("/a/b", "/a/b", "nothing to do"),
    ("/a/./b", "/a/b", "RFC 3986 §5.2.4"),
    ("/a/../b", "/b", "RFC 3986 §5.2.4"),
    ("/../a", "/a", "nothing above the root"),
    ("//a///b", "/a/b", "CloudFront: doubled slashes"),
    ("/a/b/..", "/a/", "what is left is a folder"),
    ("/a/", "/a/", "a slash at the end stays"),
    ("/", "/", "the root"),
    ("", "/", "nothing is the root"),
    ("/a/%2e%2e/b", "/a/%2e%2e/b", "nothing is decoded"),
]


@pytest.mark.parametrize(("path", "normal", "why"), PATHS)
def test_normalised_path(path: str, normal: str, why: str) -> None:
    assert normalised_path(path) == normal, why


@given(st.text(alphabet="a./%", max_size=20))
@settings(max_examples=200, deadline=None)
def test_normalising_twice_changes_nothing(path: str) -> None:
    normal = normalised_path(path)
    assert normalised_path(normal) == normal
    assert normal.startswith("/")
    assert "//" not in normal


ORIGIN = Origin("app", host="origin.test")
DISTRIBUTION = Distribution(
    tuple(Behavior(pattern, ORIGIN) for pattern in ("/a/b*", "/a*", "/img/*", "*"))
)

CHOSEN = [
    ("/a/b", "/a/b*", "in the order listed, first match"),
    ("/a/c", "/a*", "the next"),
    ("/x", "*", "the default behavior last"),
    ("/a/b/..", "/a*", "the guide's example: normalised for matching"),
    ("/x/../img/y", "/img/*", "normalised for matching"),
    ("//img/y", "/img/*", "normalised for matching"),
]


@pytest.mark.parametrize(("path", "pattern", "why"), CHOSEN)
def test_behavior_for(path: str, pattern: str, why: str) -> None:
    assert DISTRIBUTION.behavior_for(path).path_pattern == pattern, why


def test_a_behavior_names_its_policy() -> None:
    assert Behavior("*", ORIGIN, cache_policy=None).cache_policy_name == "RFC9111"
    assert Behavior("*", ORIGIN).cache_policy_name == ""

from __future__ import annotations

import pytest

from edgesim.cache.rewritten import REMEMBERED, Rewritten

PATTERNS = [
    ("/about", {"/about/index.html"}, "to the letter"),
    ("/ab*", {"/a/abc"}, "all that begin so, but for what is found so anyway"),
    ("/*", set(), "as everything is"),
    ("/shop", {"/shop-a", "/shop-b"}, "one may have been made into several"),
    ("/about/index.html", set(), "what is stored so is found so"),
    ("/About", set(), "case counts"),
]


@pytest.mark.parametrize(("pattern", "urls", "why"), PATTERNS)
def test_behind(pattern: str, urls: set[str], why: str) -> None:
    rewritten = Rewritten()
    for asked, stored in [
        ("/about", "/about/index.html"),
        ("/abc", "/a/abc"),
        ("/shop", "/shop-a"),
        ("/shop", "/shop-b"),
        ("/shop", "/shop-a"),
    ]:
        rewritten.note(asked, stored)
    assert rewritten.behind(pattern) == urls, why


def test_of_many_the_latest_are_remembered() -> None:
    rewritten = Rewritten()
    for number in range(REMEMBERED + 1):
        rewritten.note(f"/{number}", "/a")
    assert not rewritten.behind("/0")
    assert rewritten.behind("/1")


def test_what_another_has_to_know_to_find_the_same_behind() -> None:
    one, other = Rewritten(), Rewritten()
    for asked, stored in [("/about", "/about/index.html"), ("/abc", "/a/abc")]:
        one.note(asked, stored)
    assert one.concerning("/about") == {("/about", "/about/index.html")}
    for pair in one.concerning("/ab*"):
        other.note(*pair)
    assert other.behind("/ab*") == one.behind("/ab*")

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edgesim.cache.bans import Bans, invalidation_pattern

urls = st.text("/ab?*.", min_size=1, max_size=5)


def test_only_what_came_before_is_concerned() -> None:
    bans = Bans()
    bans.add("/a*", 1)
    bans.add("/b", 2)
    bans.add_where("/c".__eq__, 3)
    assert [bans.outdate("/a/b", since) for since in (0, 1, 2)] == [True, False, False]
    assert [bans.outdate("/b", since) for since in (0, 1, 2)] == [True, True, False]
    assert [bans.outdate("/c", since) for since in (1, 2, 3)] == [True, True, False]
    bans.add("/a*", 4)
    assert bans.outdate("/ab", 3), "the latest counts"


@given(st.lists(urls, max_size=6), urls, st.integers(0, 6))
def test_bans_mean_what_their_patterns_mean(patterns: list[str], url: str, since: int) -> None:
    bans = Bans()
    for moment, pattern in enumerate(patterns, 1):
        bans.add(pattern, moment)
    expected = any(invalidation_pattern(pattern).fullmatch(url) for pattern in patterns[since:])
    assert bans.outdate(url, since) == expected

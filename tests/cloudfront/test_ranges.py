from __future__ import annotations

import pytest

from edgesim.cloudfront.distribution import Behavior
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.ranges import with_ranges_heeded
from edgesim.http.headers import Headers
from edgesim.http.message import Request

BEHAVIOR = Behavior("*", Origin("app"))
RFC9111 = Behavior("*", Origin("app"), cache_policy=None)

RANGES = [
    # Range                   heeded  why
    ("bytes=0-4", True, "one range"),
    ("bytes=oops", True, "one that is for the origin to judge"),
    ("bytes=0-1,5-6", True, "ascending"),
    ("bytes=0-1,2-3", True, "touching"),
    ("bytes=0-1,-5", True, "a suffix comes last"),
    ("bytes=0-1,5-", True, "an open end as well"),
    ("bytes=5-6,0-1", False, "not ascending"),
    ("bytes=0-5,3-6", False, "overlapping"),
    ("bytes=5-,7-9", False, "overlapping"),
    ("bytes=-5,0-1", False, "a suffix before another"),
    ("bytes=0-1,6-5", False, "one is not valid"),
    ("bytes=0-1,x", False, "one is not valid"),
    ("bytes=0-1,", False, "one is not there"),
    ("lines=0-1,2-3", False, "not in bytes"),
]


@pytest.mark.parametrize(("value", "heeded", "why"), RANGES)
def test_several_ranges_have_to_be_in_order(value: str, heeded: bool, why: str) -> None:
    request = Request("GET", "/", Headers([("Range", value), ("If-Range", '"1"')]))
    sent = with_ranges_heeded(BEHAVIOR, request)
    assert (sent is request) is heeded, why
    assert ("range" in sent.headers) is ("if-range" in sent.headers) is heeded
    assert with_ranges_heeded(RFC9111, request) is request, "RFC 9110 leaves it to the origin"


def test_without_a_range_nothing_changes() -> None:
    request = Request("GET", "/")
    assert with_ranges_heeded(BEHAVIOR, request) is request

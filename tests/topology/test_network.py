from __future__ import annotations

import re

from edgesim.topology.network import Link, Pop


def test_a_pop_is_named_as_cloudfront_names_its_own() -> None:
    assert re.fullmatch(r"[A-Z]{3}\d+-[A-Z]\d", Pop().code), "x-amz-cf-pop, FRA56-P1"


def test_a_link_costs_nothing_unless_it_says_so() -> None:
    assert Link("pop-regional").rtt_s == 0.0

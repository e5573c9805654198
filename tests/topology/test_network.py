from __future__ import annotations

import re

import pytest

from edgesim.config.world import world
from edgesim.topology.handshakes import Handshake
from edgesim.topology.network import Link, Pop

LINK = Link("Tokyo-NRT", 0.01)


def test_a_pop_is_named_as_cloudfront_names_its_own() -> None:
    codes = [Pop().code, *(city.pop.code for city in world().edge_cities.values())]
    for code in codes:
        assert re.fullmatch(r"[A-Z]{3}\d+-[CP]\d", code), "x-amz-cf-pop, FRA56-P1"
    assert len(set(codes)) == len(codes) - 1, "the usual one is the map's in Frankfurt"


def test_a_link_costs_nothing_unless_it_says_so() -> None:
    assert Link("pop-regional").rtt_s == 0.0


TIMES = [
    (LINK, 0, 0.005, 0.005, "half a round trip each way"),
    (LINK, 10**6, 0.005, 0.005, "an open connection has a wide window"),
    (LINK.connecting(Handshake.TCP), 0, 0.015, 0.005, "SYN, SYN-ACK, request"),
    (LINK.connecting(Handshake.TLS_1_3), 0, 0.025, 0.005, "2 round trips and a half"),
    (LINK.connecting(Handshake.TLS_1_2), 0, 0.035, 0.005, "3 round trips and a half"),
    (LINK.connecting(Handshake.QUIC_EARLY_DATA), 0, 0.005, 0.005, "none at all"),
    (LINK.connecting(Handshake.QUIC_EARLY_DATA), 43_800, 0.015, 0.015, "and yet it starts slowly"),
    (LINK.connecting(Handshake.TCP), 100_000, 0.035, 0.025, "a body of three windows"),
]


@pytest.mark.parametrize(("link", "size_bytes", "request_s", "response_s", "why"), TIMES)
def test_times_over_a_link(
    link: Link, size_bytes: int, request_s: float, response_s: float, why: str
) -> None:
    assert link.request_s(size_bytes) == pytest.approx(request_s), why
    assert link.response_s(size_bytes) == pytest.approx(response_s), why


def test_time_to_first_byte_is_handshakes_and_one_round_trip() -> None:
    link = LINK.connecting(Handshake.TLS_1_2)
    assert link.request_s(0) + link.response_s(0) == pytest.approx(4 * LINK.rtt_s)

from __future__ import annotations

import pytest

from edgesim.topology.handshakes import Handshake, origin_handshake, viewer_handshake

ROUND_TRIPS = [
    (Handshake.TCP, 1, "SYN and SYN-ACK (RFC 9293 §3.5)"),
    (Handshake.TLS_1_2, 3, "two more (RFC 5246 §7.3)"),
    (Handshake.TLS_1_2_RESUMED, 2, "one more with a session ticket (RFC 5077)"),
    (Handshake.TLS_1_3, 2, "one more (RFC 8446 §2)"),
    (Handshake.TLS_1_3_RESUMED, 2, "a ticket saves no round trip without early data"),
    (Handshake.TLS_1_3_EARLY_DATA, 1, "0-RTT (RFC 8446 §2.3)"),
    (Handshake.QUIC, 1, "transport and TLS at once (RFC 9001 §4)"),
    (Handshake.QUIC_EARLY_DATA, 0, "0-RTT (RFC 9001 §4.6)"),
]


@pytest.mark.parametrize(("handshake", "round_trips", "why"), ROUND_TRIPS)
def test_round_trips_before_the_first_byte_of_a_request(
    handshake: Handshake, round_trips: int, why: str
) -> None:
    assert handshake.round_trips == round_trips, why


def test_there_is_a_row_for_every_one() -> None:
    assert {row[0] for row in ROUND_TRIPS} == set(Handshake)


def test_who_does_which() -> None:
    assert viewer_handshake("https") is Handshake.TLS_1_3
    assert viewer_handshake("http") is Handshake.TCP
    assert origin_handshake("https") is Handshake.TLS_1_2, "CloudFront has no 1.3 to origins"
    assert origin_handshake("http") is Handshake.TCP

"""What has to be said before the first byte of a request can be sent."""

from __future__ import annotations

from enum import StrEnum


class Handshake(StrEnum):
    """Ways to make a connection. `resumed` ones have met the server before (a session ticket)."""

    TCP = "tcp"
    TLS_1_2 = "tls1.2"
    TLS_1_2_RESUMED = "tls1.2-resumed"
    TLS_1_3 = "tls1.3"
    TLS_1_3_RESUMED = "tls1.3-resumed"
    TLS_1_3_EARLY_DATA = "tls1.3-early-data"
    QUIC = "quic"
    QUIC_EARLY_DATA = "quic-early-data"

    @property
    def round_trips(self) -> int:
        """Round trips, the TCP handshake included (RFC 9293, 5246, 8446, 9000)."""
        return ROUND_TRIPS[self]


ROUND_TRIPS = {
    Handshake.TCP: 1,
    Handshake.TLS_1_2: 3,
    Handshake.TLS_1_2_RESUMED: 2,
    Handshake.TLS_1_3: 2,
    Handshake.TLS_1_3_RESUMED: 2,  # a ticket spares the certificate, not the round trip
    Handshake.TLS_1_3_EARLY_DATA: 1,
    Handshake.QUIC: 1,
    Handshake.QUIC_EARLY_DATA: 0,
}


def viewer_handshake(scheme: str) -> Handshake:
    """What a browser does that has not been here before and speaks no HTTP/3."""
    return Handshake.TLS_1_3 if scheme == "https" else Handshake.TCP


def origin_handshake(protocol: str) -> Handshake:
    """CloudFront: "Minimum origin SSL protocol" ends with TLS 1.2."""
    return Handshake.TLS_1_2 if protocol == "https" else Handshake.TCP

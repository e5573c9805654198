"""How long a body takes over a new connection, which begins slowly."""

from __future__ import annotations

SEGMENT_BYTES = 1460
INITIAL_WINDOW_BYTES = 10 * SEGMENT_BYTES
"""Ten segments may be sent before the first is acknowledged (RFC 6928)."""


def extra_round_trips(size_bytes: int) -> int:
    """Round trips that slow start adds: the window doubles with each (RFC 5681 §3.1).

    Nothing is lost and the line is wide: a lower bound.
    """
    rounds, sent, window = 0, INITIAL_WINDOW_BYTES, INITIAL_WINDOW_BYTES
    while sent < size_bytes:
        window *= 2
        sent += window
        rounds += 1
    return rounds

from __future__ import annotations

import pytest

from edgesim.topology.transfer import extra_round_trips

WINDOWS = [
    (0, 0, "nothing to send"),
    (14_600, 0, "ten segments go at once (RFC 6928)"),
    (14_601, 1, "the next byte waits for an acknowledgement"),
    (43_800, 1, "14.6 and 29.2 KB"),
    (102_200, 2, "and 58.4"),
    (219_000, 3, "and 116.8"),
    (452_600, 4, "and 233.6"),
    (452_601, 5, "one more"),
    (1_000_000, 6, "a megabyte"),
]


@pytest.mark.parametrize(("size_bytes", "round_trips", "why"), WINDOWS)
def test_slow_start(size_bytes: int, round_trips: int, why: str) -> None:
    assert extra_round_trips(size_bytes) == round_trips, why

from __future__ import annotations

from edgesim.topology.durations import (
    CLOUDFRONT_FUNCTION,
    LAMBDA_COLD_START,
    LAMBDA_WARM,
    cold_start_s,
)


def test_a_cloudfront_function_is_done_within_a_millisecond() -> None:
    assert CLOUDFRONT_FUNCTION.at(1) < 0.001, "it has no more compute than that"


def test_a_warm_lambda_takes_two_to_ten_milliseconds() -> None:
    assert LAMBDA_WARM.at(0.1) >= 0.002
    assert LAMBDA_WARM.at(0.9) <= 0.010


def test_a_cold_start_takes_what_was_observed() -> None:
    assert 0.150 <= LAMBDA_COLD_START.median_s <= 0.250
    assert 0.600 <= LAMBDA_COLD_START.at(0.99) <= 1.0, "the slowest of 500 took 698 ms"


def test_a_larger_bundle_starts_later() -> None:
    assert (cold_start_s(0.5), cold_start_s(0.5, 5_000_000)) == (0.2, 0.3), "1 ms for each 50 KB"

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edgesim.report.histogram import EXACT, Histogram, bucket, middle_s

LATENCIES = st.floats(0, 3600, allow_subnormal=False)


@given(LATENCIES)
def test_a_bucket_is_within_a_thousandth(latency_s: float) -> None:
    off = abs(middle_s(bucket(latency_s)) - latency_s)
    assert off <= max(latency_s / 1000, 1e-6)


@given(LATENCIES, LATENCIES)
def test_buckets_are_in_the_order_of_their_latencies(one: float, other: float) -> None:
    assert (bucket(one) <= bucket(other)) == (one <= other) or bucket(one) == bucket(other)


def test_buckets_join_without_a_gap() -> None:
    values = [(EXACT << shift) + step for shift in range(8) for step in (-1, 0, 1)]
    indexes = [bucket((value + 0.5) / 1e6) for value in sorted(set(values))]
    assert indexes == sorted(indexes)
    assert bucket((EXACT - 0.5) / 1e6) + 1 == bucket((EXACT + 0.5) / 1e6)


@given(st.lists(LATENCIES, min_size=1, max_size=200), st.sampled_from([50, 90, 99, 99.9, 100]))
def test_percentiles_are_those_of_the_sorted_list(values: list[float], percent: float) -> None:
    histogram = Histogram()
    histogram.record(values)
    rank = max(0, -(-len(values) * percent // 100) - 1)
    expected = sorted(values)[int(rank)]
    assert abs(histogram.percentile(percent) - expected) <= max(expected / 1000, 1e-6)


@given(st.lists(LATENCIES), st.lists(LATENCIES))
def test_adding_is_counting_both(one: list[float], other: list[float]) -> None:
    both, first, second = Histogram(), Histogram(), Histogram()
    both.record([*one, *other])
    first.record(one)
    second.record(other)
    first.add(second)
    assert first.counts == both.counts
    assert first.count == len(one) + len(other)


def test_an_empty_one_is_all_zeros() -> None:
    empty = Histogram()
    assert (empty.count, empty.percentile(99), empty.mean_s(), empty.max_s()) == (0, 0, 0, 0)


def test_a_clock_that_went_back_counts_as_zero() -> None:
    assert bucket(-0.1) == 0

"""Bills that can be checked by hand against the price lists."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.pricing import (
    Costs,
    Usage,
    cloudfront_functions_usd,
    costs,
    lambda_edge_usd,
    lambda_usd,
)

MILLION = 1_000_000
BILLS = [
    # invocations, billed s, MB, Lambda@Edge, Lambda, CloudFront Functions, why
    (MILLION, 0.0, 128, 0.60, 0.20, 0.10, "the requests alone: the three prices of a million"),
    (0, 1.0, 128, 0.00000625125, 0.0000166667 / 8, 0.0, "a second with 128 MB, as it is quoted"),
    (0, 1.0, 1024, 0.00005001, 0.0000166667, 0.0, "a GB-second"),
    (10 * MILLION, 100_000.0, 128, 6.625125, 2.20833375, 1.0, "10 million of 10 ms each"),
    (3 * MILLION, 3_000.0, 512, 1.875015, 0.62500005, 0.3, "3 million of 1 ms with 512 MB"),
    (1, 0.147, 128, 0.6e-6 + 0.147 * 0.00000625125, 0.2e-6 + 0.147 * 0.0000166667 / 8, 1e-7,
     "one cold start"),
    (0, 0.0, 10_240, 0.0, 0.0, 0.0, "nothing"),
]  # fmt: skip


COLUMNS = ("invocations", "billed_s", "memory_mb", "edge", "region", "js", "why")


@pytest.mark.parametrize(COLUMNS, BILLS)
def test_bills(
    invocations: int,
    billed_s: float,
    memory_mb: int,
    edge: float,
    region: float,
    js: float,
    why: str,
) -> None:
    usage = Usage(invocations, billed_s, memory_mb)
    assert lambda_edge_usd(usage) == pytest.approx(edge, rel=1e-6), why
    assert lambda_usd(usage) == pytest.approx(region, rel=1e-6), why
    assert cloudfront_functions_usd(usage) == pytest.approx(js, rel=1e-6), why


def test_functions_are_billed_one_by_one_and_added() -> None:
    small, large = Usage(MILLION, 1_000.0, 128), Usage(MILLION, 1_000.0, 1024)
    together = costs([small, large])
    assert together.lambda_edge == pytest.approx(1.2 + 0.00625125 + 0.05001)
    assert together.lambda_ == pytest.approx(lambda_usd(small) + lambda_usd(large))
    assert together.cloudfront_functions == pytest.approx(0.2)
    assert costs([]) == Costs()

"""How long functions take in the simulated world, where no user's code is run.

CloudFront Functions: below a millisecond, without a cold start (AWS: "Differences between
CloudFront Functions and Lambda@Edge"). Lambda@Edge: warm 2 to 10 ms for little work; cold starts
by public reports (pauly4it/blog-post-edge-functions, 2022: slowest of 500 took 698 ms).
"""

from __future__ import annotations

from .quantiles import Quantiles

CLOUDFRONT_FUNCTION = Quantiles.of_ms([(0, 0.1), (50, 0.2), (100, 0.5)])
LAMBDA_WARM = Quantiles.of_ms([(0, 1.5), (10, 2), (50, 4), (90, 10), (99, 30), (100, 60)])
LAMBDA_COLD_START = Quantiles.of_ms(
    [(0, 90), (10, 130), (50, 200), (90, 370), (99, 750), (100, 1000)]
)
"""On top of the run itself."""

MS_PER_BUNDLE_BYTE = 1 / 50_000
"""A larger bundle starts later: about 1 ms for each 50 KB."""

KEPT_WARM_S = 900.0
"""How long an idle execution environment is kept: public observations say 5 to 45 minutes."""


def cold_start_s(share: float, bundle_bytes: int = 0) -> float:
    return round(LAMBDA_COLD_START.at(share) + bundle_bytes * MS_PER_BUNDLE_BYTE / 1000, 6)

"""What functions cost on AWS, in US dollars, by the public list prices of November 2026.

Amazon CloudFront pricing (Lambda@Edge, CloudFront Functions); AWS Lambda pricing (x86,
us-east-1, first tier). Without free tiers, which only a month as a whole can use up. A request
that a function answers is also paid for as a request, and its bytes as traffic; neither is here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MB_PER_GB = 1024
MILLION = 1_000_000

LAMBDA_EDGE_PER_MILLION = 0.60
LAMBDA_EDGE_PER_GB_S = 0.00005001
LAMBDA_PER_MILLION = 0.20
LAMBDA_PER_GB_S = 0.0000166667
CLOUDFRONT_FUNCTIONS_PER_MILLION = 0.10


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used of one function. `billed_s` is the sum of its billed durations."""

    invocations: int
    billed_s: float = 0.0
    memory_mb: int = 128

    @property
    def gb_s(self) -> float:
        return self.billed_s * self.memory_mb / MB_PER_GB


@dataclass(frozen=True, slots=True)
class Costs:
    """The same use, side by side, as if it had been each of the three."""

    lambda_edge: float = 0.0
    lambda_: float = 0.0
    """In a region, behind an origin of its own."""
    cloudfront_functions: float = 0.0
    """As far as the code could run there at all: no network, no body, under a millisecond."""

    def __add__(self, other: Costs) -> Costs:
        return Costs(
            self.lambda_edge + other.lambda_edge,
            self.lambda_ + other.lambda_,
            self.cloudfront_functions + other.cloudfront_functions,
        )


def lambda_edge_usd(usage: Usage) -> float:
    """Each trigger counts as an invocation; each millisecond that began is paid for."""
    requests = usage.invocations / MILLION * LAMBDA_EDGE_PER_MILLION
    return requests + usage.gb_s * LAMBDA_EDGE_PER_GB_S


def lambda_usd(usage: Usage) -> float:
    requests = usage.invocations / MILLION * LAMBDA_PER_MILLION
    return requests + usage.gb_s * LAMBDA_PER_GB_S


def cloudfront_functions_usd(usage: Usage) -> float:
    """Their time is not billed."""
    return usage.invocations / MILLION * CLOUDFRONT_FUNCTIONS_PER_MILLION


def costs(usages: Iterable[Usage]) -> Costs:
    """What all of them cost together."""
    each = (
        Costs(lambda_edge_usd(one), lambda_usd(one), cloudfront_functions_usd(one))
        for one in usages
    )
    return sum(each, Costs())

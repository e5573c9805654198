"""What traffic costs on AWS, in US dollars, by the public list prices of November 2026.

Amazon CloudFront pricing: transfer to viewers and requests, by the group of countries in which
the edge location is. What the always-free allowance, a flat-rate plan or a contract takes off is
not here, and an AWS origin's bytes to CloudFront are free. `pricing.py` has the functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

GB = 1024**3
TB_IN_GB = 1024

TIERS_GB = (10 * TB_IN_GB, 40 * TB_IN_GB, 100 * TB_IN_GB, 350 * TB_IN_GB, 524 * TB_IN_GB,
            4096 * TB_IN_GB, inf)  # fmt: skip
"""How much of a month's transfer each of the prices is for, in turn."""


@dataclass(frozen=True, slots=True)
class Group:
    """Countries that share their prices."""

    name: str
    countries: frozenset[str]
    """Two letters; none for the group of those that no other names."""
    per_gb: tuple[float, ...]
    """By `TIERS_GB`."""
    per_10k_http: float
    per_10k_https: float


def _group(name: str, countries: str, per_gb: str, http: float, https: float) -> Group:
    prices = tuple(map(float, per_gb.split()))
    return Group(name, frozenset(countries.split()), prices, http, https)


NORTH_AMERICA = _group(
    "United States, Mexico, Canada", "US MX CA", ".085 .080 .060 .040 .030 .025 .020", .0075, .0100
)  # fmt: skip
EUROPE = _group(
    "Europe, Israel, Türkiye",
    "AT BE BG CH CZ DE DK ES FI FR GB GR HR HU IE IL IT NL NO PL PT RO SE TR",
    ".085 .080 .060 .040 .030 .025 .020", .0090, .0120,
)  # fmt: skip
GROUPS = (
    NORTH_AMERICA,
    EUROPE,
    _group("Africa, Middle East", "ZA KE NG EG AE BH OM QA SA",
           ".110 .105 .090 .080 .060 .050 .040", .0090, .0120),
    _group("South America", "AR BR CL CO PE",
           ".110 .105 .090 .080 .060 .050 .040", .0160, .0220),
    _group("Japan", "JP", ".114 .089 .086 .084 .080 .070 .060", .0090, .0120),
    _group("Australia, New Zealand", "AU NZ",
           ".114 .098 .094 .092 .090 .085 .080", .0090, .0125),
    _group("Asia Pacific", "HK ID PH SG KR TW TH MY VN",
           ".120 .100 .095 .090 .080 .070 .060", .0090, .0120),
    _group("India", "IN", ".109 .085 .082 .080 .078 .075 .072", .0090, .0120),
)  # fmt: skip

REGION_PER_GB = {
    "us": .090, "ca": .090, "eu": .090, "ap-northeast-1": .114, "ap-northeast-2": .126,
    "ap-northeast-3": .114, "ap-southeast-1": .120, "ap-southeast-2": .114, "ap-south-1": .1093,
    "sa-east-1": .150, "af-south-1": .154, "me-south-1": .117, "me-central-1": .110,
    "il-central-1": .110, "ap-east-1": .120,
}  # fmt: skip
"""Transfer from a region to the internet, first tier (Amazon EC2: on-demand pricing, data
transfer), by its code or by what that begins with. Not among the figures that were checked."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What came through the edge locations of one country in a month."""

    country: str
    requests: float
    sent_bytes: float
    is_https: bool = True


def group_of(country: str) -> Group:
    """Raises `KeyError` for a country without an edge location."""
    for group in GROUPS:
        if country in group.countries:
            return group
    raise KeyError(country)


def transfer_usd(group: Group, sent_bytes: float) -> float:
    """A month's transfer to viewers from all edge locations of `group`."""
    left, cost = sent_bytes / GB, 0.0
    for price, tier in zip(group.per_gb, TIERS_GB, strict=True):
        cost += price * min(left, tier)
        left -= min(left, tier)
    return cost


def edge_usd(month: Iterable[Traffic]) -> tuple[float, float]:
    """Transfer and requests of a month through CloudFront."""
    bytes_by_group: dict[str, float] = {}
    requests_usd = 0.0
    for traffic in month:
        group = group_of(traffic.country)
        price = group.per_10k_https if traffic.is_https else group.per_10k_http
        requests_usd += traffic.requests / 10_000 * price
        bytes_by_group[group.name] = bytes_by_group.get(group.name, 0.0) + traffic.sent_bytes
    transfer = sum(transfer_usd(group, bytes_by_group.get(group.name, 0.0)) for group in GROUPS)
    return transfer, requests_usd


def shield_usd(country: str, requests: float) -> float:
    """Requests to Origin Shield in a region of `country`: each as one by HTTP there."""
    return requests / 10_000 * group_of(country).per_10k_http


def region_usd(region: str, sent_bytes: float) -> float | None:
    """Transfer from `region` to viewers without a CDN; None where the price is not known."""
    price = REGION_PER_GB.get(region, REGION_PER_GB.get(region.partition("-")[0]))
    return None if price is None else sent_bytes / GB * price

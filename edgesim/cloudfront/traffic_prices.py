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

REGION_TIERS_GB = (10 * TB_IN_GB, 40 * TB_IN_GB, 100 * TB_IN_GB, inf)

_REGIONS = """
.0900 .0850 .0700 .0500  us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1
.0900 .0850 .0700 .0500  eu-central-1 eu-north-1 eu-south-1 eu-west-1 eu-west-2 eu-west-3
.1550 .1150 .0900 .0650  us-gov-east-1 us-gov-west-1
.1500 .1380 .1260 .1140  sa-east-1
.1540 .1470 .1260 .1120  af-south-1
.1170 .1105 .0910 .0650  me-south-1
.1100 .0850 .0770 .0550  il-central-1
.1093 .0850 .0820 .0800  ap-south-1 ap-south-2
.1140 .0890 .0860 .0840  ap-northeast-1 ap-northeast-3
.1260 .1220 .1170 .1080  ap-northeast-2
.1200 .0850 .0820 .0800  ap-east-1 ap-southeast-1
.1140 .0980 .0940 .0920  ap-southeast-2
.1080 .0765 .0738 .0720  ap-southeast-5
"""
REGION_PER_GB: dict[str, tuple[float, ...]] = {
    region: tuple(map(float, line.split()[:4]))
    for line in _REGIONS.strip().splitlines()
    for region in line.split()[4:]
}
"""Transfer from a region to the internet, by `REGION_TIERS_GB`. Copies of AWS's price list, not
AWS's pages: Infracost's test of `aws_data_transfer` has all of it (with ap-southeast-5, so of 2024
or later), Skyplane's `aws_transfer_costs.csv` the same for the first 10 TB. A region that neither
has is not here."""


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
    return _tiered_usd(group.per_gb, TIERS_GB, sent_bytes)


def _tiered_usd(per_gb: Iterable[float], tiers_gb: Iterable[float], sent_bytes: float) -> float:
    left, cost = sent_bytes / GB, 0.0
    for price, tier in zip(per_gb, tiers_gb, strict=True):
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
    """Requests to Origin Shield in a region of `country`, each at the price of one by HTTP there.

    The two are equal in Infracost's test of `aws_cloudfront_distribution`, a copy of the list.
    """
    return requests / 10_000 * group_of(country).per_10k_http


def region_usd(region: str, sent_bytes: float) -> float | None:
    """A month's transfer from `region` to viewers without a CDN; None if its price is not known."""
    per_gb = REGION_PER_GB.get(region)
    return None if per_gb is None else _tiered_usd(per_gb, REGION_TIERS_GB, sent_bytes)

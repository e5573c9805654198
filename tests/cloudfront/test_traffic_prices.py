"""Bills that can be checked by hand against the price lists."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.traffic_prices import (
    EUROPE,
    GB,
    GROUPS,
    NORTH_AMERICA,
    REGION_PER_GB,
    Traffic,
    edge_usd,
    group_of,
    region_usd,
    shield_usd,
    transfer_usd,
)
from edgesim.config.world import world

TB = 1024 * GB
TRANSFERS = [
    (NORTH_AMERICA, 0, 0.0, "nothing"),
    (NORTH_AMERICA, 100 * GB, 8.5, "within the first tier"),
    (EUROPE, 10 * TB, 870.4, "all of the first tier"),
    (EUROPE, 11 * TB, 870.4 + 1024 * 0.08, "the second one costs less"),
    (group_of("IN"), GB, 0.109, "India"),
    (group_of("BR"), GB, 0.110, "South America"),
    (NORTH_AMERICA, 6000 * TB, (10 * .085 + 40 * .08 + 100 * .06 + 350 * .04 + 524 * .03
                                + 4096 * .025 + 880 * .02) * 1024, "every tier"),
]  # fmt: skip


@pytest.mark.parametrize(("group", "sent_bytes", "usd", "why"), TRANSFERS)
def test_transfer(group: object, sent_bytes: int, usd: float, why: str) -> None:
    assert transfer_usd(group, sent_bytes) == pytest.approx(usd), why  # type: ignore[arg-type]


def test_countries_of_a_group_share_its_tiers() -> None:
    apart = [Traffic("DE", 10_000, 6 * TB), Traffic("FR", 20_000, 6 * TB, is_https=False)]
    transfer, requests = edge_usd(apart)
    assert transfer == pytest.approx(transfer_usd(EUROPE, 12 * TB))
    assert requests == pytest.approx(0.0120 + 2 * 0.0090)


def test_every_edge_location_has_its_price() -> None:
    for city in world().edge_cities.values():
        if city.price_class != "cn":
            assert group_of(city.country) in GROUPS, city.code


def test_origin_shield_and_regions() -> None:
    assert shield_usd("US", 20_000) == pytest.approx(0.015)
    assert region_usd("eu-central-1", 100 * GB) == pytest.approx(9)
    assert region_usd("sa-east-1", GB) == pytest.approx(0.15)
    assert region_usd("us-gov-east-1", GB) == pytest.approx(0.155), "not that of us-east-1"
    assert region_usd("af-south-1", 60 * TB) == pytest.approx(1576.96 + 6021.12 + 10 * 1024 * 0.126)
    assert region_usd("us-east-1", 151 * TB) == pytest.approx(921.6 + 3481.6 + 7168 + 1024 * 0.05)


@pytest.mark.parametrize("region", ["ap-southeast-7", "eu-south-2", "me-central-1", "cn-north-1"])
def test_a_price_that_is_not_known_is_not_guessed(region: str) -> None:
    assert region_usd(region, GB) is None


def test_regions_with_prices_are_on_the_map() -> None:
    assert set(REGION_PER_GB) <= set(world().regions)
    assert all(list(tiers) == sorted(tiers, reverse=True) for tiers in REGION_PER_GB.values())

from __future__ import annotations

from collections import Counter

import pytest

from edgesim.cloudfront.distribution import PriceClass
from edgesim.cloudfront.origin import SHIELD_REGIONS
from edgesim.config.world import world
from edgesim.errors import ConfigError

WORLD = world()


def test_every_region_is_on_the_map() -> None:
    partitions = Counter(region.partition for region in WORLD.regions.values())
    assert partitions == {"aws": 34, "aws-us-gov": 2, "aws-cn": 2, "aws-eusc": 1}


def test_origin_shield_and_regional_caches_are_where_the_guide_has_them() -> None:
    caches = {region.code for region in WORLD.regions.values() if region.has_regional_cache}
    shields = {region.code for region in WORLD.regions.values() if region.offers_shield}
    assert shields == SHIELD_REGIONS
    assert caches == shields | {"us-west-1"}, "Shield is offered where there is a regional cache"


def test_there_are_more_than_a_hundred_edge_cities_in_their_price_classes() -> None:
    classes = Counter(city.price_class for city in WORLD.edge_cities.values())
    assert classes == {"100": 60, "200": 31, "all": 12, "cn": 4}


PRICE_CLASSES = [
    ("FRA", 100, "Europe"),
    ("TLV", 100, "Israel"),
    ("QRO", 100, "Mexico"),
    ("NRT", 200, "Japan"),
    ("BOM", 200, "India"),
    ("CPT", 200, "South Africa"),
    ("DXB", 200, "the Middle East"),
    ("HKG", 200, "Hong Kong"),
    ("GRU", 300, "South America"),
    ("SYD", 300, "Australia"),
    ("PEK", 400, "China is another partition"),
]


@pytest.mark.parametrize(("code", "least", "why"), PRICE_CLASSES)
def test_price_classes(code: str, least: int, why: str) -> None:
    """CloudFront: "Choosing the price class"."""
    city = WORLD.edge_cities[code]
    assert [city.serves(one) for one in PriceClass] == [least <= n for n in (100, 200, 300)], why


def test_viewers_are_where_people_are() -> None:
    cities = WORLD.viewer_cities.values()
    assert len(cities) == 50
    assert sum(city.weight for city in cities) == pytest.approx(100, abs=0.5)
    assert max(cities, key=lambda city: city.weight).name == "Shanghai"
    for city in cities:
        place = city.place
        assert len(place.country) == 2
        assert place.country_name
        assert "/" in place.time_zone
        assert place.asn.isdigit()
        assert (place.latitude, place.longitude) == (
            city.site.point.latitude,
            city.site.point.longitude,
        )


NAMES = [
    ("Tokyo", "Tokyo", "as it is"),
    ("tokyo", "Tokyo", "case does not matter"),
    ("Sao Paulo", "São Paulo", "nor do accents"),
    ("new york", "New York City", "and a name may end after a word"),
    ("Frankfurt", "Frankfurt am Main", "as here"),
    ("us-east-1", "Ashburn", "a machine in a region"),
    ("Nashville", "Nashville", "a city of edge locations"),
    ("BNA", "Nashville", "or its code"),
]


@pytest.mark.parametrize(("name", "city", "why"), NAMES)
def test_where_a_viewer_is(name: str, city: str, why: str) -> None:
    assert WORLD.viewer(name).name == city, why


def test_a_machine_in_a_region_has_no_last_mile() -> None:
    machine = WORLD.viewer("eu-central-1")
    assert (machine.access, machine.region) == ("none", "eu-central-1")
    assert (machine.place.country, machine.place.country_name) == ("DE", "Germany")


UNKNOWN = [
    ("viewer", "Tokio", "no city is named 'Tokio'", "did you mean 'Tokyo'?"),
    ("edge_city", "NRTT", "no edge location is named 'NRTT'", "did you mean 'NRT'?"),
    ("region", "us-east-9", "no region is named 'us-east-9'", "did you mean 'us-east-"),
]


@pytest.mark.parametrize(("look_up", "name", "what", "hint"), UNKNOWN)
def test_a_name_that_is_on_no_map(look_up: str, name: str, what: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        getattr(WORLD, look_up)(name, "--viewer")
    assert (caught.value.what, caught.value.where) == (what, "--viewer")
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize("name", ["NRT", "nrt", "Tokyo", "NRT84-P3", "ap-northeast-1", "Lagos"])
def test_a_site_is_whatever_is_called_so(name: str) -> None:
    codes = {"ap-northeast-1": "ap-northeast-1", "Lagos": "LOS"}
    assert WORLD.site(name).name == codes.get(name, "NRT")


def test_a_link_is_named_for_its_ends() -> None:
    link = WORLD.link(WORLD.site("NRT"), WORLD.site("us-east-1"))
    assert link.name == "NRT-us-east-1"
    assert 0.148 < link.rtt_s < 0.153, "as far as the region in Tokyo is: 149 ms"

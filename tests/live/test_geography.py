"""Places from addresses, with databases such as people get from MaxMind and others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from edgesim.config.deployment import Geo
from edgesim.errors import ConfigError
from edgesim.http.message import Viewer, ViewerPlace
from edgesim.live.geography import Geography

CITY = {
    "city": {"names": {"en": "Berlin", "de": "Berlin"}},
    "country": {"iso_code": "DE", "names": {"en": "Germany", "de": "Deutschland"}},
    "subdivisions": [{"iso_code": "BE", "names": {"en": "State of Berlin"}}],
    "postal": {"code": "10115"},
    "location": {"latitude": 52.5, "longitude": 13.4, "time_zone": "Europe/Berlin"},
}
BERLIN = ViewerPlace(
    "Berlin", "DE", "Germany", "BE", "State of Berlin", "10115", 52.5, 13.4, "Europe/Berlin"
)
HOME = ViewerPlace("", "FR")


def database(path: Path, records: dict[str, Any], **settings: Any) -> str:
    writer = MMDBWriter(**settings)
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return str(path)


@pytest.fixture
def geography(tmp_path: Path) -> Iterator[Geography]:
    city = database(
        tmp_path / "city.mmdb",
        {"203.0.113.0/24": CITY, "2001:db8::/32": CITY},
        ip_version=6,
        ipv4_compatible=True,
    )
    asn = database(tmp_path / "asn.mmdb", {"203.0.113.0/25": {"autonomous_system_number": 64496}})
    flat = database(tmp_path / "flat.mmdb", {"198.51.100.0/24": {"country_code": "JP"}})
    found = Geography(Geo((city, asn, flat), HOME))
    yield found
    found.close()


ADDRESSES = [
    ("203.0.113.200", BERLIN, "from a database of cities"),
    ("2001:db8::1", BERLIN, "IPv6; a database of IPv4 alone has no say"),
    ("198.51.100.9", ViewerPlace("", "JP"), "from a flat database of countries"),
    ("127.0.0.1", HOME, "this machine is on no map"),
    ("192.0.2.1", HOME, "nor is every address"),
    ("", HOME, "nor is what is none"),
]


@pytest.mark.parametrize(("ip", "place", "why"), ADDRESSES)
def test_an_address_is_a_place(geography: Geography, ip: str, place: ViewerPlace, why: str) -> None:
    for _ in range(2):  # looked up, and remembered
        assert geography.placed(Viewer(ip)).place == place, why


def test_databases_complete_each_other(geography: Geography) -> None:
    place = geography.placed(Viewer("203.0.113.7")).place
    assert place is not None
    assert (place.city, place.asn) == ("Berlin", "64496")


def test_who_is_placed_already_stays(geography: Geography) -> None:
    tokyo = ViewerPlace("Tokyo", "JP")
    assert geography.placed(Viewer("203.0.113.7", place=tokyo)).place is tokyo


def test_without_anything_nobody_is_anywhere() -> None:
    viewer = Viewer("203.0.113.7")
    assert Geography(Geo()).placed(viewer) is viewer


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(b"no database")
    with pytest.raises(ConfigError, match="this is no geographic database"):
        Geography(Geo((str(tmp_path / "x.mmdb"),)))

"""Where a viewer is: from its address, by databases in MaxMind's format, or by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from lru import LRU

from ..config.deployment import Geo
from ..errors import ConfigError
from ..http.message import Viewer, ViewerPlace

if TYPE_CHECKING:
    from maxminddb import Reader

REMEMBERED = 4096
"""Addresses whose places are kept at hand."""


class Geography:
    """The databases of one deployment, open until `close()`."""

    def __init__(self, geo: Geo) -> None:
        self._default = geo.default
        self._known: LRU[str, ViewerPlace | None] = LRU(REMEMBERED)
        self._readers: list[Reader] = []
        for name in geo.databases:
            self._readers.append(_opened(name))

    def placed(self, viewer: Viewer) -> Viewer:
        """`viewer` with its place; one that somebody has placed already stays where it is."""
        if viewer.place is not None:
            return viewer
        if not self._readers:
            return viewer if self._default is None else replace(viewer, place=self._default)
        if viewer.ip not in self._known:
            self._known[viewer.ip] = self._place_of(viewer.ip)
        place = self._known[viewer.ip]
        return viewer if place is None else replace(viewer, place=place)

    def close(self) -> None:
        for reader in self._readers:
            reader.close()

    def _place_of(self, ip: str) -> ViewerPlace | None:
        try:
            address = ip_address(ip.partition("%")[0])
        except ValueError:
            return self._default
        found: dict[str, Any] = {}
        for reader in self._readers:
            if address.version > reader.metadata().ip_version and address.version == 6:
                continue  # a database of IPv4 networks alone
            record = reader.get(address)
            if isinstance(record, Mapping):
                found |= {name: value for name, value in _fields(record).items() if value}
        return ViewerPlace(**{"city": "", "country": ""} | found) if found else self._default


def _opened(name: str) -> Reader:
    import maxminddb  # noqa: PLC0415 - an extra

    try:
        return maxminddb.open_database(name)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        hint = "a .mmdb file, such as GeoLite2-City.mmdb"
        raise ConfigError(
            f"this is no geographic database: {error}", where=name, hint=hint
        ) from None


def _fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says of a place, as the databases of MaxMind and of its imitators spell it."""
    country, city = _table(record, "country"), _table(record, "city")
    location, postal = _table(record, "location"), _table(record, "postal")
    subdivisions = record.get("subdivisions")
    region = subdivisions[0] if isinstance(subdivisions, list) and subdivisions else {}
    number = record.get("autonomous_system_number") or record.get("asn")
    return {
        "city": _english(city) or _text(record.get("city")),
        "country": _text(country.get("iso_code")) or _text(record.get("country_code")),
        "country_name": _english(country),
        "region": _text(region.get("iso_code")),
        "region_name": _english(region),
        "postal_code": _text(postal.get("code")),
        "latitude": float(location.get("latitude") or 0),
        "longitude": float(location.get("longitude") or 0),
        "time_zone": _text(location.get("time_zone")),
        "metro_code": str(location.get("metro_code") or ""),
        "asn": str(number or "").removeprefix("AS"),
    }


def _table(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = record.get(key)
    return value if isinstance(value, Mapping) else {}


def _english(table: Mapping[str, Any]) -> str:
    return _text(_table(table, "names").get("en"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

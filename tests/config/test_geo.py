"""Golden table: how a viewer's address becomes a place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.config.deployment import Deployment, Geo
from edgesim.http.message import ViewerPlace

from .conftest import GOOD

PLACES = [
    ("", Geo(), "nobody is anywhere"),
    ('default_country = "DE"', Geo(default=ViewerPlace("", "DE")), "a country"),
    (
        'default_place = { country = "DE", city = "Berlin", latitude = 52.5 }',
        Geo(default=ViewerPlace("Berlin", "DE", latitude=52.5)),
        "a whole place",
    ),
]


@pytest.mark.parametrize(("text", "expected", "why"), PLACES)
def test_places(text: str, expected: Geo, why: str, resolved: Callable[[str], Deployment]) -> None:
    assert resolved(f"{GOOD}[geo]\n{text}").geo == expected, why


def test_databases_are_beside_the_file(
    resolved: Callable[[str], Deployment], project: Path
) -> None:
    (project / "city.mmdb").write_bytes(b"")
    deployment = resolved(f'{GOOD}[geo]\ndatabases = ["city.mmdb"]')
    assert deployment.geo.databases == (str(project / "city.mmdb"),)


MISTAKES = [
    (
        'databases = ["city.mmdb"]',
        "databases",
        "there is no file 'city.mmdb'",
        "a .mmdb file, such as GeoLite2-City.mmdb; paths are relative to this file",
    ),
    (
        'default_country = "Germany"',
        "default_country",
        "'Germany' is no country",
        "two capital letters as in ISO 3166-1, such as DE",
    ),
    (
        'default_country = "DE"\ndefault_place = { country = "DE" }',
        "default_country",
        "default_place says the country already",
        "leave default_country out",
    ),
]


@pytest.mark.parametrize(("text", "key", "what", "hint"), MISTAKES)
def test_a_mistake(
    text: str, key: str, what: str, hint: str, refused: Callable[[str], str]
) -> None:
    said = f"edgesim.toml:14: geo.{key}: {what}\n  hint: {hint}"
    assert refused(f"{GOOD}[geo]\n{text}") == said

"""Golden table: keys, key groups and countries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.cloudfront.geo_restriction import GeoRestriction
from edgesim.config.deployment import Deployment
from tests.cloudfront.signing import ec_key, pem, rsa_key

from .conftest import GOOD

KEY = '[public_keys.K1]\nfile = "k1.pem"\n'
GROUP = '[key_groups.g]\nkeys = ["K1"]\n'
GEO = "[distribution]\ngeo_restriction = "


@pytest.fixture(autouse=True)
def keys(project: Path) -> None:
    (project / "k1.pem").write_bytes(pem(rsa_key()))
    (project / "long.pem").write_bytes(pem(rsa_key(3072)))


def test_a_behavior_trusts_groups_of_keys(
    resolved: Callable[[str], Deployment], project: Path
) -> None:
    inline = pem(ec_key()).decode()
    more = f'[public_keys.two]\nid = "K2"\npem = """{inline}"""\n'
    both = '[key_groups.g]\nkeys = ["K1", "two"]\n'
    deployment = resolved(f'{GOOD}trusted_key_groups = ["g"]\n{KEY}{more}{both}')
    (trusted,) = deployment.distribution.behaviors[-1].trusted_key_groups
    assert [key.id for key in trusted.keys] == ["K1", "K2"]
    assert trusted.keys[1].pem == inline.encode()
    assert project / "k1.pem" in deployment.watched


def test_countries(resolved: Callable[[str], Deployment]) -> None:
    rows = [
        ('{ allow = ["DE", "AT"] }', GeoRestriction(frozenset({"DE", "AT"}), allows=True)),
        ('{ block = ["US"] }', GeoRestriction(frozenset({"US"}), allows=False)),
    ]
    for text, expected in rows:
        assert resolved(GOOD + GEO + text).distribution.geo_restriction == expected


def test_what_else_a_distribution_says(resolved: Callable[[str], Deployment]) -> None:
    text = 'enabled = false\npublic_url = "https://media.example.com/"'
    distribution = resolved(f"{GOOD}[distribution]\n{text}").distribution
    assert not distribution.enabled
    assert distribution.public_url == "https://media.example.com"


MISTAKES = [
    (
        'trusted_key_groups = ["f"]\n' + KEY + GROUP,
        "13: default_behavior.trusted_key_groups",
        "no key group is named 'f'",
        "known: g",
    ),
    (
        KEY + '[key_groups.g]\nkeys = ["K2"]',
        "16: key_groups.g.keys",
        "no public key is named 'K2'",
        "known: K1",
    ),
    (
        KEY + "[key_groups.g]\nkeys = []",
        "16: key_groups.g.keys",
        "it has no key",
        "the names of one to five [public_keys.NAME]",
    ),
    (
        "[public_keys.K1]",
        "13: public_keys.K1",
        "nothing says what the key is",
        'give exactly one of them, such as file = "public.pem"',
    ),
    (
        '[public_keys.K1]\nfile = "k2.pem"',
        "14: public_keys.K1.file",
        "'k2.pem' cannot be read: No such file or directory",
        "paths are relative to the file they stand in",
    ),
    (
        '[public_keys.K1]\nfile = "js.js"',
        "14: public_keys.K1.file",
        "this is no public key in PEM form",
        'it begins with "-----BEGIN PUBLIC KEY-----"',
    ),
    (
        '[public_keys.K1]\nfile = "long.pem"',
        "14: public_keys.K1.file",
        (
            "CloudFront takes RSA keys of 2,048 bits and ECDSA keys on P-256; "
            "this is RSA with 3,072 bits"
        ),
        "openssl genrsa -out private.pem 2048",
    ),
    (
        GEO + "{}",
        "14: distribution.geo_restriction",
        "it has neither allow nor block",
        'give one: { allow = ["DE", "AT"] } or { block = ["US"] }',
    ),
    (
        GEO + '{ allow = ["DE"], block = ["US"] }',
        "14: distribution.geo_restriction",
        "it has allow and block",
        'give one: { allow = ["DE", "AT"] } or { block = ["US"] }',
    ),
    (
        GEO + '{ allow = ["de"] }',
        "14: distribution.geo_restriction",
        "'de' is no country",
        "did you mean 'DE'?",
    ),
    (
        GEO + '{ allow = ["Germany"] }',
        "14: distribution.geo_restriction",
        "'Germany' is no country",
        "two capital letters as in ISO 3166-1, such as DE",
    ),
    (
        GEO + "{ block = [] }",
        "14: distribution.geo_restriction",
        "it lists no country",
        "leave geo_restriction out to serve every country",
    ),
    (
        '[distribution]\npublic_url = "media.example.com"',
        "14: distribution.public_url",
        "'media.example.com' is no such URL",
        'scheme and host of production: "https://media.example.com"',
    ),
    (
        '[distribution]\npublic_url = "https://media.example.com/a"',
        "14: distribution.public_url",
        "'https://media.example.com/a' is no such URL",
        'scheme and host of production: "https://media.example.com"',
    ),
]


@pytest.mark.parametrize(("added", "where", "what", "hint"), MISTAKES)
def test_a_mistake(
    added: str, where: str, what: str, hint: str, refused: Callable[[str], str]
) -> None:
    assert refused(GOOD + added) == f"edgesim.toml:{where}: {what}\n  hint: {hint}"

"""TrustedSigners: accounts whose keys are in no template, as there were before key groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.cli.options import given
from edgesim.config.templates.given import Given
from edgesim.errors import ConfigError
from tests.cloudfront.signing import ec_key, pem, rsa_key

from .conftest import CDN, Loaded, Refused

TEXT = f"Resources:\n{CDN}          TrustedSigners: [self, '123456789012']\n"
GROUP = """\
          TrustedKeyGroups: [!Ref Group]
  Group:
    Type: AWS::CloudFront::KeyGroup
    Properties: {KeyGroupConfig: {Name: g, Items: [!Ref Key]}}
  Key:
    Type: AWS::CloudFront::PublicKey
    Properties:
      PublicKeyConfig:
        Name: k
        EncodedKey: |
"""


@pytest.fixture
def signers(tmp_path: Path) -> Given:
    (tmp_path / "own.pem").write_bytes(pem(rsa_key()))
    (tmp_path / "other.pem").write_bytes(pem(ec_key()))
    own, other = str(tmp_path / "own.pem"), str(tmp_path / "other.pem")
    return Given(signers={"self": {"APKA1": own, "APKA2": own}, "123456789012": {"APKA3": other}})


def test_accounts_are_groups_of_the_keys_that_are_given(loaded: Loaded, signers: Given) -> None:
    deployment = loaded(TEXT, signers)
    groups = deployment.distribution.behaviors[-1].trusted_key_groups
    assert [(one.name, [key.id for key in one.keys]) for one in groups] == [
        ("signer self", ["APKA1", "APKA2"]),
        ("signer 123456789012", ["APKA3"]),
    ]
    assert Path(signers.signers["self"]["APKA1"]) in deployment.watched


def test_a_key_group_beside_them_is_trusted_too(loaded: Loaded, signers: Given) -> None:
    key = "".join(f"          {line}\n" for line in pem(rsa_key()).decode().splitlines())
    groups = loaded(TEXT + GROUP + key, signers).distribution.behaviors[-1].trusted_key_groups
    assert [one.name for one in groups] == ["Group", "signer self", "signer 123456789012"]


def test_a_key_that_is_none(refused: Refused, signers: Given, tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_text("no key")
    said = refused(TEXT, signers)
    assert "template.yaml:15: Resources.Cdn" in said
    assert "TrustedSigners[0]" in said


REFUSED = [
    ("[self]", Given(), "template has no keys of the signer self\n  hint: say which: --set-signer"),
    ("[me]", Given(), "'me' is no account"),
    ("[]", Given(signers={"self": {"K": "k.pem"}}), "no behavior trusts the signer 'self'"),
]


@pytest.mark.parametrize(("accounts", "told", "said"), REFUSED)
def test_what_is_refused(accounts: str, told: Given, said: str, refused: Refused) -> None:
    assert said in refused(TEXT.replace("[self, '123456789012']", accounts), told)


def test_going_on_without_them(loaded: Loaded) -> None:
    deployment = loaded(TEXT, Given(without=frozenset({"TrustedSigners"})))
    assert deployment.distribution.behaviors[-1].trusted_key_groups == ()
    assert any("anybody is let in" in note.text for note in deployment.notes)


def test_the_option() -> None:
    keys = ["self=APKA1:a.pem", "self=APKA2:b:c.pem", "1=K:d.pem"]
    told = given(None, None, None, None, None, "", keys)
    assert told.signers == {"self": {"APKA1": "a.pem", "APKA2": "b:c.pem"}, "1": {"K": "d.pem"}}
    for wrong in ("self", "self=APKA1", "=K:f", "self=:f", "self=K:"):
        with pytest.raises(ConfigError, match="is no key of a signer"):
            given(None, None, None, None, None, "", [wrong])

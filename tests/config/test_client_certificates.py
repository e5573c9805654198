"""Golden table: the certificate that an origin is shown, in a file and in a template."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from edgesim.config.deployment import Deployment, NoteKind
from edgesim.config.templates.given import Given
from edgesim.config.templates.load import load
from edgesim.errors import ConfigError

from .conftest import GOOD

SECURE = GOOD.replace("http://127", "https://127")
TEMPLATE = """\
Resources:
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: app
            DomainName: app.example.com
            CustomOriginConfig:
              OriginProtocolPolicy: https-only
              OriginMtlsConfig:
                ClientCertificateArn: arn:aws:acm:us-east-1:123456789012:certificate/1
        DefaultCacheBehavior:
          TargetOriginId: app
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
"""
PLACE = {"app": "https://localhost:3000"}


@pytest.fixture(autouse=True)
def certificate(project: Path) -> Path:
    made = trustme.CA().issue_cert("edge.example.test")
    made.private_key_and_cert_chain_pem.write_to_path(str(project / "edge.pem"))
    made.cert_chain_pems[0].write_to_path(str(project / "bare.pem"))
    (project / "template.yaml").write_text(TEMPLATE)
    return project / "edge.pem"


def with_certificate(text: str, file: str) -> str:
    return text.replace("[functions.py]", f'client_certificate = "{file}"\n[functions.py]')


def test_a_file_with_certificate_and_key(
    resolved: Callable[[str], Deployment], certificate: Path
) -> None:
    deployment = resolved(with_certificate(SECURE, "edge.pem"))
    assert deployment.origins[0].client_certificate == str(certificate)
    assert [note for note in deployment.notes if "certificate" in note.where] == []


def test_by_plain_http_it_is_shown_to_nobody(resolved: Callable[[str], Deployment]) -> None:
    (note,) = (
        one for one in resolved(with_certificate(GOOD, "edge.pem")).notes if "plain" in one.text
    )
    assert (note.kind, note.where) == (
        NoteKind.WARNING,
        "edgesim.toml:3: origins.app.client_certificate",
    )


@pytest.mark.parametrize(
    ("file", "why"), [("none.pem", "there is none"), ("bare.pem", ""), ("js.js", "")]
)
def test_files_that_will_not_do(refused: Callable[[str], str], file: str, why: str) -> None:
    said = refused(with_certificate(SECURE, file))
    assert f"edgesim.toml:3: origins.app.client_certificate: '{file}' is no file" in said
    assert why in said
    assert "hint: PEM form" in said


def test_the_certificate_of_a_template_is_given(certificate: Path) -> None:
    given = Given(origins=PLACE, certificates={"app": str(certificate)})
    deployment = load(Path("template.yaml"), given)
    assert deployment.origins[0].client_certificate == str(certificate)


REFUSED: list[tuple[str, Given, str]] = [
    (
        "",
        Given(origins=PLACE),
        "in ACM [config]\n  hint: give a copy of it, and of its key: --set-cert",
    ),
    ("", Given(certificates={"api": "edge.pem"}), "--set-certificate: no origin is named 'api'"),
    ("arn:aws:acm:us-east-1:123456789012:certificate/1", Given(), "'x' is no certificate of ACM"),
    ("ClientCertificateArn: arn:aws:acm:us-east-1:123456789012:certificate/1", Given(), "no prop"),
]


@pytest.mark.parametrize(("taken", "given", "said"), REFUSED)
def test_what_is_refused(taken: str, given: Given, said: str, project: Path) -> None:
    text = TEMPLATE.replace(taken, "x: 1" if taken.startswith("Client") else "x") if taken else ""
    (project / "template.yaml").write_text(text or TEMPLATE)
    with pytest.raises(ConfigError) as caught:
        load(Path("template.yaml"), given)
    assert said in str(caught.value)


WITHOUT: list[tuple[Given, str]] = [
    (Given(origins=PLACE, without=frozenset({"OriginMtlsConfig"})), "left out as you asked"),
    (Given(origins={"app": "http://127.0.0.1:3000"}), "asked by plain HTTP here"),
]


@pytest.mark.parametrize(("given", "said"), WITHOUT)
def test_where_it_is_shown_none(given: Given, said: str) -> None:
    deployment = load(Path("template.yaml"), given)
    assert deployment.origins[0].client_certificate == ""
    assert any(said in note.text for note in deployment.notes)

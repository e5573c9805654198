"""CFN: AWS::CloudFront::DistributionTenant, and the multi-tenant distribution it belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.cloudfront.geo_restriction import GeoRestriction
from edgesim.cloudfront.tenant import Tenant
from edgesim.config.templates.given import Given
from edgesim.http.headers import Headers
from edgesim.http.message import Request
from edgesim.live.companions import Companions
from edgesim.live.server import LiveServer

from .conftest import CDN, Loaded, Refused

MANY = CDN.replace(
    "Enabled: true",
    """Enabled: true
        ConnectionMode: tenant-only
        ViewerCertificate:
          AcmCertificateArn: arn:aws:acm:us-east-1:1:certificate/1
          SslSupportMethod: sni-only
        Restrictions: {GeoRestriction: {RestrictionType: blacklist, Locations: [DE]}}
        TenantConfig:
          ParameterDefinitions:
            - Name: tenant
              Definition: {StringSchema: {Required: true, Comment: whose}}
            - Name: version
              Definition: {StringSchema: {Required: false, DefaultValue: v1}}""",
).replace(
    "DomainName: app.example.com",
    'DomainName: "{{tenant}}.example.com"\n            OriginPath: "/{{version}}/{{tenant}}"',
)
ACME = """\
  Acme:
    Type: AWS::CloudFront::DistributionTenant
    Properties:
      Name: acme
      DistributionId: !Ref Cdn
      Domains: [acme.example.org]
      Parameters: [{Name: tenant, Value: acme}]
"""
BOLT = """\
  Bolt:
    Type: AWS::CloudFront::DistributionTenant
    Properties:
      Name: bolt
      DistributionId: !GetAtt Cdn.Id
      Domains: [bolt.example.org, www.bolt.example.org]
      Parameters: [{Name: tenant, Value: bolt}, {Name: version, Value: v2}]
      Customizations: {GeoRestrictions: {RestrictionType: none}, WebAcl: {Action: disable}}
"""
ALL = f"Resources:\n{MANY}{ACME}{BOLT}"


def test_each_tenant_has_values_and_domains_of_its_own(loaded: Loaded) -> None:
    acme = loaded(ALL)
    (bolt,) = (build() for build in acme.beside)
    assert acme.distribution.tenant == Tenant("dt_Acme", {"tenant": "acme", "version": "v1"})
    assert bolt.distribution.tenant == Tenant("dt_Bolt", {"tenant": "bolt", "version": "v2"})
    assert acme.distribution.names == ("acme.example.org",)
    assert bolt.distribution.names == ("bolt.example.org", "www.bolt.example.org")
    assert [one.origins[0].host for one in (acme, bolt)] == ["acme.example.com", "bolt.example.com"]
    assert [one.origins[0].path for one in (acme, bolt)] == ["/v1/acme", "/v2/bolt"]
    assert acme.distribution.geo_restriction == GeoRestriction(frozenset({"DE"}), allows=False)
    assert bolt.distribution.geo_restriction is None, "a tenant's restrictions replace the others"


def test_one_tenant_alone(loaded: Loaded) -> None:
    bolt = loaded(ALL, Given(distribution="Bolt"))
    assert (bolt.distribution.aliases[0], bolt.beside) == ("bolt.example.org", ())
    assert len(loaded(ALL, Given(distribution="Cdn")).beside) == 1


def test_parameters_in_the_place_of_an_origin(loaded: Loaded, tmp_path: Path) -> None:
    for name in ("acme", "bolt"):
        (tmp_path / name).mkdir()
    place = {"app": str(tmp_path / "{{tenant}}")}
    acme = loaded(ALL, Given(origins=place))
    assert [Path(one.origins[0].folder).name for one in (acme, acme.beside[0]())] == [
        "acme",
        "bolt",
    ]


@pytest.mark.parametrize(
    ("said", "enabled"),
    [
        ("Enabled: false", False),
        ("Enabled: true", True),
        ("ConnectionGroupId: !Ref Group", False),
        ("ConnectionGroupId: cg_elsewhere", True),
    ],
)
def test_what_serves_nobody(said: str, enabled: bool, loaded: Loaded) -> None:
    group = "  Group: {Type: AWS::CloudFront::ConnectionGroup, Properties: {Enabled: false}}\n"
    text = ALL.replace("Name: acme", f"Name: acme\n      {said}") + group
    assert loaded(text).distribution.enabled is enabled


REFUSED = [
    ((f"{ACME}{BOLT}", ""), "without a tenant it serves nobody"),
    (("ConnectionMode: tenant-only", "HttpVersion: http2"), "it is for multi-tenant distributions"),
    (("{Name: tenant, Value: acme}", ""), "the parameter 'tenant' has no value"),
    (("{Name: tenant, Value: acme}", "{Name: tenants, Value: a}"), "no parameter is named 'tenant"),
    (("/{{version}}", "/{{versoin}}"), "no parameter with a value is named 'versoin'"),
    (("Domains: [acme.example.org]", "Domains: []"), "it has no domain"),
    (
        ("bolt.example.org, www", "acme.example.org, www"),
        "acme.example.org is a domain of Bolt too",
    ),
    (("Action: disable", "Action: override, Arn: a"), "edgesim has no WebAcl"),
    (("Enabled: true\n", "Enabled: true\n        Aliases: [a.b]\n"), "has Aliases"),
    (("Enabled: true\n", "Enabled: true\n        PriceClass: PriceClass_100\n"), "has PriceClass"),
    (("Name: version\n", "Name: tenant\n"), "'tenant' is defined twice"),
    (("Name: version\n", "Name: a b\n"), "'a b' is no parameter's name"),
    (("DefaultValue: v1", f"DefaultValue: {'v' * 257}"), "a value of 257 characters"),
    (("us-east-1:1", "eu-west-1:1"), "the certificate is in eu-west-1"),
]


@pytest.mark.parametrize(("change", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_is_refused(change: tuple[str, str], said: str, refused: Refused) -> None:
    assert change[0] in ALL
    assert said in refused(ALL.replace(*change))


def test_a_web_acl_that_a_tenant_switches_off(loaded: Loaded, refused: Refused) -> None:
    text = ALL.replace("Enabled: true\n", "Enabled: true\n        WebACLId: acl\n", 1)
    assert loaded(text, Given(distribution="Bolt")).distribution.tenant is not None
    assert "edgesim has no WebACLId" in refused(text, Given(distribution="Acme"))


def test_a_tenant_whose_domains_have_no_certificate(loaded: Loaded, refused: Refused) -> None:
    text = ALL.replace("AcmCertificateArn: arn:aws:acm:us-east-1:1:certificate/1", "")
    text = text.replace("SslSupportMethod: sni-only", "CloudFrontDefaultCertificate: true")
    assert "its domains have no certificate" in refused(text, Given(distribution="Acme"))
    request = "Name: acme\n      ManagedCertificateRequest: {ValidationTokenHost: cloudfront}"
    assert loaded(text.replace("Name: acme", request), Given(distribution="Acme"))


async def test_tenants_are_served_side_by_side_by_host(loaded: Loaded) -> None:
    deployment = loaded(ALL, Given(origins={"app": "http://127.0.0.1:1/{{tenant}}"}))
    server = LiveServer()
    companions = Companions(server, (), lambda _: LiveServer())
    await server.deploy(deployment)
    try:
        await companions.start()
        for host, path in (("acme.example.org", "/acme"), ("www.bolt.example.org", "/bolt")):
            chosen = server.choose(Request("GET", "/", Headers([("Host", host)])))
            assert chosen.running.edge.distribution.origins["app"].path == path
    finally:
        await server.stop()
        await companions.stop()

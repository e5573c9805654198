"""Whatever is called understood makes a difference: changed, it gives another draft or none."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from edgesim.config.templates.distribution_properties import DISTRIBUTION
from edgesim.config.templates.given import Given
from edgesim.config.templates.load import adapted
from edgesim.config.templates.nodes import located
from edgesim.config.templates.report import Status
from edgesim.errors import ConfigError

BEHAVIOR = """
TargetOriginId: site
ViewerProtocolPolicy: https-only
AllowedMethods: [GET, HEAD, OPTIONS]
CachedMethods: [GET, HEAD, OPTIONS]
Compress: true
OriginRequestPolicyId: 216adef6-5c7f-47e4-b989-5492eafa07d3
ResponseHeadersPolicyId: 67f7725c-6f97-4210-82d7-5512b31e9d03
TrustedKeyGroups: [Group]
TrustedSigners: [self]
RealtimeLogConfigArn: Realtime
FunctionAssociations:
  - EventType: viewer-request
    FunctionARN: arn:aws:cloudfront::123456789012:function/rewrite
LambdaFunctionAssociations:
  - EventType: origin-request
    IncludeBody: true
    LambdaFunctionARN: arn:aws:lambda:us-east-1:1:function:Edge:1
"""
POLICY = "CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6\n"
LEGACY = """
MinTTL: 1
DefaultTTL: 2
MaxTTL: 3
ForwardedValues:
  QueryString: true
  QueryStringCacheKeys: [a]
  Headers: [Accept]
  Cookies: {Forward: whitelist, WhitelistedNames: [c]}
"""
RESOURCES = """
Rewrite:
  Type: AWS::CloudFront::Function
  Properties:
    Name: rewrite
    AutoPublish: true
    FunctionConfig: {Comment: "", Runtime: cloudfront-js-2.0}
    FunctionCode: "function handler(event) { return event.request; }"
Edge:
  Type: AWS::Lambda::Function
  Properties: {Handler: index.handler, Runtime: python3.12, Code: {ZipFile: "handler = None"}}
Group: {Type: AWS::CloudFront::KeyGroup, Properties: {KeyGroupConfig: {Name: g, Items: [Key]}}}
Key: {Type: AWS::CloudFront::PublicKey, Properties: {PublicKeyConfig: {Name: k, EncodedKey: pem}}}
Policy:
  Type: AWS::CloudFront::ContinuousDeploymentPolicy
  Properties:
    ContinuousDeploymentPolicyConfig:
      Enabled: true
      StagingDistributionDnsNames: [d.cloudfront.net]
      TrafficConfig: {Type: SingleWeight, SingleWeightConfig: {Weight: 0.1}}
Next:
  Type: AWS::CloudFront::Distribution
  Properties: {DistributionConfig: {Staging: true}}
Realtime:
  Type: AWS::CloudFront::RealtimeLogConfig
  Properties:
    Name: r
    Fields: [c-ip]
    SamplingRate: 5
    EndPoints: [{StreamType: Kinesis, KinesisStreamConfig: {RoleArn: r, StreamArn: s}}]
Tenant:
  Type: AWS::CloudFront::DistributionTenant
  Properties: {Name: t, DistributionId: Cdn, Domains: [t.example.com], Parameters: []}
Control:
  Type: AWS::CloudFront::OriginAccessControl
  Properties: {OriginAccessControlConfig: {SigningBehavior: always}}
"""
WHOLE = """
Enabled: true
Aliases: [a.example.com]
DefaultRootObject: index.html
PriceClass: PriceClass_100
HttpVersion: http2
Logging: {Bucket: logs.s3.amazonaws.com, Prefix: cdn, IncludeCookies: true}
CacheTagConfig: {HeaderName: cache-tag}
ContinuousDeploymentPolicyId: Policy
Staging: false
ConnectionMode: direct
Restrictions: {GeoRestriction: {RestrictionType: whitelist, Locations: [DE]}}
ViewerCertificate:
  AcmCertificateArn: arn:aws:acm:us-east-1:1:certificate/1
  SslSupportMethod: sni-only
  MinimumProtocolVersion: TLSv1.2_2021
CustomErrorResponses:
  - {ErrorCode: 404, ResponseCode: 200, ResponsePagePath: /404.html, ErrorCachingMinTTL: 7}
Origins:
  - Id: site
    DomainName: bucket.s3.us-east-1.amazonaws.com
    OriginPath: /a
    ConnectionAttempts: 2
    ConnectionTimeout: 4
    ResponseCompletionTimeout: 50
    OriginAccessControlId: Control
    OriginCustomHeaders: [{HeaderName: x-a, HeaderValue: b}]
    OriginShield: {Enabled: true, OriginShieldRegion: eu-central-1}
    S3OriginConfig: {OriginReadTimeout: 40}
  - Id: older
    DomainName: older.s3.us-east-1.amazonaws.com
    S3OriginConfig: {OriginAccessIdentity: ""}
  - Id: app
    DomainName: app.example.com
    CustomOriginConfig:
      HTTPPort: 8080
      HTTPSPort: 8443
      OriginProtocolPolicy: match-viewer
      OriginReadTimeout: 40
      OriginKeepaliveTimeout: 6
      OriginSSLProtocols: [TLSv1.2]
      IpAddressType: ipv4
      OriginMtlsConfig: {ClientCertificateArn: "arn:aws:acm:us-east-1:1:certificate/1"}
  - Id: vpc
    DomainName: vpc.example.com
    VpcOriginConfig: {VpcOriginId: vo-1, OriginReadTimeout: 40, OriginKeepaliveTimeout: 6}
OriginGroups:
  Quantity: 1
  Items:
    - Id: both
      FailoverCriteria: {StatusCodes: {Quantity: 1, Items: [500]}}
      Members: {Quantity: 2, Items: [{OriginId: site}, {OriginId: app}]}
      SelectionCriteria: default
"""

OLDER: dict[str, str] = {
    "S3Origin": "{DNSName: b.s3.amazonaws.com, OriginAccessIdentity: ''}",
    "CustomOrigin": "{DNSName: a.example.com, HTTPPort: 8080, HTTPSPort: 8443, "
    "OriginProtocolPolicy: match-viewer, OriginSSLProtocols: [TLSv1]}",
}
"""What stands in the place of `Origins` in distributions of 2012; `CNAMEs` in that of `Aliases`."""

TENANTS = "TenantConfig"
PARAMETERS = """
ParameterDefinitions:
  - Name: rx
    Definition: {StringSchema: {Required: true, DefaultValue: q}}
  - Name: r
    Definition: {StringSchema: {Required: false}}
"""
NO_TENANTS = ("Aliases", "PriceClass", "ContinuousDeploymentPolicyId", "Staging")
"""What a multi-tenant distribution may not have."""

SAID_TWICE = frozenset(
    {
        "OriginGroups.Quantity",
        "OriginGroups.Items[].FailoverCriteria.StatusCodes.Quantity",
        "OriginGroups.Items[].Members.Quantity",
        "Origins[].CustomOriginConfig.OriginMtlsConfig.ClientCertificateArn",
        "ViewerCertificate.AcmCertificateArn",
        "ViewerCertificate.CloudFrontDefaultCertificate",
        "ViewerCertificate.IamCertificateId",
        "Origins[].VpcOriginConfig.VpcOriginId",
    }
)
"""A length, a switch whose one side is refused, a certificate or an id: checked at most."""


def configuration(*, legacy: bool, older: str = "") -> dict[str, Any]:
    whole: dict[str, Any] = yaml.safe_load(WHOLE)
    behavior = yaml.safe_load(BEHAVIOR + (LEGACY if legacy else POLICY))
    if legacy:
        del behavior["OriginRequestPolicyId"]
    whole["DefaultCacheBehavior"] = behavior
    whole["CacheBehaviors"] = [{"PathPattern": "/a/*", **deepcopy(behavior)}]
    if older == TENANTS:
        whole = {name: one for name, one in whole.items() if name not in NO_TENANTS}
        for one in (whole["DefaultCacheBehavior"], *whole["CacheBehaviors"]):
            del one["TrustedSigners"]
        whole |= {"ConnectionMode": "tenant-only", TENANTS: yaml.safe_load(PARAMETERS)}
    elif older:
        del whole["Origins"], whole["OriginGroups"]
        whole["CNAMEs"] = whole.pop("Aliases")
        whole[older] = yaml.safe_load(OLDER[older])
    return whole


def sketched(config: dict[str, Any]) -> object:
    """What comes of it: the draft, or what is said to it."""
    cdn = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}
    resources = {**yaml.safe_load(RESOURCES), "Cdn": cdn}
    placed = () if "CustomOrigin" in config else ("site", "older")
    given = Given(
        origins=dict.fromkeys(placed, "s3+http://127.0.0.1:9000"),
        certificates={"app": "edge.pem"},
        signers={"self": {"APKA1": "key.pem"}},
    )
    try:
        return adapted(located({"Resources": resources}), "t", Path(), given).sketch.data
    except ConfigError as error:
        return str(error)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inside in pairs:
        if isinstance(inside, dict | list):
            yield from leaves(inside, (*path, key))
        else:
            yield (*path, key)


def named(path: tuple[str | int, ...]) -> str:
    """`Origins[].Id`; the members of a list of texts are the list."""
    parts = ["[]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".").removesuffix("[]")


def changed(config: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    other = deepcopy(config)
    around: Any = other
    for part in path[:-1]:
        around = around[part]
    value = around[path[-1]]
    if isinstance(value, bool):
        around[path[-1]] = not value
    else:
        around[path[-1]] = value + 1 if isinstance(value, int) else f"{value}x"
    return other


WAYS = ((False, TENANTS), (True, ""), (True, "S3Origin"), (True, "CustomOrigin"), (False, ""))
LEAVES = {
    named(path): (legacy, older, path)
    for legacy, older in WAYS
    for path in leaves(configuration(legacy=legacy, older=older))
}


def test_what_is_changed_is_right_before() -> None:
    for legacy, older in WAYS:
        assert isinstance(sketched(configuration(legacy=legacy, older=older)), dict)


@pytest.mark.parametrize("name", sorted(set(LEAVES) - SAID_TWICE))
def test_it_makes_a_difference(name: str) -> None:
    legacy, older, path = LEAVES[name]
    config = configuration(legacy=legacy, older=older)
    assert sketched(changed(config, path)) != sketched(config)


def test_nothing_that_is_understood_is_left_untried() -> None:
    understood = {
        path.removeprefix("DistributionConfig.")
        for path, row in DISTRIBUTION.items()
        if row.status is Status.UNDERSTOOD and not row.why
    }
    ends = {
        one
        for one in understood
        if not any(o.startswith((f"{one}.", f"{one}[")) for o in understood)
    }
    assert ends - set(LEAVES) - SAID_TWICE - {"DistributionConfig"} == set()

"""CFN: LegacyS3Origin, LegacyCustomOrigin, CNAMEs."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.access_log import Logging
from edgesim.cloudfront.caching import CloudFrontCaching

from .conftest import Loaded, Refused

CDN = """\
Resources:
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        CNAMEs: [www.example.com]
        ViewerCertificate: {IamCertificateId: A1, SslSupportMethod: sni-only}
        DefaultCacheBehavior:
          TargetOriginId: one
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
        """
CUSTOM = "CustomOrigin: {DNSName: app.example.com, HTTPPort: 8080, OriginProtocolPolicy: http-only}"
S3 = "S3Origin: {DNSName: files.s3.amazonaws.com}"


def test_a_server(loaded: Loaded) -> None:
    deployment = loaded(CDN + CUSTOM)
    assert deployment.distribution.aliases == ("www.example.com",)
    (origin,) = deployment.origins
    assert (origin.name, origin.host, origin.port) == ("one", "app.example.com", 8080)


def test_a_bucket(loaded: Loaded) -> None:
    (origin,) = loaded(CDN + S3).origins
    assert origin.is_bucket
    assert origin.host == "files.s3.amazonaws.com"


REFUSED = [
    (f"{S3}\n        {CUSTOM}", "it has S3Origin and CustomOrigin"),
    (f"{S3}\n        Origins: [{{Id: a}}]", "it has Origins and S3Origin"),
    (f"{S3}\n        Aliases: [a.example.com]", "it has Aliases and CNAMEs"),
    ("S3Origin: {OriginAccessIdentity: x}", "DNSName must be given"),
    (
        "S3Origin: {DNSName: files.s3.amazonaws.com, OriginAccessIdentity: E1}",
        "'E1' is no origin access identity",
    ),
    (f"{S3}\n        Logging: {{Bucket: logs}}", "'logs' is no bucket"),
    (f"{S3}\n        CacheTagConfig: {{HeaderName: a b}}", "'a b' is no header's name"),
    (f"{S3}\n        Logging: {{Prefix: ../a}}", "'../a' would lead out of the folder of the logs"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_is_refused(text: str, said: str, refused: Refused) -> None:
    assert said in refused(CDN + text)


def test_cache_tags(loaded: Loaded) -> None:
    tagged = loaded(CDN + S3 + "\n        CacheTagConfig: {HeaderName: X-Tags}").distribution
    rules = tagged.behaviors[-1].rules
    assert isinstance(rules, CloudFrontCaching)
    assert rules.tag_header == "x-tags"


def test_logging(loaded: Loaded) -> None:
    logging = "\n        Logging: {Bucket: logs.s3.amazonaws.com, Prefix: a/, IncludeCookies: true}"
    distribution = loaded(CDN + S3 + logging).distribution
    assert distribution.logging == Logging("logs", "a/", include_cookies=True)

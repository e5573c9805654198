"""What --set-origin makes of a bucket, and of a bucket's website."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edgesim.config.templates.given import Given
from edgesim.config.templates.load import adapted
from edgesim.config.templates.reading import parsed
from edgesim.errors import ConfigError

BUCKET = """\
Resources:
  Files: {Type: AWS::S3::Bucket, Properties: {BucketName: files}}
  Control:
    Type: AWS::CloudFront::OriginAccessControl
    Properties:
      OriginAccessControlConfig:
        Name: c
        OriginAccessControlOriginType: s3
        SigningBehavior: no-override
        SigningProtocol: sigv4
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: files
            DomainName: !GetAtt Files.RegionalDomainName
            OriginAccessControlId: !Ref Control
            S3OriginConfig: {}
        DefaultCacheBehavior:
          TargetOriginId: files
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
"""
LISTING = """\
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Files
      PolicyDocument:
        Statement: [{Effect: Allow, Action: ["s3:GetObject", "s3:ListBucket"], Resource: "*"}]
"""
WEBSITE = (Path(__file__).parents[1] / "corpus/cfn_website/template.yaml").read_text()


def origin(text: str, place: str | None, name: str, **parameters: str) -> dict[str, Any]:
    given = Given(parameters, origins={} if place is None else {name: place})
    made = adapted(parsed(text, "t"), "t", Path(), given)
    found: dict[str, Any] = made.sketch.data["origins"][name]
    return found


REST = [
    (None, {"url": "https://files.s3.us-east-1.amazonaws.com"}),
    ("/srv/dist", {"s3": {"folder": "/srv/dist"}}),
    ("http://127.0.0.1:5173", {"url": "http://127.0.0.1:5173"}),
    (
        "s3+http://127.0.0.1:9000",
        {
            "s3": {"endpoint": "http://127.0.0.1:9000", "bucket": "files"},
            "origin_access_control": "no-override",
        },
    ),
]


def test_an_access_identity_signs_every_request() -> None:
    text = BUCKET.replace("            OriginAccessControlId: !Ref Control\n", "").replace(
        "S3OriginConfig: {}",
        "S3OriginConfig: {OriginAccessIdentity: origin-access-identity/cloudfront/E1}",
    )
    assert origin(text, "s3+http://127.0.0.1:9000", "files")["origin_access_control"] == "always"


@pytest.mark.parametrize(("place", "expected"), REST)
def test_a_bucket(place: str | None, expected: dict[str, Any]) -> None:
    assert origin(BUCKET, place, "files") == expected


def test_who_may_list_a_bucket_learns_that_a_key_is_missing() -> None:
    assert origin(BUCKET + LISTING, "/srv", "files")["s3"]["list_bucket"] is True
    denied = BUCKET + LISTING.replace("Allow", "Deny")
    assert "list_bucket" not in origin(denied, "/srv", "files")["s3"]


def test_a_website_has_its_documents_and_rules() -> None:
    found = origin(WEBSITE, "/srv/site", "site", Word="w")
    assert found["s3"] == {
        "folder": "/srv/site",
        "website": True,
        "index_document": "index.html",
        "error_document": "sorry.html",
        "routing_rules": [
            {
                "key_prefix_equals": "old/",
                "replace_key_prefix_with": "new/",
                "http_redirect_code": 301,
            }
        ],
    }
    assert found["custom_headers"] == {"Referer": "w"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("!GetAtt Files.RegionalDomainName", "files.example.com", "files.example.com is no bucket"),
        (
            "!GetAtt Files.RegionalDomainName",
            "files.s3-website-us-east-1.amazonaws.com",
            "is a bucket's website, no bucket",
        ),
        ("!Ref Control", "E123", "no origin access control is named 'E123'"),
    ],
)
def test_what_is_no_bucket(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        origin(BUCKET.replace(old, new), None, "files")

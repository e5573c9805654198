"""What `Ref` and `GetAtt` give for a resource, before anything is deployed.

Names that a person may read or that CloudFront takes apart (buckets, ARNs, versions) look as they
would on AWS; any other attribute is `LogicalId.Attribute`, which is enough to find it again.
"""

from __future__ import annotations

from ...cloudfront.distribution import Distribution
from .nodes import Node

ACCOUNT = "123456789012"
PARTITION = "aws"
_NAMED = Distribution(())
"""With the id and the domain name that a distribution has here unless a file says otherwise."""

NAME_KEYS = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::CloudFront::Function": "Name",
}

IDENTITY_KEYS = frozenset({*NAME_KEYS.values(), "FunctionName", "Name"})
"""All that an identity is made of."""


def physical_name(logical_id: str, kind: str, properties: Node) -> str:
    """The name that its template gives it, or its logical id."""
    named = properties.get(NAME_KEYS.get(kind, ""))
    if named is not None and named.is_scalar and named.text:
        return named.text
    return logical_id.lower() if kind == "AWS::S3::Bucket" else logical_id


def ref_of(logical_id: str, kind: str, properties: Node, region: str) -> str:
    name = physical_name(logical_id, kind, properties)
    match kind:
        case "AWS::Lambda::Version":
            return f"{_function_arn(properties, region)}:1"
        case "AWS::Lambda::Alias":
            return f"{_function_arn(properties, region)}:{properties.text_at('Name')}"
        case "AWS::CloudFront::Function":
            return attribute_of(logical_id, kind, properties, "FunctionARN", region)
        case "AWS::CloudFront::Distribution":
            return _NAMED.id
        case "AWS::CloudFront::DistributionTenant":
            return f"dt_{logical_id}"
        case _:
            return name


ATTRIBUTES = {
    ("AWS::Lambda::Function", "Arn"): "arn:aws:lambda:{region}:{account}:function:{name}",
    ("AWS::Lambda::Version", "FunctionArn"): "{function}:1",
    ("AWS::Lambda::Version", "Version"): "1",
    ("AWS::CloudFront::Function", "FunctionARN"): "arn:aws:cloudfront::{account}:function/{name}",
    ("AWS::CloudFront::Function", "FunctionMetadata.FunctionARN"): (
        "arn:aws:cloudfront::{account}:function/{name}"
    ),
    ("AWS::CloudFront::KeyValueStore", "Arn"): (
        "arn:aws:cloudfront::{account}:key-value-store/{name}"
    ),
    ("AWS::CloudFront::Distribution", "DomainName"): _NAMED.domain_name,
    ("AWS::S3::Bucket", "Arn"): "arn:aws:s3:::{name}",
    ("AWS::S3::Bucket", "DomainName"): "{name}.s3.amazonaws.com",
    ("AWS::S3::Bucket", "RegionalDomainName"): "{name}.s3.{region}.amazonaws.com",
    ("AWS::S3::Bucket", "WebsiteURL"): "http://{name}.s3-website-{region}.amazonaws.com",
    ("AWS::Lambda::Url", "FunctionUrl"): "https://{lower}.lambda-url.{region}.on.aws/",
}


def attribute_of(logical_id: str, kind: str, properties: Node, attribute: str, region: str) -> str:
    form = ATTRIBUTES.get((kind, attribute))
    if form is not None:
        name = physical_name(logical_id, kind, properties)
        function = _function_arn(properties, region)
        return form.format(
            name=name, region=region, account=ACCOUNT, function=function, lower=name.lower()
        )
    if attribute == "Id" and kind.startswith("AWS::CloudFront::"):
        return ref_of(logical_id, kind, properties, region)
    return f"{logical_id}.{attribute}"


def _function_arn(properties: Node, region: str) -> str:
    """Of what `FunctionName` says: a name, or an ARN with or without a qualifier."""
    name = properties.text_at("FunctionName")
    if name.startswith("arn:"):
        return ":".join(name.split(":")[:7])
    return f"arn:{PARTITION}:lambda:{region}:{ACCOUNT}:function:{name}"

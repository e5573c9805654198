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
        case _:
            return name


def attribute_of(
    logical_id: str, kind: str, properties: Node, attribute: str, region: str
) -> str:
    name = physical_name(logical_id, kind, properties)
    match kind, attribute:
        case "AWS::Lambda::Function", "Arn":
            return f"arn:{PARTITION}:lambda:{region}:{ACCOUNT}:function:{name}"
        case "AWS::Lambda::Version", "FunctionArn":
            return f"{_function_arn(properties, region)}:1"
        case "AWS::Lambda::Version", "Version":
            return "1"
        case "AWS::CloudFront::Function", "FunctionARN" | "FunctionMetadata.FunctionARN":
            return f"arn:{PARTITION}:cloudfront::{ACCOUNT}:function/{name}"
        case "AWS::CloudFront::KeyValueStore", "Arn":
            return f"arn:{PARTITION}:cloudfront::{ACCOUNT}:key-value-store/{name}"
        case "AWS::S3::Bucket", "Arn":
            return f"arn:{PARTITION}:s3:::{name}"
        case "AWS::S3::Bucket", "DomainName":
            return f"{name}.s3.amazonaws.com"
        case "AWS::S3::Bucket", "RegionalDomainName":
            return f"{name}.s3.{region}.amazonaws.com"
        case "AWS::S3::Bucket", "WebsiteURL":
            return f"http://{name}.s3-website-{region}.amazonaws.com"
        case "AWS::Lambda::Url", "FunctionUrl":
            return f"https://{name.lower()}.lambda-url.{region}.on.aws/"
        case "AWS::CloudFront::Distribution", "DomainName":
            return _NAMED.domain_name
        case _, "Id" if kind.startswith("AWS::CloudFront::"):
            return ref_of(logical_id, kind, properties, region)
        case _:
            return f"{logical_id}.{attribute}"


def _function_arn(properties: Node, region: str) -> str:
    """Of what `FunctionName` says: a name, or an ARN with or without a qualifier."""
    name = properties.text_at("FunctionName")
    if name.startswith("arn:"):
        return ":".join(name.split(":")[:7])
    return f"arn:{PARTITION}:lambda:{region}:{ACCOUNT}:function:{name}"

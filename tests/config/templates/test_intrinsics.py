"""A table of CloudFormation's functions ("Intrinsic function reference")."""

from __future__ import annotations

from typing import Any

import pytest

from edgesim.config.templates.given import Given
from edgesim.config.templates.intrinsics import evaluated
from edgesim.config.templates.reading import parsed
from edgesim.config.templates.stack import Stack
from edgesim.errors import ConfigError

TEMPLATE = """\
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Names: {Type: CommaDelimitedList, Default: "a, b"}
  Open: {Type: String}
  Kept: {Type: "AWS::SSM::Parameter::Value<String>", Default: /x/y}
Mappings:
  Sizes: {dev: {Ttl: 60, Hosts: [h1, h2]}, prod: {Ttl: 600}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  Either: !Or [!Condition IsProd, !Condition IsDev]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Round: !Condition Round
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Named: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Stage}-files"}}
  Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: edge-fn, Code: !Nope 1}}
  FnVersion: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Fn}}
  FnAlias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Fn, Name: live}}
  Cff: {Type: AWS::CloudFront::Function, Properties: {Name: rewrite}}
  Store: {Type: AWS::CloudFront::KeyValueStore, Properties: {Name: s}}
  Policy: {Type: AWS::CloudFront::CachePolicy}
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Url: {Type: AWS::Lambda::Url}
  Cdn: {Type: AWS::CloudFront::Distribution}
  Ring: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Ring}}
Value: @
"""
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:edge-fn"

ROWS: list[tuple[str, Any]] = [
    ("!Ref Stage", "dev"),
    ("{Ref: Stage}", "dev"),
    ("!Ref Names", ["a", "b"]),
    ("!Ref AWS::Region", "us-east-1"),
    ("!Ref AWS::AccountId", "123456789012"),
    ("!Ref AWS::StackName", "edgesim"),
    ("!Ref AWS::URLSuffix", "amazonaws.com"),
    ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
    ("{a: 1, b: !Ref AWS::NoValue}", {"a": 1}),
    ("!Ref Bucket", "bucket"),
    ("!Ref Named", "dev-files"),
    ("!GetAtt Bucket.RegionalDomainName", "bucket.s3.us-east-1.amazonaws.com"),
    ("!GetAtt [Named, DomainName]", "dev-files.s3.amazonaws.com"),
    ("!GetAtt Bucket.WebsiteURL", "http://bucket.s3-website-us-east-1.amazonaws.com"),
    ("!GetAtt Bucket.Arn", "arn:aws:s3:::bucket"),
    ("!Ref Fn", "edge-fn"),
    ("!GetAtt Fn.Arn", LAMBDA),
    ("!Ref FnVersion", f"{LAMBDA}:1"),
    ("!GetAtt FnVersion.Version", "1"),
    ("!Ref FnAlias", f"{LAMBDA}:live"),
    ("!Sub '${Fn.Arn}:3'", f"{LAMBDA}:3"),
    ("!GetAtt Cff.FunctionARN", "arn:aws:cloudfront::123456789012:function/rewrite"),
    (
        "!GetAtt Cff.FunctionMetadata.FunctionARN",
        "arn:aws:cloudfront::123456789012:function/rewrite",
    ),
    ("!GetAtt Store.Arn", "arn:aws:cloudfront::123456789012:key-value-store/Store"),
    ("!Ref Policy", "Policy"),
    ("!GetAtt Policy.Id", "Policy"),
    ("!GetAtt Balancer.DNSName", "Balancer.DNSName"),
    ("!GetAtt Url.FunctionUrl", "https://url.lambda-url.us-east-1.on.aws/"),
    ("!GetAtt Cdn.DomainName", "d111111abcdef8.cloudfront.net"),
    ("!Sub 'a-${Stage}-${!Stage}-${Bucket.Arn}'", "a-dev-${Stage}-arn:aws:s3:::bucket"),
    ("!Sub ['${x}/${Stage}', {x: !Ref Bucket}]", "bucket/dev"),
    ("!Join ['-', [a, !Ref Stage, !Select [1, [p, q]]]]", "a-dev-q"),
    ("!Join [',', !Ref Names]", "a,b"),
    ("!Select [2, !Split ['/', !GetAtt Url.FunctionUrl]]", "url.lambda-url.us-east-1.on.aws"),
    ("!FindInMap [Sizes, !Ref Stage, Ttl]", 60),
    ("!FindInMap [Sizes, dev, Hosts]", ["h1", "h2"]),
    ("!FindInMap [Sizes, dev, Gone, {DefaultValue: 5}]", 5),
    ("!If [IsProd, p, d]", "d"),
    ("!If [Either, !If [IsDev, x, !Nope 1], y]", "x"),
    ("[!If [Both, {a: 1}, !Ref AWS::NoValue]]", []),
    ("!ImportValue shared-acl", "arn:acl"),
    ("!ImportValue {'Fn::Sub': 'shared-${Which}'}", None),
    ("!Base64 hello", "aGVsbG8="),
    ("!GetAZs us-east-1", ["us-east-1a", "us-east-1b", "us-east-1c"]),
    ("!Length [a, b]", 2),
    ("!ToJsonString {a: [1]}", '{"a": [1]}'),
]


def stack(value: str, **parameters: str) -> Stack:
    text = TEMPLATE.replace("@", value).replace("!Nope", "!Cidr")
    return Stack(parsed(text, "t.yaml"), "t.yaml", Given(parameters, {"shared-acl": "arn:acl"}))


def work_out(value: str, **parameters: str) -> Any:
    made = stack(value, **parameters)
    done = evaluated(made.root.fields["Value"], made)
    return None if done is None else done.plain()


@pytest.mark.parametrize(("value", "expected"), [row for row in ROWS if row[1] is not None])
def test_a_function(value: str, expected: Any) -> None:
    assert work_out(value) == expected


def test_a_parameter_that_is_given_comes_before_its_default() -> None:
    assert work_out("!If [IsProd, !FindInMap [Sizes, !Ref Stage, Ttl], 0]", Stage="prod") == 600
    assert work_out("!Ref Kept", Kept="value") == "value"


REFUSED = [
    ("!Ref Bucke", "no resource or parameter is named 'Bucke'", "did you mean 'Bucket'?"),
    ("!GetAtt Buckett.Arn", "no resource or parameter is named", "did you mean 'Bucket'?"),
    ("!GetAtt Bucket", "Fn::GetAtt takes a resource and an attribute", ""),
    ("!Sub '${Nobody}'", "no resource or parameter is named 'Nobody'", "known:"),
    ("!Ref Open", "the parameter Open has no default", "--parameter Open=VALUE"),
    ("!Ref Kept", "the parameter Kept is kept in SSM", "--parameter Kept=VALUE"),
    ("!If [IsPro, 1, 2]", "no condition is named 'IsPro'", "did you mean 'IsProd'?"),
    ("!If [IsProd, 1]", "a list of 3 is needed here", ""),
    ("!If [Round, 1, 2]", "the condition Round depends on itself", ""),
    ("!FindInMap [Size, dev, Ttl]", "no mapping is named 'Size'", "did you mean 'Sizes'?"),
    ("!FindInMap [Sizes, test, Ttl]", "the mapping has nothing at Sizes.test.Ttl", "--parameter"),
    ("!Select [5, [a]]", "there is no member 5 in a list of 1", "counts from 0"),
    ("!Join [',', a]", "Fn::Join takes a list to join", ""),
    ("!Split ['', a]", "Fn::Split has nothing to split at", ""),
    ("!ImportValue other", "other is exported by another stack", "--import other=VALUE"),
    ("!Transform {Name: AWS::Include}", "Fn::Transform is not worked out here", "parameter"),
    ("!Ref Ring", "it refers to itself: Ring → Ring", ""),
    ("!Base64 [a]", "a text is needed here", ""),
]


@pytest.mark.parametrize(("value", "what", "hint"), REFUSED)
def test_a_function_that_cannot_be_worked_out(value: str, what: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        work_out(value)
    assert what in caught.value.what
    assert hint in caught.value.hint
    assert caught.value.where.startswith("t.yaml:")


def test_a_value_that_a_parameter_does_not_allow() -> None:
    with pytest.raises(ConfigError, match="'test' is no value that the parameter Stage allows"):
        work_out("!Ref Stage", Stage="test")


def test_a_parameter_that_there_is_not() -> None:
    with pytest.raises(ConfigError, match="no parameter is named 'Stag'"):
        stack("1", Stag="x").check_given()

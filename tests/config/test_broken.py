"""Broken configurations: one message each, with the file, the line, the cause and a hint; status 2.

A row changes one thing in a file that is right. `at` is what stands on the line that the message
has to name.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edgesim.cli.main import app

TOML = """\
[distribution]
default_root_object = "index.html"
[origins.app]
url = "http://127.0.0.1:3000"
connection_attempts = 3
[origins.spare]
url = "http://127.0.0.1:3001"
[origin_groups.both]
members = ["app", "spare"]
failover_status_codes = [500]
[functions.edge]
code = "edge.py"
handler = "edge.handler"
[default_behavior]
origin = "app"
cache_policy = "own"
viewer_request = "edge"
[[behaviors]]
path_pattern = "/api/*"
origin = "both"
allowed_methods = ["GET", "HEAD"]
[cache_policies.own]
min_ttl_s = 0
headers = ["accept"]
[[custom_error_responses]]
error_code = 404
response_code = 200
response_page_path = "/index.html"
"""

TEMPLATE = """\
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Principal: {Service: [lambda.amazonaws.com, edgelambda.amazonaws.com]}}]
  Edge:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Timeout: 5
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: "def handler(event, context): return event['Records'][0]['cf']['request']"
  EdgeVersion:
    Type: AWS::Lambda::Version
    Properties: {FunctionName: !Ref Edge}
  Rewrite:
    Type: AWS::CloudFront::Function
    Properties:
      Name: rewrite
      AutoPublish: true
      FunctionConfig: {Comment: "", Runtime: cloudfront-js-2.0}
      FunctionCode: "function handler(event) { return event.request; }"
  Key:
    Type: AWS::CloudFront::PublicKey
    Properties:
      PublicKeyConfig: {CallerReference: a, Name: a, EncodedKey: "-----BEGIN PUBLIC KEY-----"}
  Group:
    Type: AWS::CloudFront::KeyGroup
    Properties:
      KeyGroupConfig: {Name: g, Items: [!Ref Key]}
  Policy:
    Type: AWS::CloudFront::CachePolicy
    Properties:
      CachePolicyConfig:
        Name: own
        MinTTL: 0
        DefaultTTL: !If [IsProd, 60, 60]
        MaxTTL: 600
        ParametersInCacheKeyAndForwardedToOrigin:
          EnableAcceptEncodingGzip: true
          HeadersConfig: {HeaderBehavior: whitelist, Headers: [Accept]}
          CookiesConfig: {CookieBehavior: none}
          QueryStringsConfig: {QueryStringBehavior: none}
  Headers:
    Type: AWS::CloudFront::ResponseHeadersPolicy
    Properties:
      ResponseHeadersPolicyConfig:
        Name: own
        SecurityHeadersConfig:
          FrameOptions: {FrameOption: DENY, Override: true}
          XSSProtection: {Protection: true, ModeBlock: true, Override: true}
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Comment: a site
        DefaultRootObject: index.html
        HttpVersion: http2
        Restrictions: {GeoRestriction: {RestrictionType: none}}
        ViewerCertificate: {CloudFrontDefaultCertificate: true}
        Origins:
          - Id: site
            DomainName: !GetAtt Bucket.RegionalDomainName
            S3OriginConfig: {OriginAccessIdentity: ""}
          - Id: api
            DomainName: api.example.com
            OriginPath: /v1
            CustomOriginConfig: {OriginProtocolPolicy: https-only, HTTPSPort: 443}
        OriginGroups:
          Quantity: 1
          Items:
            - Id: both
              FailoverCriteria: {StatusCodes: {Quantity: 1, Items: [502]}}
              Members: {Quantity: 2, Items: [{OriginId: site}, {OriginId: api}]}
        DefaultCacheBehavior:
          TargetOriginId: both
          ViewerProtocolPolicy: allow-all
          CachePolicyId: !Ref Policy
          ResponseHeadersPolicyId: !Ref Headers
          FunctionAssociations:
            - {EventType: viewer-request, FunctionARN: !GetAtt Rewrite.FunctionARN}
          LambdaFunctionAssociations:
            - {EventType: origin-request, LambdaFunctionARN: !Ref EdgeVersion}
        CacheBehaviors:
          - PathPattern: /api/*
            TargetOriginId: api
            ViewerProtocolPolicy: https-only
            AllowedMethods: [GET, HEAD, OPTIONS]
            CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
        CustomErrorResponses:
          - {ErrorCode: 404, ResponseCode: 200, ResponsePagePath: /index.html}
"""

Row = tuple[str, str, str, str, str]
"""What is replaced, by what, a part of the line to be named, of the cause, of the hint."""

IN_TOML: list[Row] = [
    ("[origins.app]", "[origins.app", "[origins.app", "this is no TOML", "a line earlier"),
    ("connection_attempts = 3", "connection_attempts = 9", "= 9", "out of range", "from 1 to 3"),
    ("connection_attempts", "conection_attempts", "conection", "unknown key", "did you mean"),
    ('url = "http://127.0.0.1:3000"', 'url = "127.0.0.1"', 'url = "127', "no scheme", "http://"),
    ('url = "http://127.0.0.1:3000"', 'folder = "gone"', "gone", "no folder", "relative to"),
    ('members = ["app", "spare"]', 'members = ["app"]', "members", "exactly two", "stands by"),
    ('members = ["app", "spare"]', 'members = ["app", "b"]', "members", "no origin", "known"),
    ("codes = [500]", "codes = [201]", "201", "no reason to fail over", "some of 400"),
    ('code = "edge.py"', 'code = "gone.py"', "gone.py", "no file or folder", "relative to"),
    ('handler = "edge.handler"', 'handler = "handler"', '"handler"', "no handler", "index."),
    ('handler = "edge.handler"', 'runtime = "ruby3.3"', "ruby", "no runtime", "known"),
    ('handler = "edge.handler"', "timeout_s = 60", "viewer_request", "may take 60 s", "at most 30"),
    ('viewer_request = "edge"', 'viewer_request = "edg"', "edg", "no function", "did you mean"),
    ('cache_policy = "own"', 'cache_policy = "won"', "won", "no cache policy", "did you mean"),
    ('origin = "both"', 'origin = "bot"', "bot", "no origin", "did you mean"),
    ('["GET", "HEAD"]', '["GET", "POST"]', "POST", "no set of methods", "GET,HEAD"),
    ('"/api/*"', '"/api/[0-9]"', "/api/[", "may not have", "are allowed"),
    ("min_ttl_s = 0", "min_ttl_s = 99\nmax_ttl_s = 9", "cache_policies", "out of order", "min <="),
    ('headers = ["accept"]', 'headers = ["cookie"]', "cookie", "cannot be in a cache key", "own"),
    ('headers = ["accept"]', f"headers = {[f'x-{n}' for n in range(11)]}", "x-10", "11", "quotas"),
    ("error_code = 404", "error_code = 401", "401", "no custom page for 401", "one of 400"),
    ("response_code = 200", "", "response_page_path", "goes with", "both or neither"),
    ('"index.html"\n', '"/index.html"\n', "/index.html", "without a slash", "index.html"),
]

SETTING = "        HttpVersion: http2\n"
BEHAVIOR = "CachePolicyId: !Ref Policy"
IN_TEMPLATE: list[Row] = [
    (
        "ViewerProtocolPolicy: allow-all",
        "ViewerProtocolPolicy: allow-all\n          GrpcConfig: {Enabled: true}",
        "GrpcConfig",
        "HTTP/2 on both sides",
        "--without GrpcConfig",
    ),
    (BEHAVIOR, f"{BEHAVIOR}\n          TrustedKeyGroups: [Grup]", "Grup", "no key group", "Group"),
    (BEHAVIOR, f"{BEHAVIOR}\n          TrustedSigners: [self]", "self", "no keys of the signer self", "--set-signer self="),
    ("Parameters:", "Transform: MyMacro\nParameters:", "MyMacro", "does not run", "Processed"),
    ("  Bucket: {", "  Fn::ForEach::A: [a, [b], {}]\n  Bucket: {", "ForEach", "not run", "Proc"),
    ("Parameters:", "Parameters: [", "Conditions", "neither YAML nor JSON", "a line earlier"),
    ("!Ref Policy", "!Reff Policy", "!Reff", "no function is !Reff", "did you mean 'Ref'"),
    ("!Ref Policy", "!Ref Polic", "!Ref Polic", "no resource or parameter", "'Policy'"),
    ("!Ref Policy", "!If [IsProduction, a, b]", "IsProd", "no condition", "'IsProd'"),
    ("!Ref Policy", "!ImportValue shared", "shared", "another stack", "--import shared="),
    ("!Ref Policy", "!Transform {Name: x}", "!Transf", "not worked out", "as a parameter"),
    ("Default: dev", "Default: test", "Default: test", "no value that", "known: dev, prod"),
    ("Default: dev, ", "", "!Ref Stage, prod", "has no default", "--parameter Stage="),
    ("!Ref Policy", "own-policy", "own-policy", "no CachePolicy has the id", "Ref to one"),
    ("!Ref Policy", '""', "DefaultCacheBehavior", "neither CachePolicyId", "658327ea"),
    (BEHAVIOR, f"{BEHAVIOR}\n          MinTTL: 5", "MinTTL: 5", "not go together", "take it out"),
    ("Enabled: true", "Enable: true", "Enable:", "no property 'Enable'", "did you mean 'Enabled'"),
    ("Enabled: true", "Enabled: maybe", "maybe", "true or false is needed", "Enabled: true"),
    (SETTING, f"{SETTING}        WebACLId: arn\n", "WebACLId", "rules would block", "--without"),
    (SETTING, f"{SETTING}        Aliases: [a.test]\n", "a.test", "certificate of your own", "Acm"),
    (SETTING, f"{SETTING}        Staging: perhaps\n", "perhaps", "true or false", "Staging: true"),
    ("{CloudFrontDefaultCertificate: true}", "{IamCertificateId: c, SslSupportMethod: sni-only, MinimumProtocolVersion: SSLv3}", "SSLv3", "sni-only needs TLS", "TLSv1.2_2021"),
    ("HttpVersion: http2", "HttpVersion: h2", "h2", "no HttpVersion", "known: http1.1"),
    ("Comment: a site", f"Comment: {'a' * 129}", "Comment: aa", "129 characters", "128 are"),
    ("RestrictionType: none", "Locations: [DE]", "GeoRestriction:", "RestrictionType must be given", "does not deploy"),
    (SETTING, f"{SETTING}        ViewerMtlsConfig: {{Mode: passthrough}}\n", "passthrough", "not asked for a certificate", "--without ViewerMtls"),
    ("RestrictionType: none", "RestrictionType: some", "some", "no restriction", "whitelist"),
    ("{CloudFrontDefaultCertificate: true}", "{AcmCertificateArn: arn:aws:acm:eu-west-1:1:c/1, SslSupportMethod: sni-only}", "eu-west", "is in eu-west-1", "us-east-1 only"),
    ("DefaultRootObject: index", "DefaultRootObject: /index", "/index.html", "without a slash", "index.html"),
    ("DomainName: api.example.com", "DomainName: https://api.test/v1", "https://", "no domain name", "api.test"),
    ('S3OriginConfig: {OriginAccessIdentity: ""}', "OriginPath: /x", "Id: site", "what kind", "exactly one of"),
    ("OriginProtocolPolicy: https-only, ", "", "HTTPSPort", "OriginProtocolPolicy is missing", "one of"),
    ("HTTPSPort: 443", "HTTPSPort: 99", "99", "no port", "1024-65535"),
    ("OriginPath: /v1", "OriginPath: v1/", "v1/", "no origin path", "begins with a slash"),
    ("OriginPath: /v1", "ConnectionAttempts: 7", "7", "out of range", "from 1 to 3"),
    ("OriginPath: /v1", "OriginCustomHeaders: [{HeaderName: Host, HeaderValue: a}]", "Host", "may not be", "another name"),
    ("- Id: api", "- Id: site", "Id: site", "is there already", "an id of its own"),
    ("TargetOriginId: both", "TargetOriginId: bth", "bth", "no origin is named", "'both'"),
    ("{OriginId: site}, ", "", "Members", "exactly two members", "the primary"),
    ("Items: [502]", "Items: [401]", "401", "no reason to fail over", "some of"),
    ("EventType: viewer-request", "EventType: origin-response", "origin-response", "CloudFront Function", "viewer"),
    ("EventType: viewer-request", "EventType: viewer_request", "viewer_request", "no event", "'viewer-request'"),
    ("EventType: viewer-request", "EventType: origin-request", "Ref EdgeVersion", "has a function already", "one function"),
    ("!GetAtt Rewrite.FunctionARN", "!Ref Bucket", "!Ref Bucket", "is not in this template", "--set-function bucket"),
    ("!Ref EdgeVersion", "!GetAtt Edge.Arn", "!GetAtt Edge.Arn", "this is no version", "AWS::Lambda::Version"),
    ("!Ref EdgeVersion", "!Sub '${Edge.Arn}:$LATEST'", "$LATEST", "this is no version", "AWS::Lambda::Version"),
    ("!Ref EdgeVersion", "!Sub '${Edge.Arn}:live'", ":live", "the alias live", "AWS::Lambda::Version"),
    ("!Ref EdgeVersion", "arn:aws:lambda:eu-west-1:1:function:Edge:1", "eu-west", "is in eu-west-1", "us-east-1"),
    (", edgelambda.amazonaws.com", "", "AssumeRolePolicy", "may not assume", "Principal"),
    ("Timeout: 5", "Timeout: 60", "EventType", "may take 60 s", "at most 30"),
    ("Timeout: 5", "Environment: {Variables: {A: b}}", "Environment", "AWS refuses it", "--without Environment"),
    ("Timeout: 5", "Architectures: [arm64]", "arm64", "does not run at the edge", "x86_64"),
    ("Handler: index.handler", "Handler: index", "Handler: index", "no handler", "module.function"),
    ("Runtime: python3.12", "Runtime: java21", "java21", "no runtime of inline", "known"),
    ('ZipFile: "def', 'S3Bucket: b\n        S3Key: k\n        #"def', "Code:", "in a bucket", "--set-function Edge="),
    ("AutoPublish: true", "AutoPublish: false", "AutoPublish", "not published", "AutoPublish: true"),
    ("Runtime: cloudfront-js-2.0", "Runtime: cloudfront-js-3.0", "js-3.0", "no runtime", "did you mean"),
    ("Name: rewrite", "Name: re write", "re write", "no name of a function", "64 letters"),
    ("MinTTL: 0", "MinTTL: 99", "CachePolicyConfig", "out of order", "0 <= min"),
    ("MinTTL: 0", "MinTTL: soon", "soon", "a whole number is needed", "MinTTL: 60"),
    ("Headers: [Accept]", "Headers: [Cookie]", "Cookie", "cannot be in a cache key", "setting of their own"),
    ("whitelist, Headers: [Accept]", "all", "HeaderBehavior: all", "no HeaderBehavior", "whitelist"),
    ("FrameOption: DENY", "FrameOption: ALLOW", "ALLOW", "none of its values", "DENY"),
    ("ModeBlock: true", "ModeBlock: true, ReportUri: https://a", "ReportUri", "both given", "one or the other"),
    ("ResponseCode: 200, ", "", "404", "goes with", "both or neither"),
    ("ErrorCode: 404", "ErrorCode: 418", "418", "no custom page for 418", "one of"),
    ("Type: AWS::CloudFront::Distribution", "Type: AWS::S3::Bucket", "", "no distribution in it", "AWS::CloudFront"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "edge.py").write_text("def handler(event, context): ...\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complaint(file: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What `edgesim check` says, which has to end with status 2."""
    with pytest.raises(SystemExit) as left:
        app(["check", file.name])
    said = capsys.readouterr()
    assert left.value.code == 2, said.out
    return said.err


@pytest.mark.parametrize(
    ("name", "good", "row"),
    [
        *(("edgesim.toml", TOML, row) for row in IN_TOML),
        *(("template.yaml", TEMPLATE, row) for row in IN_TEMPLATE),
    ],
    ids=lambda value: value[1].strip()[:40] if isinstance(value, tuple) else "",
)
def test_one_message_says_where_what_and_how_to_mend_it(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, good: str, row: Row
) -> None:
    old, new, at, what, hint = row
    assert old in good, "the row changes nothing"
    text = good.replace(old, new, 1)
    (folder / name).write_text(text)
    said = complaint(folder / name, capsys)
    messages = re.findall(r"^edgesim: .*$", said, re.MULTILINE)
    assert len(messages) == 1, said
    assert what in messages[0]
    assert re.search(r"^  hint: .*" + re.escape(hint), said, re.MULTILINE), said
    if at:
        line = re.search(re.escape(name) + r":(\d+)", messages[0])
        assert line is not None, said
        assert at in text.splitlines()[int(line[1]) - 1], said


@pytest.mark.parametrize(("name", "good"), [("edgesim.toml", TOML), ("template.yaml", TEMPLATE)])
def test_what_the_rows_change_is_right_before(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, good: str
) -> None:
    (folder / name).write_text(good)
    with pytest.raises(SystemExit) as left:
        app(["check", name])
    assert left.value.code in (0, None), capsys.readouterr().err


def test_there_are_enough_of_them() -> None:
    assert len(IN_TOML) + len(IN_TEMPLATE) >= 60

"""Golden table: origins that are buckets, and how servers are spoken to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.cloudfront.bucket import Bucket, RoutingRule
from edgesim.cloudfront.origin import Origin
from edgesim.config.deployment import Deployment, NoteKind

from .conftest import GOOD

TWO = GOOD.replace('origin = "app"', 'origin = "two"') + "[origins.two]\n"
API = 's3 = { endpoint = "http://127.0.0.1:9000", bucket = "my-bucket" }'


@pytest.fixture
def two(resolved: Callable[[str], Deployment]) -> Callable[[str], Origin]:
    def origin(text: str) -> Origin:
        return resolved(TWO + text).distribution.behaviors[-1].origin

    return origin


def test_a_bucket_in_a_folder(two: Callable[[str], Origin], project: Path) -> None:
    origin = two('region = "eu-west-1"\ns3 = { folder = "dist", bucket = "b-1" }')
    assert origin.folder == str(project / "dist")
    assert origin.host == "b-1.s3.eu-west-1.amazonaws.com"
    assert origin.bucket is not None
    assert not origin.bucket.website
    assert not origin.bucket.lists


def test_the_website_of_a_bucket(two: Callable[[str], Origin]) -> None:
    origin = two(
        's3 = { folder = "dist", website = true, error_document = "404.html", list_bucket = true, '
        'redirect_all_requests_to = { host = "x.test", protocol = "https" }, routing_rules = '
        '[{ key_prefix_equals = "a/", replace_key_prefix_with = "b/", http_redirect_code = 301 }] }'
    )
    assert origin.host == "two.s3-website.us-east-1.amazonaws.com"
    assert origin.bucket == Bucket(
        website=True,
        error_document="404.html",
        redirects_all_to=RoutingRule(protocol="https", host="x.test", redirect_code=301),
        routing_rules=(RoutingRule("a/", replace_key_prefix_with="b/", redirect_code=301),),
        lists=True,
        access_key_id="edgesim",
        secret_access_key="edgesim",
    )


def test_a_bucket_behind_an_api(two: Callable[[str], Origin]) -> None:
    origin = two(f'{API}\npath = "/site"\norigin_access_control = "no-override"')
    assert (origin.host, origin.port, origin.path) == ("127.0.0.1", 9000, "/site")
    assert origin.bucket is not None
    assert (origin.bucket.name, origin.bucket.signing_behavior) == ("my-bucket", "no-override")
    assert origin.url == "http://127.0.0.1:9000/my-bucket/site"


SPEECH = [
    ('url = "http://h:3000"', ("http", 3000, None), "the URL alone"),
    ('url = "http://h:3000"\nprotocol_policy = "http-only"', ("http", 3000, None), "said twice"),
    ('url = "http://h:3000"\nprotocol_policy = "https-only"', ("https", 443, None), "the usual"),
    (
        'url = "http://h:3000"\nprotocol_policy = "https-only"\nhttps_port = 3443',
        ("https", 3443, None),
        "another port for another protocol",
    ),
    (
        'url = "http://h:3000"\nprotocol_policy = "match-viewer"\nhttps_port = 3443',
        ("http", 3000, (3000, 3443)),
        "as the viewer comes",
    ),
    (
        'url = "https://h"\nprotocol_policy = "match-viewer"',
        ("https", 443, (80, 443)),
        "the usual ports",
    ),
]


@pytest.mark.parametrize(("text", "expected", "why"), SPEECH)
def test_protocols(
    text: str,
    expected: tuple[str, int, tuple[int, int] | None],
    why: str,
    two: Callable[[str], Origin],
) -> None:
    origin = two(text)
    assert (origin.protocol, origin.port, origin.match_viewer) == expected, why


def test_match_viewer_follows_the_viewer(resolved: Callable[[str], Deployment]) -> None:
    text = 'url = "http://h:3000"\nprotocol_policy = "match-viewer"\nhttps_port = 3443'
    behavior = resolved(TWO + text).distribution.behaviors[-1]
    assert behavior.facing("http").origin.url == "http://h:3000"
    assert behavior.facing("https").origin.url == "https://h:3443"


def test_what_a_bucket_makes_of_a_policy(resolved: Callable[[str], Deployment]) -> None:
    text = TWO.replace('origin = "two"', 'origin = "two"\norigin_request_policy = "AllViewer"')
    notes = resolved(f'{text}s3 = {{ folder = "dist" }}').notes
    (note,) = [one for one in notes if "no bucket answers to" in one.text]
    assert note.kind is NoteKind.WARNING


def test_what_is_signed_to_nobody_is_said(resolved: Callable[[str], Deployment]) -> None:
    for place in ('s3 = { folder = "dist" }', 'url = "http://h"'):
        notes = resolved(f'{TWO}{place}\norigin_access_control = "always"').notes
        (note,) = [one for one in notes if "signed" in one.text]
        assert note.kind is NoteKind.IGNORED
        assert "edgesim.toml:15: origins.two.origin_access_control" in note.where


MISTAKES = [
    (
        's3 = { folder = "dist", endpoint = "http://h" }',
        "14: origins.two.s3",
        "it has folder and endpoint",
        'folder = "dist", or endpoint = "http://127.0.0.1:9000" with bucket = "name"',
    ),
    (
        's3 = { folder = "dits" }',
        "14: origins.two.s3.folder",
        "there is no folder 'dits'",
        "paths are relative to the file they stand in",
    ),
    (
        's3 = { folder = "dist", error_document = "404.html" }',
        "14: origins.two.s3.error_document",
        "error_document goes with a website",
        "add website = true; the REST endpoint has nothing of that",
    ),
    (
        's3 = { folder = "dist", website = true, index_document = "a/index.html" }',
        "14: origins.two.s3.index_document",
        "it is no index document",
        'a name such as "index.html", which every folder has one of',
    ),
    (
        (
            's3 = { folder = "dist", website = true, routing_rules = '
            '[{ replace_key_with = "a", replace_key_prefix_with = "b" }] }'
        ),
        "14: origins.two.s3.routing_rules[0]",
        "it replaces the prefix of the key, and all of it",
        "give replace_key_prefix_with or replace_key_with",
    ),
    (
        's3 = { endpoint = "http://h" }',
        "14: origins.two.s3.bucket",
        "which bucket is not said",
        "3 to 63 lower-case letters, digits, dots and hyphens",
    ),
    (
        's3 = { endpoint = "http://h", bucket = "My_Bucket" }',
        "14: origins.two.s3.bucket",
        "'My_Bucket' is no bucket's name",
        "3 to 63 lower-case letters, digits, dots and hyphens",
    ),
    (
        's3 = { endpoint = "h:9000", bucket = "bbb" }',
        "14: origins.two.s3.endpoint",
        "'h:9000' has no scheme",
        "did you mean 'http://h:9000'?",
    ),
    (
        's3 = { endpoint = "http://h/bbb", bucket = "bbb" }',
        "14: origins.two.s3.endpoint",
        "the endpoint has a path",
        "write endpoint without '/bbb', and the bucket as bucket",
    ),
    (
        's3 = { endpoint = "http://h", bucket = "bbb", website = true }',
        "14: origins.two.s3.website",
        "an S3 API is no website",
        "give a folder, or the server's website endpoint as url",
    ),
    (
        'folder = "dist"\nhttps_port = 443',
        "15: origins.two.https_port",
        "https_port goes with url",
        "leave it out",
    ),
    (
        'url = "http://h:3000"\nhttp_port = 80',
        "15: origins.two.http_port",
        "the URL says port 3,000 already",
        "leave it out",
    ),
    (
        'url = "http://h"\nresponse_completion_timeout_s = 20',
        "15: origins.two.response_completion_timeout_s",
        "20 is too short",
        "at least response_timeout_s, which is 30",
    ),
]


@pytest.mark.parametrize(("text", "where", "what", "hint"), MISTAKES)
def test_a_mistake(
    text: str, where: str, what: str, hint: str, refused: Callable[[str], str]
) -> None:
    assert (
        refused(f"{GOOD}[origins.two]\n{text}") == f"edgesim.toml:{where}: {what}\n  hint: {hint}"
    )


REGIONS = [
    # url                                                     region given   region
    ("https://b.s3.eu-west-1.amazonaws.com", "", "eu-west-1"),
    ("https://b.s3.dualstack.eu-west-1.amazonaws.com", "", "eu-west-1"),
    ("https://b.s3-us-west-2.amazonaws.com", "", "us-west-2"),
    ("https://b.s3-website-us-west-2.amazonaws.com", "", "us-east-1"),
    ("https://b.s3.amazonaws.com", "", "us-east-1"),
    ("https://lb-1.ap-south-1.elb.amazonaws.com", "", "ap-south-1"),
    ("https://x.execute-api.sa-east-1.amazonaws.com", "", "sa-east-1"),
    ("https://x.lambda-url.eu-north-1.on.aws", "", "eu-north-1"),
    ("https://eu-west-1.example.com", "", "us-east-1"),
    ("https://b.s3.eu-west-1.amazonaws.com", "eu-west-2", "eu-west-2"),
]


@pytest.mark.parametrize(("url", "given", "region"), REGIONS)
def test_where_an_origin_is(
    two: Callable[[str], Origin], url: str, given: str, region: str
) -> None:
    line = f'region = "{given}"\n' if given else ""
    assert two(f'url = "{url}"\n{line}').region == region

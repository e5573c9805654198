from __future__ import annotations

import pytest

from edgesim.cloudfront.origin import Origin

ORIGINS = [
    (Origin("o", host="a.test"), "a.test", "http://a.test", "the usual port goes unsaid"),
    (Origin("o", host="a.test", port=8080), "a.test:8080", "http://a.test:8080", "others do not"),
    (
        Origin("o", host="a.test", port=443, protocol="https", path="/p"),
        "a.test",
        "https://a.test/p",
        "",
    ),
    (Origin("o", host="::1", port=81), "[::1]:81", "http://[::1]:81", "RFC 3986 §3.2.2"),
    (Origin("o", folder="site"), "", "site", "a folder"),
    (Origin("o", app="main:app"), "", "main:app", "an app of this process"),
]


@pytest.mark.parametrize(("origin", "authority", "url", "why"), ORIGINS)
def test_origin(origin: Origin, authority: str, url: str, why: str) -> None:
    assert (origin.authority, origin.url) == (authority, url), why


BUCKETS = [
    # origin                                                     bucket  S3     why
    (Origin("o", host="b.s3.eu-west-1.amazonaws.com"), True, True, "the REST endpoint"),
    (Origin("o", host="b.s3.amazonaws.com"), True, True, "the one without a Region"),
    (Origin("o", host="b.s3-website.eu-west-1.amazonaws.com"), False, False, "a custom origin"),
    (Origin("o", host="s3.example.com"), False, False, "anybody's"),
    (Origin("o", folder="site"), True, False, "a folder stands in for a bucket, but is none"),
    (Origin("o", app="main:app"), False, False, "an application"),
]


@pytest.mark.parametrize(("origin", "is_bucket", "is_s3", "why"), BUCKETS)
def test_buckets(origin: Origin, is_bucket: bool, is_s3: bool, why: str) -> None:
    assert (origin.is_bucket, origin.is_s3) == (is_bucket, is_s3), why

"""S3: "Configuring a webpage redirect"; CloudFront: "Restrict access to an Amazon S3 origin"."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.bucket import Bucket, RoutingRule

RULES = [
    # rule                                      key      error  applies  why
    (RoutingRule(key_prefix="docs/"), "docs/a", None, True, "the prefix, before the answer"),
    (RoutingRule(key_prefix="docs/"), "doc", None, False, "another key"),
    (RoutingRule(error_code=404), "a", 404, True, "the error, after the answer"),
    (RoutingRule(error_code=404), "a", None, False, "there is no error yet"),
    (RoutingRule(error_code=404), "a", 403, False, "another error"),
    (RoutingRule("docs/", 404), "docs/a", 404, True, "both"),
    (RoutingRule("docs/", 404), "a", 404, False, "only one of both"),
    (RoutingRule(key_prefix="docs/"), "docs/a", 404, False, "it was asked before already"),
]


@pytest.mark.parametrize(("rule", "key", "error", "applies", "why"), RULES)
def test_applies(rule: RoutingRule, key: str, error: int | None, applies: bool, why: str) -> None:
    assert rule.applies(key, error) is applies, why


LOCATIONS = [
    (RoutingRule("docs/", replace_key_prefix_with="d/"), "docs/a b", "http://h/d/a%20b"),
    (RoutingRule("docs/", replace_key_with="e.html"), "docs/a", "http://h/e.html"),
    (RoutingRule(host="x.test", protocol="https"), "a/b", "https://x.test/a/b"),
    (RoutingRule(key_prefix="docs/", replace_key_prefix_with=""), "docs/a", "http://h/a"),
]


@pytest.mark.parametrize(("rule", "key", "location"), LOCATIONS)
def test_location(rule: RoutingRule, key: str, location: str) -> None:
    assert rule.location(key, "h") == location


SIGNING = [
    ("always", True, True, "what the viewer sent is replaced"),
    ("always", False, True, ""),
    ("no-override", True, False, "the viewer's own is left alone"),
    ("no-override", False, True, "where there is none"),
    ("never", False, False, ""),
]


@pytest.mark.parametrize(("behavior", "authorized", "signs", "why"), SIGNING)
def test_signs(behavior: str, authorized: bool, signs: bool, why: str) -> None:
    assert Bucket(signing_behavior=behavior).signs(authorized) is signs, why

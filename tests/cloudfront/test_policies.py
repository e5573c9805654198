"""CloudFront: "Use managed cache policies" and its two sister pages, row by row."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.managed_policies import (
    CACHE_POLICIES,
    ORIGIN_REQUEST_POLICIES,
    RESPONSE_HEADERS_POLICIES,
)
from edgesim.cloudfront.policies import CachePolicy, Selection, all_except, listed
from edgesim.errors import ConfigError

AMPLIFY = "authorization cloudfront-viewer-country host"
YEAR = 31536000
UNCOMPRESSED = "CachingOptimizedForUncompressedObjects"
LISTED = "whitelist"
OWN = "UseOriginCacheControlHeaders"
OVERRIDES = "host origin x-http-method-override x-http-method x-method-override"

CACHE = [
    # id begins, name                  min, default, max    headers, cookies, query, gzip, br
    ("2e54312d", "Amplify", (2, 2, 600), AMPLIFY, "all", "all", True, True),
    ("4135ea2d", "CachingDisabled", (0, 0, 0), "", "none", "none", False, False),
    ("658327ea", "CachingOptimized", (1, 86400, YEAR), "", "none", "none", True, True),
    ("b2884449", UNCOMPRESSED, (1, 86400, YEAR), "", "none", "none", False, False),
    ("08627262", "Elemental-MediaPackage", (0, 86400, YEAR), "origin", "none", LISTED, True, False),
    ("83da9c7e", OWN, (0, 0, YEAR), OVERRIDES, "all", "none", True, True),
    ("4cc15a8a", f"{OWN}-QueryStrings", (0, 0, YEAR), OVERRIDES, "all", "all", True, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("id_", "name", "ttls", "headers", "cookies", "query", "gzip", "brotli"), CACHE
)
def test_managed_cache_policies(
    id_: str,
    name: str,
    ttls: tuple[int, int, int],
    headers: str,
    cookies: str,
    query: str,
    gzip: bool,
    brotli: bool,
) -> None:
    policy = CACHE_POLICIES[name]
    assert (policy.min_ttl_s, policy.default_ttl_s, policy.max_ttl_s) == ttls
    assert policy.headers.names == set(headers.split())
    assert (policy.cookies.choice, policy.query.choice) == (cookies, query)
    assert (policy.gzip, policy.brotli) == (gzip, brotli)
    assert CACHE_POLICIES[f"Managed-{name}"] is policy
    assert [p for key, p in CACHE_POLICIES.items() if key.startswith(id_)] == [policy]


CORS = "access-control-request-headers access-control-request-method"

ORIGIN_REQUEST = [
    # id begins, name, headers, names, cookies, query
    ("216adef6", "AllViewer", "all", "", "all", "all"),
    ("33f36d7e", "AllViewerAndCloudFrontHeaders-2022-06", "all", "", "all", "all"),
    ("b689b0a8", "AllViewerExceptHostHeader", "allExcept", "host", "all", "all"),
    ("59781a5b", "CORS-CustomOrigin", "whitelist", "origin", "none", "none"),
    ("88a5eaf4", "CORS-S3Origin", "whitelist", f"origin {CORS}", "none", "none"),
    (
        "775133bc",
        "Elemental-MediaTailor-PersonalizedManifests",
        "whitelist",
        f"origin {CORS} user-agent x-forwarded-for",
        "none",
        "all",
    ),
    ("bf0718e1", "HostHeaderOnly", "whitelist", "host", "none", "none"),
    ("acba4595", "UserAgentRefererHeaders", "whitelist", "user-agent referer", "none", "none"),
]


@pytest.mark.parametrize(("id_", "name", "headers", "names", "cookies", "query"), ORIGIN_REQUEST)
def test_managed_origin_request_policies(
    id_: str, name: str, headers: str, names: str, cookies: str, query: str
) -> None:
    policy = ORIGIN_REQUEST_POLICIES[name]
    assert (policy.headers.choice.value, set(policy.headers.names)) == (headers, set(names.split()))
    assert (policy.cookies.choice, policy.query.choice) == (cookies, query)
    assert len(policy.cloudfront_headers) == (21 if id_ == "33f36d7e" else 0)
    assert [p for key, p in ORIGIN_REQUEST_POLICIES.items() if key.startswith(id_)] == [policy]


RESPONSE_HEADERS = [
    # id begins, name, fields, CORS, preflight
    ("60669652", "SimpleCORS", 0, True, False),
    ("5cc3b908", "CORS-With-Preflight", 0, True, True),
    ("67f7725c", "SecurityHeadersPolicy", 5, False, False),
    ("e61eb60c", "CORS-and-SecurityHeadersPolicy", 5, True, False),
    ("eaab4381", "CORS-with-preflight-and-SecurityHeadersPolicy", 5, True, True),
]


@pytest.mark.parametrize(("id_", "name", "fields", "cors", "preflight"), RESPONSE_HEADERS)
def test_managed_response_headers_policies(
    id_: str, name: str, fields: int, cors: bool, preflight: bool
) -> None:
    policy = RESPONSE_HEADERS_POLICIES[name]
    assert len(policy.headers) == fields
    overriding = [field.name for field in policy.headers if field.override]
    assert overriding == (["X-Content-Type-Options"] if fields else [])
    assert (policy.cors is not None) is cors
    assert bool(policy.cors and policy.cors.allow_methods) is preflight
    found = [p for key, p in RESPONSE_HEADERS_POLICIES.items() if key.startswith(id_)]
    assert found == [policy]


SELECTIONS = [
    (Selection(), False, False, "nothing is taken"),
    (listed("a"), True, False, "those listed"),
    (listed(), False, False, "an empty list is nothing"),
    (all_except("a"), False, True, "all but those"),
]


@pytest.mark.parametrize(("selection", "a", "b", "why"), SELECTIONS)
def test_selections(selection: Selection, a: bool, b: bool, why: str) -> None:
    assert (selection.takes("a"), selection.takes("b")) == (a, b), why
    assert bool(selection) == (a or b), why


BAD_TTLS = [(5, 4, 9), (-1, 4, 9), (5, 6, 4)]


@pytest.mark.parametrize(("least", "usual", "most"), BAD_TTLS)
def test_ttls_in_disorder(least: int, usual: int, most: int) -> None:
    with pytest.raises(ConfigError, match="out of order"):
        CachePolicy(min_ttl_s=least, default_ttl_s=usual, max_ttl_s=most)


def test_only_three_zeros_switch_caching_off() -> None:
    assert not CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=0).caches
    assert CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=1).caches

"""The policies that AWS manages, of each of the three kinds.

CloudFront: "Use managed cache policies", "Use managed origin request policies",
"Use managed response headers policies".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from .policies import (
    EVERYTHING,
    YEAR_S,
    CachePolicy,
    Cors,
    OriginRequestPolicy,
    PolicyHeader,
    ResponseHeadersPolicy,
    all_except,
    listed,
)


class _Named(Protocol):
    @property
    def name(self) -> str: ...


P = TypeVar("P", bound=_Named)


def _managed(policies: Mapping[str, P]) -> Mapping[str, P]:
    """Policies by id, found by name and by the API's name (`Managed-…`) as well."""
    by_name = {policy.name: policy for policy in policies.values()}
    return {**policies, **by_name, **{f"Managed-{name}": p for name, p in by_name.items()}}


_METHOD_OVERRIDES = (
    "host",
    "origin",
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
)

CACHE_POLICIES: Mapping[str, CachePolicy] = _managed(
    {
        "2e54312d-136d-493c-8eb9-b001f22f67d2": CachePolicy(
            name="Amplify",
            min_ttl_s=2,
            default_ttl_s=2,
            max_ttl_s=600,
            headers=listed("authorization", "cloudfront-viewer-country", "host"),
            cookies=EVERYTHING,
            query=EVERYTHING,
            gzip=True,
            brotli=True,
        ),
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": CachePolicy(
            name="CachingDisabled", min_ttl_s=0, default_ttl_s=0, max_ttl_s=0
        ),
        "658327ea-f89d-4fab-a63d-7e88639e58f6": CachePolicy(
            name="CachingOptimized", gzip=True, brotli=True
        ),
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": CachePolicy(
            name="CachingOptimizedForUncompressedObjects"
        ),
        "08627262-05a9-4f76-9ded-b50ca2e3a84f": CachePolicy(
            name="Elemental-MediaPackage",
            min_ttl_s=0,
            headers=listed("origin"),
            query=listed("aws.manifestfilter", "start", "end", "m"),
            gzip=True,
        ),
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65": CachePolicy(
            name="UseOriginCacheControlHeaders",
            min_ttl_s=0,
            default_ttl_s=0,
            headers=listed(*_METHOD_OVERRIDES),
            cookies=EVERYTHING,
            gzip=True,
            brotli=True,
        ),
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe": CachePolicy(
            name="UseOriginCacheControlHeaders-QueryStrings",
            min_ttl_s=0,
            default_ttl_s=0,
            headers=listed(*_METHOD_OVERRIDES),
            cookies=EVERYTHING,
            query=EVERYTHING,
            gzip=True,
            brotli=True,
        ),
    }
)
"""Managed cache policies by name, by API name (`Managed-…`) and by id."""

CLOUDFRONT_HEADERS_2022_06 = frozenset(
    f"cloudfront-{name}"
    for name in (
        "forwarded-proto",
        "is-android-viewer",
        "is-desktop-viewer",
        "is-ios-viewer",
        "is-mobile-viewer",
        "is-smarttv-viewer",
        "is-tablet-viewer",
        "viewer-address",
        "viewer-asn",
        "viewer-city",
        "viewer-country",
        "viewer-country-name",
        "viewer-country-region",
        "viewer-country-region-name",
        "viewer-http-version",
        "viewer-latitude",
        "viewer-longitude",
        "viewer-metro-code",
        "viewer-postal-code",
        "viewer-time-zone",
        "viewer-tls",
    )
)


ORIGIN_REQUEST_POLICIES: Mapping[str, OriginRequestPolicy] = _managed(
    {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": OriginRequestPolicy(
            name="AllViewer", headers=EVERYTHING, cookies=EVERYTHING, query=EVERYTHING
        ),
        "33f36d7e-f396-46d9-90e0-52428a34d9dc": OriginRequestPolicy(
            name="AllViewerAndCloudFrontHeaders-2022-06",
            headers=EVERYTHING,
            cookies=EVERYTHING,
            query=EVERYTHING,
            cloudfront_headers=CLOUDFRONT_HEADERS_2022_06,
        ),
        "b689b0a8-53d0-40ab-baf2-68738e2966ac": OriginRequestPolicy(
            name="AllViewerExceptHostHeader",
            headers=all_except("host"),
            cookies=EVERYTHING,
            query=EVERYTHING,
        ),
        "59781a5b-3903-41f3-afcb-af62929ccde1": OriginRequestPolicy(
            name="CORS-CustomOrigin", headers=listed("origin")
        ),
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": OriginRequestPolicy(
            name="CORS-S3Origin",
            headers=listed(
                "origin", "access-control-request-headers", "access-control-request-method"
            ),
        ),
        "775133bc-15f2-49f9-abea-afb2e0bf67d2": OriginRequestPolicy(
            name="Elemental-MediaTailor-PersonalizedManifests",
            headers=listed(
                "origin",
                "access-control-request-headers",
                "access-control-request-method",
                "user-agent",
                "x-forwarded-for",
            ),
            query=EVERYTHING,
        ),
        "bf0718e1-ba1e-49d1-88b1-f726733018ae": OriginRequestPolicy(
            name="HostHeaderOnly", headers=listed("host")
        ),
        "acba4595-bd28-49b8-b9fe-13317c0390fa": OriginRequestPolicy(
            name="UserAgentRefererHeaders", headers=listed("user-agent", "referer")
        ),
    }
)
"""Managed origin request policies by name, by API name and by id."""

_SECURITY = (
    PolicyHeader("Referrer-Policy", "strict-origin-when-cross-origin"),
    PolicyHeader("Strict-Transport-Security", f"max-age={YEAR_S}"),
    PolicyHeader("X-Content-Type-Options", "nosniff", override=True),
    PolicyHeader("X-Frame-Options", "SAMEORIGIN"),
    PolicyHeader("X-XSS-Protection", "1; mode=block"),
)
_PREFLIGHT = Cors(
    allow_methods=("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"),
    expose_headers=("*",),
)


RESPONSE_HEADERS_POLICIES: Mapping[str, ResponseHeadersPolicy] = _managed(
    {
        "60669652-455b-4ae9-85a4-c4c02393f86c": ResponseHeadersPolicy(
            name="SimpleCORS", cors=Cors()
        ),
        "5cc3b908-e619-4b99-88e5-2cf7f45965bd": ResponseHeadersPolicy(
            name="CORS-With-Preflight", cors=_PREFLIGHT
        ),
        "67f7725c-6f97-4210-82d7-5512b31e9d03": ResponseHeadersPolicy(
            name="SecurityHeadersPolicy", headers=_SECURITY
        ),
        "e61eb60c-9c35-4d20-a928-2b84e02af89c": ResponseHeadersPolicy(
            name="CORS-and-SecurityHeadersPolicy", headers=_SECURITY, cors=Cors()
        ),
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63": ResponseHeadersPolicy(
            name="CORS-with-preflight-and-SecurityHeadersPolicy", headers=_SECURITY, cors=_PREFLIGHT
        ),
    }
)
"""Managed response headers policies by name, by API name and by id."""

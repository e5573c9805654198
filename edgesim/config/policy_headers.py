"""Which headers a policy may not have. Tables only; names in lower case.

CloudFront: "Understand cache policies", "Understand origin request policies",
"Understand response headers policies".
"""

from __future__ import annotations

ORIGIN_REQUEST_ONLY = frozenset(
    {
        "cloudfront-viewer-address",
        "cloudfront-viewer-asn",
        "cloudfront-viewer-ja3-fingerprint",
        "cloudfront-viewer-ja4-fingerprint",
        "cloudfront-viewer-tls",
    }
)
"""Too different from viewer to viewer to be in a cache key."""

UNKEYED = frozenset(
    {
        "cache-control",
        "connection",
        "content-length",
        "cookie",
        "max-forwards",
        "pragma",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "request-range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-amz-cf-id",
        "x-forwarded-proto",
        "x-real-ip",
    }
)
"""Never part of a cache key; also anything `X-Edge-*`."""

NEVER_LISTED = frozenset({"accept-encoding", "authorization"})
"""Not by name in an origin request policy."""

NEVER_SET = frozenset(
    {
        "content-encoding",
        "content-length",
        "host",
        "transfer-encoding",
        "via",
        "warning",
    }
)
"""Neither set nor removed by a response headers policy, besides what functions may not touch."""

SECURITY_FIELDS = frozenset(
    {
        "content-security-policy",
        "referrer-policy",
        "strict-transport-security",
        "x-content-type-options",
        "x-frame-options",
        "x-xss-protection",
    }
)
"""Settings of a response headers policy by themselves, which are no custom headers."""

MAX_CUSTOM_HEADERS = 10
MAX_VALUE_CHARACTERS = 1783
"""Of a response headers policy (CloudFront: "Quotas")."""

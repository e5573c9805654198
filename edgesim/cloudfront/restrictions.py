"""What a function may not touch, and how much it may return. Tables only.

CloudFront: "Restrictions on all edge functions", "Restrictions on Lambda@Edge", "Quotas".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .function import Trigger

DISALLOWED_HEADERS = frozenset(
    {
        "client-cert",
        "client-cert-chain",
        "cloudfront-viewer-cert-pem",
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "trailer",
        "upgrade",
        "x-accel-buffering",
        "x-accel-charset",
        "x-accel-limit-rate",
        "x-accel-redirect",
        "x-amzn-auth",
        "x-amzn-cf-billing",
        "x-amzn-cf-id",
        "x-amzn-cf-xff",
        "x-amzn-errortype",
        "x-amzn-fle-profile",
        "x-amzn-header-count",
        "x-amzn-header-order",
        "x-amzn-lambda-integration-tag",
        "x-amzn-requestid",
        "x-cache",
        "x-forwarded-proto",
        "x-real-ip",
    }
)
"""Hidden from every function, and refused when one adds them; see `is_disallowed`."""

DISALLOWED_PREFIXES = ("x-amz-cf-", "x-edge-")

CLOUDFRONT_PREFIXES = ("cloudfront-forwarded-proto", "cloudfront-is-", "cloudfront-viewer-")
"""How the headers begin that CloudFront makes behind viewer-request."""

READ_ONLY_HEADERS: Mapping[Trigger, frozenset[str]] = {
    Trigger.VIEWER_REQUEST: frozenset(
        {"cdn-loop", "content-length", "host", "transfer-encoding", "via"}
    ),
    Trigger.ORIGIN_REQUEST: frozenset(
        {
            "accept-encoding",
            "cdn-loop",
            "content-length",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "transfer-encoding",
            "via",
        }
    ),
    Trigger.ORIGIN_RESPONSE: frozenset({"transfer-encoding", "via"}),
    Trigger.VIEWER_RESPONSE: frozenset(
        {"warning", "via", "content-length", "content-encoding", "transfer-encoding"}
    ),
}
"""Readable by a Lambda@Edge function, but not to be added, changed or deleted."""

DISALLOWED_CUSTOM_HEADERS = frozenset(
    {
        "cache-control",
        "connection",
        "content-length",
        "cookie",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "pragma",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "request-range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-real-ip",
    }
)
"""CloudFront: "Add custom headers to origin requests"; also anything `X-Amz-*` or `X-Edge-*`."""

EXPOSED_BODY_BYTES: Mapping[Trigger, int] = {
    Trigger.VIEWER_REQUEST: 40 * 1024,
    Trigger.ORIGIN_REQUEST: 1024 * 1024,
}
"""How much of a request body a function with Include Body sees, and may put in its place."""

BASE64_CHARACTERS: Mapping[Trigger, int] = {
    Trigger.VIEWER_REQUEST: int(53.2 * 1024),
    Trigger.ORIGIN_REQUEST: int(1.33 * 1024 * 1024),
}
"""How long the base64 of such a body may be; CloudFront: "Restrictions on Lambda@Edge"."""

GENERATED_BYTES: Mapping[Trigger, int] = {
    Trigger.VIEWER_REQUEST: 40 * 1024,
    Trigger.ORIGIN_REQUEST: 1024 * 1024,
    Trigger.ORIGIN_RESPONSE: 1024 * 1024,
}
"""Headers and body together of a response that a function makes."""

MAX_URL_BYTES = 8192
MAX_HEAD_BYTES = 32_768
"""Request line and fields; the guide said 20,480 until early 2026."""

CUSTOM_HEADERS, CUSTOM_HEADERS_CHARACTERS = 30, 10_240
"""How many an origin may have, and how long they may be together."""
CUSTOM_NAME_CHARACTERS, CUSTOM_VALUE_CHARACTERS = 256, 1783

FIELD_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""token of RFC 9110 §5.6.2."""
NOT_IN_A_PATH = re.compile(r"[\x00-\x20?#\x7f]")
NOT_IN_A_QUERY = re.compile(r"[\x00-\x20#\x7f]")
BAD_VALUE_CHARACTER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def is_disallowed(name: str) -> bool:
    """Whether functions may neither see nor add the field `name` (lower case)."""
    return name in DISALLOWED_HEADERS or name.startswith(DISALLOWED_PREFIXES)


def is_disallowed_custom_header(name: str) -> bool:
    """Whether an origin's custom headers may not have `name` (lower case)."""
    return name in DISALLOWED_CUSTOM_HEADERS or name.startswith(("x-amz-", "x-edge-"))

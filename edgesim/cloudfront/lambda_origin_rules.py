"""What CloudFront demands of `request.origin` as a function at origin-request returns it.

The checks are in `lambda_origin.py`.
"""

from __future__ import annotations

from .function import Trigger
from .rule_book import Rule, RuleKind

_STRUCTURE = "Lambda@Edge event structure"
_CUSTOM = "Add custom headers to origin requests"
_QUOTAS = "Quotas"

_VIEWER_REQUEST = frozenset({Trigger.VIEWER_REQUEST})
_ORIGIN_REQUEST = frozenset({Trigger.ORIGIN_REQUEST})

ORIGIN_AT_VIEWER_REQUEST = Rule(
    "origin-at-viewer-request",
    "It set an origin at viewer-request, where none has been chosen yet.",
    "choose the origin at origin-request",
    _STRUCTURE,
    _VIEWER_REQUEST,
    silent=True,
    passes=True,
)
ORIGIN_KIND = Rule(
    "origin-kind",
    "origin has not exactly one of custom and s3, or that is no object.",
    "change the fields of request['origin'], or replace it by one of the two",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
ORIGIN_FIELDS = Rule(
    "origin-fields",
    "An origin that was replaced lacks fields; those of the one before it stand in.",
    "give every field that the event shows for such an origin",
    _STRUCTURE,
    _ORIGIN_REQUEST,
    silent=True,
    passes=True,
)
ORIGIN_DOMAIN = Rule(
    "origin-domain",
    "domainName is no host name: empty, with a port, or an address.",
    "give a host name; a port goes into port, and for an address of your own machine use localhost",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
ORIGIN_DOMAIN_LENGTH = Rule(
    "origin-domain-length",
    "domainName has more than 253 characters, or 128 for a bucket.",
    "use a shorter name",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
BUCKET_CASE = Rule(
    "bucket-case",
    "The domainName of a bucket is not lower case.",
    "a bucket's name is lower case",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
ORIGIN_PATH = Rule(
    "origin-path",
    "path is neither '' nor '/…' in percent-encoded ASCII, without a slash at the end.",
    "'' or '/…', percent-encoded, without a slash at the end",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
ORIGIN_PATH_LENGTH = Rule(
    "origin-path-length",
    "path has more than 255 characters.",
    "use a shorter path",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
ORIGIN_PROTOCOL = Rule(
    "origin-protocol",
    "protocol is neither http nor https.",
    "'http' or 'https'",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
ORIGIN_PORT = Rule(
    "origin-port",
    "port is not 80, 443, or from 1024 to 65535.",
    "80, 443, or 1024 to 65535, as a number",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
ORIGIN_SSL_PROTOCOLS = Rule(
    "origin-ssl-protocols",
    "sslProtocols is no list of TLSv1.2, TLSv1.1, TLSv1 and SSLv3.",
    "a list from SSLv3, TLSv1, TLSv1.1, TLSv1.2",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
ORIGIN_READ_TIMEOUT = Rule(
    "origin-read-timeout",
    "readTimeout is not from 1 to 120 seconds.",
    "1 to 120 seconds, as a number",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
ORIGIN_KEEPALIVE_TIMEOUT = Rule(
    "origin-keepalive-timeout",
    "keepaliveTimeout is not from 1 to 120 seconds.",
    "1 to 120 seconds, as a number",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
ORIGIN_COMPLETION_TIMEOUT = Rule(
    "origin-completion-timeout",
    "responseCompletionTimeout is shorter than readTimeout.",
    "at least readTimeout; 0, or no such field, is no limit",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
BUCKET_AUTH_METHOD = Rule(
    "bucket-auth-method",
    "authMethod is neither none nor origin-access-identity.",
    "'none' or 'origin-access-identity'; it knows nothing of origin access control",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
BUCKET_REGION = Rule(
    "bucket-region",
    "region is no string.",
    "the Region of the bucket, as a string",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
IDENTITY_REGION = Rule(
    "identity-region",
    "authMethod is origin-access-identity, and region is empty.",
    "an identity needs the bucket's Region",
    f"{_STRUCTURE}; public functions leave it empty",
    _ORIGIN_REQUEST,
    silent=True,
    passes=True,
)
IDENTITY_MOVED = Rule(
    "identity-moved",
    "It replaced a custom origin by a bucket with origin-access-identity, which the origin it "
    "was given does not have.",
    "use authMethod 'none', or start from an origin that is a bucket",
    f"{_STRUCTURE}; public functions do it",
    _ORIGIN_REQUEST,
    silent=True,
    passes=True,
)
CUSTOM_HEADERS_MAP = Rule(
    "custom-headers-map",
    "The customHeaders of an origin are no object.",
    "they map a name to a list of key and value, as headers do",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
CUSTOM_HEADER_DENIED = Rule(
    "custom-header-denied",
    "The customHeaders of an origin have one that CloudFront does not send for you.",
    "choose another name, or set it in headers",
    _CUSTOM,
    _ORIGIN_REQUEST,
)
CUSTOM_HEADER_TWICE = Rule(
    "custom-header-twice",
    "A header stands in headers and in the customHeaders of the origin.",
    "leave it in one of the two",
    _STRUCTURE,
    _ORIGIN_REQUEST,
)
CUSTOM_HEADERS_QUOTA = Rule(
    "custom-headers-quota",
    "The customHeaders of an origin are more than 30 or 10,240 characters together, or one has "
    "a name of more than 256 or a value of more than 1,783.",
    "send fewer or shorter ones",
    _QUOTAS,
    _ORIGIN_REQUEST,
    silent=True,
    passes=True,
)
HOST_OF_ORIGIN = Rule(
    "host-of-origin",
    "It chose another origin and left Host as it was: S3 and many servers answer with 403 or 404.",
    "set headers.host to the origin's domainName as well",
    "Lambda@Edge example functions; observed",
    _ORIGIN_REQUEST,
    kind=RuleKind.ADVICE,
)

ORIGIN_RULES: tuple[Rule, ...] = tuple(
    row for row in list(globals().values()) if isinstance(row, Rule)
)
"""All of them, in the order above."""

"""What CloudFront demands of the headers that Lambda@Edge functions return.

The checks are in `lambda_fields.py`.
"""

from __future__ import annotations

from .function import Trigger
from .rule_book import Rule, RuleKind

_STRUCTURE = "Lambda@Edge event structure"
_ALL_EDGE = "Restrictions on all edge functions"
_QUOTAS = "Quotas"
_SEEN = "observed"

_VIEWER_REQUEST = frozenset({Trigger.VIEWER_REQUEST})

FAILED = "The Lambda function result failed validation: "
"""How CloudFront's sentence on its page begins."""

HEADERS_MAP = Rule(
    "headers-map",
    "headers is no object.",
    "headers map a name to a list of key and value",
    _STRUCTURE,
)
HEADER_LIST = Rule(
    "header-list",
    "What a header's name stands for is no list.",
    "write a list of objects, even for a single line",
    f"{_STRUCTURE}; {_SEEN}",
    page="The Lambda function returned an invalid entry in the headers object: "
    "Each header entry in the headers object must be an array.",
)
HEADER_VALUE = Rule(
    "header-value",
    "An entry of a header is no object with a string for its value.",
    "an entry is {'key': …, 'value': …}, and both are strings",
    f"{_STRUCTURE}; {_SEEN}",
    page=f"{FAILED}The value of each header must be of string type.",
)
HEADER_NAME = Rule(
    "header-name",
    "A header's key, or the name it is listed under, is no token.",
    "a field name is a token: letters, digits, hyphens",
    "RFC 9110 §5.1",
)
HEADER_CHARACTER = Rule(
    "header-character",
    "A header's value has a line break or another control character.",
    "strip line breaks and control characters",
    _SEEN,
    page=f"{FAILED}The function returned an invalid header, invalid character : "
    "'{character}' in header value, headerName : {name}.",
)
HEADER_KEY = Rule(
    "header-key",
    "A header's key is another name than the one it is listed under.",
    "give the key the name it is listed under; only its case may differ",
    _STRUCTURE,
    silent=True,
    passes=True,
)
HEADER_CASE = Rule(
    "header-case",
    "A header is listed under a name that is not lower case.",
    "list it in lower case, and write the case that viewers see into key",
    _STRUCTURE,
    silent=True,
    passes=True,
)
DISALLOWED_HEADER = Rule(
    "disallowed-header",
    "It added a header that edge functions may neither see nor set.",
    "leave it out; CloudFront manages it",
    _ALL_EDGE,
    page=f"{FAILED}The function tried to add a blacklisted header.",
)
READ_ONLY_HEADER = Rule(
    "read-only-header",
    "It added, changed or deleted a header that is read-only at this trigger, in a request, a "
    "response, or a response of its own making.",
    "start from the event's headers and leave this one as it is",
    _ALL_EDGE,
    page=f"{FAILED}The function tried to add, delete, or change a read-only header.",
)
CLOUDFRONT_HEADER = Rule(
    "cloudfront-header",
    "It added one of CloudFront's own headers, such as CloudFront-Viewer-Country.",
    "name the header in a policy, and read it at an origin trigger",
    "Add CloudFront request headers",
    _VIEWER_REQUEST,
)
HEADERS_SIZE = Rule(
    "headers-size",
    "Start line and headers are more than 32,768 bytes, which viewers and origins may not send.",
    "keep large values elsewhere, and send a reference to them",
    _QUOTAS,
    silent=True,
    passes=True,
)
JOINED_COOKIES = Rule(
    "joined-cookies",
    "One Set-Cookie line holds several cookies; browsers take the first and lose the rest.",
    "give each cookie an entry of its own in the list of set-cookie",
    "RFC 6265 §3",
    kind=RuleKind.ADVICE,
)

HEADER_RULES: tuple[Rule, ...] = tuple(
    row for row in list(globals().values()) if isinstance(row, Rule)
)
"""All of them, in the order above."""

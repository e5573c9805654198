"""What CloudFront demands of a CloudFront Function, row by row.

CloudFront: "Restrictions on CloudFront Functions", "Restrictions on all edge functions",
"CloudFront Functions event structure", "Helper methods for origin modification".
"""

from __future__ import annotations

from .function import Trigger
from .rule_book import Rule

_EVENT = "CloudFront Functions event structure"
_ALL = "Restrictions on all edge functions"
_ORIGIN = "Helper methods for origin modification"
_SAID = "The CloudFront function returned an invalid value"
_REQUEST = frozenset({Trigger.VIEWER_REQUEST})
_VIEWER = frozenset({Trigger.VIEWER_REQUEST, Trigger.VIEWER_RESPONSE})


def _rule(
    name: str,
    condition: str,
    fix: str,
    source: str = _EVENT,
    triggers: frozenset[Trigger] = _VIEWER,
    page: str = f"{_SAID}.",
    *,
    silent: bool = False,
) -> Rule:
    return Rule(f"cff-{name}", condition, fix, source, triggers, page=page, silent=silent)


RETURNS = _rule(
    "returns",
    "The handler returns something that is neither a request nor a response.",
    "return event.request or an object with a statusCode; at viewer-response event.response",
)
METHOD = _rule(
    "method",
    "The request's method is not the viewer's.",
    "leave request.method as it is: it is read-only",
    triggers=_REQUEST,
)
URI = _rule(
    "uri",
    "The uri does not start with '/', or has a space, a control character, '?' or '#'.",
    "percent-encode the path, and put the query into querystring",
    _ALL,
    _REQUEST,
    f"{_SAID}: request.uri must start with '/'.",
)
QUERY = _rule(
    "querystring",
    "The querystring is neither a map of values nor a string, or has a space, a control "
    "character or '#'.",
    "percent-encode names and values; an entry is { value: 'text' }",
    _ALL,
    _REQUEST,
)
URL_LENGTH = _rule(
    "url-length",
    "uri and querystring together have 8,192 characters or more.",
    "8,191 are allowed",
    _ALL,
    _REQUEST,
)
ENTRY = _rule(
    "entry",
    "A header, cookie or parameter is not an object with a string value.",
    "write { value: 'text' }; several values go into multiValue: [{ value: 'a' }, { value: 'b' }]",
)
LOWER_CASE = _rule(
    "lower-case",
    "A header's name is not in lower case.",
    "write the name in lower case; viewers and origins get it capitalised",
    page=f"{_SAID}: headers must have header names in lower case.",
)
FIELD_NAME = _rule(
    "field-name",
    "A header's or cookie's name has a character that no name may have.",
    "a name is letters, digits and -_.!#$%&'*+^`|~ (RFC 9110 §5.6.2)",
)
VALUE_CHARACTER = _rule(
    "value-character",
    "A value has a line break or another control character.",
    "strip line breaks and control characters",
    _ALL,
)
DISALLOWED = _rule(
    "disallowed-header",
    "A header was added that no edge function may set.",
    "leave it out; CloudFront manages it",
    _ALL,
)
READ_ONLY = _rule(
    "read-only-header",
    "A read-only header was added, changed or deleted.",
    "start from the event's headers and leave this one as it is",
    _ALL,
)
STATUS = _rule(
    "status-code",
    "The statusCode is no integer from 200 to 599.",
    "write it without quotes: statusCode: 302",
)
DESCRIPTION = _rule(
    "status-description",
    "The statusDescription is no string, or has control characters.",
    "leave it out, or give the usual phrase",
)
BODY = _rule(
    "body",
    "The body is neither a string nor an object with a string data.",
    "write body: 'text' or body: { encoding: 'base64', data: '…' }",
)
BODY_ENCODING = _rule(
    "body-encoding",
    "The body's encoding is neither 'text' nor 'base64', or its data is no base64.",
    "encode it, or use 'text'",
)
BODY_SIZE = _rule(
    "body-size",
    "Headers and body that a function makes are larger than 40 KB.",
    "store it at the origin and redirect or rewrite to it",
    "Quotas, Lambda@Edge at viewer triggers; for CloudFront Functions AWS names none",
    silent=True,
)
ORIGIN = _rule(
    "origin",
    "A helper method was given an origin that CloudFront does not take.",
    "see the fields of updateRequestOrigin and createRequestOriginGroup",
    _ORIGIN,
    _REQUEST,
    "The CloudFront function returned an invalid value for origin rewrite.",
)
ORIGIN_TRIGGER = _rule(
    "origin-trigger",
    "The origin was changed at viewer-response, where there is nothing to send any more.",
    "change it at viewer-request",
    _ORIGIN,
    frozenset({Trigger.VIEWER_RESPONSE}),
    ORIGIN.page,
)

FUNCTION_RULES = (
    RETURNS,
    METHOD,
    URI,
    QUERY,
    URL_LENGTH,
    ENTRY,
    LOWER_CASE,
    FIELD_NAME,
    VALUE_CHARACTER,
    DISALLOWED,
    READ_ONLY,
    STATUS,
    DESCRIPTION,
    BODY,
    BODY_ENCODING,
    BODY_SIZE,
    ORIGIN,
    ORIGIN_TRIGGER,
)
"""All of them, in the order in which a result meets them."""

"""What CloudFront demands of the results of Lambda@Edge functions, rule by rule.

The checks are in `lambda_result.py` and `lambda_body.py`; the rules for headers are in
`lambda_header_rules.py`, those for where a request is sent in `lambda_origin_rules.py`.
"""

from __future__ import annotations

from .function import Trigger
from .lambda_header_rules import FAILED, HEADER_RULES
from .lambda_origin_rules import ORIGIN_RULES
from .rule_book import Rule, RuleKind

_STRUCTURE = "Lambda@Edge event structure"
_RESULTS = "Work with requests and responses"
_ALL_EDGE = "Restrictions on all edge functions"
_LAMBDA_EDGE = "Restrictions on Lambda@Edge"
_QUOTAS = "Quotas"
_SEEN = "observed"

_NO_URI = f"{FAILED}The function returned an invalid URI format."
_NO_BODY = f"{FAILED}The body is not a string, is not an object, or exceeds the maximum size."

_REQUESTS = frozenset({Trigger.VIEWER_REQUEST, Trigger.ORIGIN_REQUEST})
_RESPONSES = frozenset(Trigger) - _REQUESTS
_VIEWER_REQUEST = frozenset({Trigger.VIEWER_REQUEST})
_VIEWER_RESPONSE = frozenset({Trigger.VIEWER_RESPONSE})
_MAKING = frozenset(Trigger) - _VIEWER_RESPONSE
"""Where a function may make a body."""

NOT_AN_OBJECT = Rule(
    "not-an-object",
    "The result is null, a string, a number, a list or a boolean.",
    "did a path through it forget to return the request or response?",
    f"{_RESULTS}; {_SEEN}",
    page="The Lambda function returned invalid JSON: The JSON output must be an object type.",
)
UNPARSABLE = Rule(
    "unparsable",
    "The result is bytes, which are no JSON.",
    "return a dict; a body goes into it base64-encoded",
    _SEEN,
    page="The Lambda function returned invalid json: The json output is not parsable.",
)
NEITHER_REQUEST_NOR_RESPONSE = Rule(
    "neither-request-nor-response",
    "The result has no status, and not all of uri, method and headers.",
    "return event['Records'][0]['cf']['request'], or an object with a status",
    _RESULTS,
    _REQUESTS,
)
NOT_A_RESPONSE = Rule(
    "not-a-response",
    "The result has neither a status nor headers, or is a request.",
    "return event['Records'][0]['cf']['response']",
    _RESULTS,
    _RESPONSES,
)

METHOD = Rule(
    "method",
    "It changed the method.",
    "the method is read-only",
    _STRUCTURE,
    _REQUESTS,
    silent=True,
)
CLIENT_IP = Rule(
    "client-ip",
    "It changed clientIp, which is read-only; the change has no effect.",
    "put what the origin should know into a header",
    _STRUCTURE,
    _REQUESTS,
    silent=True,
    passes=True,
)
URI = Rule(
    "uri",
    "uri is no string that starts with a slash, or has a space, a control character, '?' or '#'.",
    "start it with '/', percent-encode it, and put the query into querystring",
    f"{_LAMBDA_EDGE}; {_SEEN}",
    _REQUESTS,
    page=_NO_URI,
)
QUERY_STRING = Rule(
    "querystring",
    "querystring is no string, or has a space, a control character or '#'.",
    "percent-encode it; no query is the empty string",
    _LAMBDA_EDGE,
    _REQUESTS,
    page=_NO_URI,
)
URL_LENGTH = Rule(
    "url-length",
    "uri and querystring together have 8,192 bytes or more.",
    "8,191 are allowed",
    _LAMBDA_EDGE,
    _REQUESTS,
    page=_NO_URI,
)

REQUEST_BODY = Rule(
    "request-body",
    "body is no object, or its data no string.",
    "change the fields of request['body']; body.data is a string",
    _STRUCTURE,
    _REQUESTS,
    page=_NO_BODY,
)
BODY_ACTION = Rule(
    "body-action",
    "body.action is neither read-only nor replace.",
    "it is 'read-only' or 'replace'",
    _STRUCTURE,
    _REQUESTS,
)
BODY_ENCODING = Rule(
    "body-encoding",
    "body.encoding, or the bodyEncoding of a response, is neither text nor base64.",
    "it is 'text' or 'base64'",
    _STRUCTURE,
    _MAKING,
)
BODY_BASE64 = Rule(
    "body-base64",
    "A body is said to be base64 and is not.",
    "encode it, or use 'text'; base64 is the default for body.data alone",
    _STRUCTURE,
    _MAKING,
)
BODY_SIZE = Rule(
    "body-size",
    "The body put in a request's place has more than 40 KB at viewer-request, 1 MB at "
    "origin-request.",
    "send less, or leave the body read-only: it then goes to the origin whole",
    _LAMBDA_EDGE,
    _REQUESTS,
    page=_NO_BODY,
)
BODY_BASE64_SIZE = Rule(
    "body-base64-size",
    "The base64 of the body put in a request's place is longer than 53.2 KB at viewer-request, "
    "1.33 MB at origin-request, though what it stands for is not.",
    "send a little less",
    _LAMBDA_EDGE,
    _REQUESTS,
    silent=True,
    passes=True,
)
BODY_NOT_INCLUDED = Rule(
    "body-not-included",
    "It replaced the body of a request, and its association does not include the body.",
    "set include_body on the association",
    _LAMBDA_EDGE,
    _REQUESTS,
    silent=True,
    passes=True,
)
TRUNCATED_BODY = Rule(
    "truncated-body",
    "It replaced a body of which it saw only the beginning: the rest is lost.",
    "leave the body read-only where body.inputTruncated is true",
    _LAMBDA_EDGE,
    _REQUESTS,
    kind=RuleKind.ADVICE,
)

STATUS = Rule(
    "status",
    "status is not three digits from 200 to 599.",
    "a status is a string, '200' to '599'",
    _RESULTS,
)
NO_STATUS = Rule(
    "no-status",
    "A response has no status; the one before it stands in.",
    "start from the event's response, or write the status",
    _RESULTS,
    _RESPONSES,
    silent=True,
    passes=True,
)
STATUS_NUMBER = Rule(
    "status-number",
    "status is a number.",
    "write it as a string",
    _STRUCTURE,
    silent=True,
    passes=True,
)
STATUS_DESCRIPTION = Rule(
    "status-description",
    "statusDescription is no string, or has a control character.",
    "it is a string without control characters",
    _STRUCTURE,
    _MAKING,
)
NO_CONTENT_BODY = Rule(
    "no-content-body",
    "A response made at viewer-request has the status 204 and a body.",
    "a 204 has no body; use 200",
    _RESULTS,
    _VIEWER_REQUEST,
)
RESPONSE_BODY = Rule(
    "response-body",
    "The body of a response is no string.",
    "a body is a string; bytes go into it base64-encoded",
    f"{_STRUCTURE}; {_SEEN}",
    _MAKING,
    page=_NO_BODY,
)
RESPONSE_SIZE = Rule(
    "response-size",
    "Headers and body of a response have more than 40 KB at viewer-request, 1 MB at origin "
    "triggers.",
    "store it at the origin and redirect or rewrite to it",
    f"{_RESULTS}; {_QUOTAS}",
    _MAKING,
    page=_NO_BODY,
)
VIEWER_RESPONSE_STATUS = Rule(
    "viewer-response-status",
    "It changed the status at viewer-response, where only headers count.",
    "change the status at origin-response",
    _RESULTS,
    _VIEWER_RESPONSE,
    silent=True,
    passes=True,
)
VIEWER_RESPONSE_BODY = Rule(
    "viewer-response-body",
    "It returned a body at viewer-response, where only headers count.",
    "make the body at origin-response",
    _RESULTS,
    _VIEWER_RESPONSE,
    silent=True,
    passes=True,
)

LAMBDA_RULES: tuple[Rule, ...] = (
    *(row for row in list(globals().values()) if isinstance(row, Rule)),
    *HEADER_RULES,
    *ORIGIN_RULES,
)
"""All of them, those of this file in the order above, so that none can be forgotten."""

"""What a CloudFront Function returned: checked against CloudFront's rules, then applied.

CloudFront: "CloudFront Functions event structure", "Restrictions on CloudFront Functions". A
result is held against what the function was shown.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidFunctionResult
from ..http.headers import Headers
from ..http.message import Request, Response
from . import function_rules as rules
from .function import Function, Trigger
from .function_fields import returned_headers, returned_query
from .lambda_event import Json, octets, text
from .lambda_fields import shown
from .lambda_result import blamed_on
from .restrictions import BAD_VALUE_CHARACTER, GENERATED_BYTES, MAX_URL_BYTES, NOT_IN_A_PATH
from .rule_book import Judge, Warned
from .strictness import Strictness

VALIDATION_ERROR = "FunctionValidationError"


@dataclass(frozen=True, slots=True)
class FunctionOutput:
    """What a handler returned, and the last helper method that it called to change the origin."""

    returned: object
    origin: Json | None = None
    repeats: bool = field(default=False, compare=False)
    """Whether it would be the same for an event with nothing but another request id."""


def output_of(reply: object) -> FunctionOutput:
    """`reply` of any runtime; one that has no helper methods replies with what was returned."""
    return reply if isinstance(reply, FunctionOutput) else FunctionOutput(reply)


@contextmanager
def held_against(
    function: Function,
    trigger: Trigger,
    strictness: Strictness = Strictness.SAFE,
    warnings: list[Warned] | None = None,
) -> Iterator[Judge]:
    """Says in every refusal and every warning whose result it was, and of which kind."""
    try:
        with blamed_on(function, trigger, strictness, warnings) as judge:
            yield judge
    except InvalidFunctionResult as error:
        error.code = VALIDATION_ERROR
        raise


def asked_result(
    returned: object, request: Request, given: Json, judge: Judge
) -> Request | Response:
    """What viewer-request comes to: the request as it goes on, or a response in its place.

    `given` is the request as the function was shown it. Raises `InvalidFunctionResult`.
    """
    shape = _object(returned)
    if "statusCode" in shape:
        return _response(Trigger.VIEWER_REQUEST, shape, {}, Response(0), judge)
    if "uri" not in shape or "method" not in shape:
        raise rules.RETURNS.refusal(f"it returned an object with {_keys(shape)}", _hint(shape))
    if shape["method"] != request.method:
        what = f"it changed the method from {request.method} to {shown(shape['method'])}"
        raise rules.METHOD.refusal(what)
    headers = returned_headers(Trigger.VIEWER_REQUEST, shape, given, request.headers)
    target = _target(shape, request, given)
    if headers is request.headers and target is request.target:
        return request
    return Request(request.method, target, headers, request.body)


def amended_result(returned: object, response: Response, given: Json, judge: Judge) -> Response:
    """The response as a function at viewer-response leaves it. Raises `InvalidFunctionResult`."""
    shape = _object(returned)
    if "statusCode" not in shape:
        raise rules.RETURNS.refusal(f"it returned an object with {_keys(shape)}", _hint(shape))
    return _response(Trigger.VIEWER_RESPONSE, shape, given, response, judge)


def _object(returned: object) -> Json:
    if not isinstance(returned, dict):
        kind = "nothing" if returned is None else shown(returned)
        raise rules.RETURNS.refusal(
            f"it returned {kind}", "did a path through it forget to return the request or response?"
        )
    return returned


def _keys(shape: Json) -> str:
    return f"the keys {', '.join(sorted(shape))}" if shape else "no keys"


def _hint(shape: Json) -> str:
    if "request" in shape:
        return "return event.request or event.response, not the whole event"
    return "a response has statusCode, without quotes" if "status" in shape else ""


def _target(shape: Json, request: Request, given: Json) -> str:
    """The path and query it wants; the viewer's own octets where it left them alone."""
    uri, query = shape["uri"], shape.get("querystring", {})
    if uri == given["uri"] and query == given["querystring"]:
        return request.target
    if not isinstance(uri, str) or not uri.startswith("/") or NOT_IN_A_PATH.search(uri):
        raise rules.URI.refusal(f"its uri is {shown(uri)}")
    path = request.path if uri == text(request.path) else octets(uri)
    raw = returned_query(query, given["querystring"], request.query)
    target = f"{path}?{raw}" if raw else path
    if len(target) >= MAX_URL_BYTES:
        raise rules.URL_LENGTH.refusal(f"uri and querystring are {len(target):,} characters")
    return target


def _response(
    trigger: Trigger, shape: Json, given: Json, before: Response, judge: Judge
) -> Response:
    status = shape["statusCode"]
    if type(status) is not int or not 200 <= status <= 599:
        raise rules.STATUS.refusal(f"its statusCode is {shown(status)}")
    headers = returned_headers(trigger, shape, given, before.headers)
    reason = _reason(shape, given, before, status)
    if "body" not in shape:
        if status == before.status and headers is before.headers and reason == before.reason:
            return before
        return Response(status, headers, before.body, reason)
    body = _body(shape["body"])
    size = sum(len(name) + len(value) for name, value in headers) + len(body)
    if size > (limit := GENERATED_BYTES[Trigger.VIEWER_REQUEST]):
        what = f"headers and body are {size:,} bytes"
        judge.weigh(rules.BODY_SIZE, what, f"at most {limit:,}; {rules.BODY_SIZE.fix}")
    return Response(status, _framed_anew(headers), body, reason)


def _framed_anew(headers: Headers) -> Headers:
    return headers.without("content-length", "transfer-encoding")


def _reason(shape: Json, given: Json, before: Response, status: int) -> str:
    """The phrase of the status line; "" for the usual one."""
    described = shape.get("statusDescription", "")
    if described in ("", given.get("statusDescription")):
        return before.reason if status == before.status else ""
    if not isinstance(described, str) or BAD_VALUE_CHARACTER.search(described):
        raise rules.DESCRIPTION.refusal(f"its statusDescription is {shown(described)}")
    return octets(described)


def _body(body: Any) -> bytes:
    encoding = "text"
    if isinstance(body, dict):
        body, encoding = body.get("data"), body.get("encoding", "text")
    if not isinstance(body, str):
        raise rules.BODY.refusal(f"its body is {shown(body)}")
    if encoding == "text":
        return body.encode("utf-8", "surrogatepass")
    if encoding != "base64":
        raise rules.BODY_ENCODING.refusal(f"its body's encoding is {shown(encoding)}")
    try:
        return b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise rules.BODY_ENCODING.refusal(f"its body is no base64: {error}") from None

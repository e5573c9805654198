"""What a Lambda@Edge function returned: checked against CloudFront's rules, then applied.

CloudFront: "Work with requests and responses", "Restrictions on Lambda@Edge". A result is held
against the request or response, not against the event made of it: a function may have changed
its event in place.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidFunctionResult
from ..http.head import usual_phrase
from ..http.headers import Headers
from ..http.message import Request, Response
from .distribution import Function, Origin, Route, Trigger
from .lambda_event import Json, octets, text
from .lambda_fields import FAILED, refusal, returned_headers, shown
from .lambda_origin import chosen_origin
from .restrictions import (
    BAD_VALUE_CHARACTER,
    EXPOSED_BODY_BYTES,
    GENERATED_BYTES,
    MAX_URL_BYTES,
    NOT_IN_A_PATH,
    NOT_IN_A_QUERY,
)

_TOO_LARGE = f"{FAILED}The body is not a string, is not an object, or exceeds the maximum size."

_STATUS = re.compile(r"[2-5][0-9]{2}")


@dataclass(frozen=True, slots=True)
class Asked:
    """The request a function lets go on, and where to.

    `origin` comes from origin-request, `route` from a CloudFront Function.
    """

    request: Request
    origin: Origin | None = None
    route: Route | None = None


@contextmanager
def blamed_on(function: Function, trigger: Trigger) -> Iterator[None]:
    """Says in every refusal whose result it was."""
    try:
        yield
    except InvalidFunctionResult as error:
        error.where = f"function {function.name} at {trigger}"
        raise


def request_result(
    trigger: Trigger, result: object, request: Request, origin: Origin | None = None
) -> Asked | Response:
    """What the result of a request function asks for: the request goes on, or a response stands.

    It is held against `request`, not against the event, which the function may have changed.
    Raises `InvalidFunctionResult` for whatever CloudFront would answer with a 502.
    """
    shape = _object(result)
    if "status" in shape:
        return _generated(trigger, shape)
    if not {"uri", "method", "headers"} <= shape.keys():
        raise refusal(
            f"it returned an object with {_keys(shape)}: neither a request nor a response",
            "return event['Records'][0]['cf']['request'], or an object with a status",
        )
    if shape["method"] != request.method:
        raise refusal(
            f"it changed the method from {request.method} to {shown(shape['method'])}",
            "the method is read-only",
        )
    headers = returned_headers(trigger, shape["headers"], request.headers)
    body = _body(trigger, shape.get("body"), request)
    if body is not request.body:
        headers = headers.with_("Content-Length", str(len(body)))
    changed = Request(request.method, _target(shape, request), headers, body)
    return Asked(changed, origin and chosen_origin(shape.get("origin"), origin, changed))


def response_result(trigger: Trigger, result: object, response: Response) -> Response:
    """The response as a response function leaves it.

    At viewer-response only its headers count: CloudFront keeps the status and the body.
    Raises `InvalidFunctionResult` for whatever CloudFront would answer with a 502.
    """
    shape = _object(result)
    if "status" not in shape and "headers" not in shape:
        raise refusal(
            f"it returned an object with {_keys(shape)}, which is no response",
            "return event['Records'][0]['cf']['response']",
        )
    headers = returned_headers(trigger, shape.get("headers", {}), response.headers)
    if trigger is Trigger.VIEWER_RESPONSE:
        return response.with_headers(headers)
    status = _status(shape.get("status", response.status))
    reason = _reason(shape, status, response)
    if "body" not in shape:
        return Response(status, headers, response.body, reason)
    body = _made_body(trigger, shape, headers)
    return Response(status, headers.without("content-length"), body, reason)


def _object(result: object) -> Json:
    if not isinstance(result, dict):
        kind = "null" if result is None else type(result).__name__
        raise refusal(
            f"it returned {kind}",
            "did a path through it forget to return the request or response?",
            "The Lambda function returned invalid JSON: The JSON output must be an object type.",
        )
    return result


def _keys(shape: Json) -> str:
    return f"the keys {', '.join(sorted(map(str, shape)))}" if shape else "no keys"


def _generated(trigger: Trigger, shape: Json) -> Response:
    """A response made by a request function; it may not bring what CloudFront sets itself."""
    status = _status(shape["status"])
    headers = returned_headers(trigger, shape.get("headers", {}), Headers())
    body = _made_body(trigger, shape, headers)
    if trigger is Trigger.VIEWER_REQUEST and status == 204 and body:
        raise refusal("it returned a body with status 204", "a 204 has no body; use 200")
    return Response(status, headers, body, _reason(shape, status))


def _status(value: object) -> int:
    """CloudFront: a string of three digits; a number is let pass, as many samples have one."""
    status = str(value) if isinstance(value, str | int) else ""
    if not _STATUS.fullmatch(status):
        raise refusal(f"its status is {shown(value)}", "a status is a string, '200' to '599'")
    return int(status)


def _reason(shape: Json, status: int, before: Response | None = None) -> str:
    """The phrase of the status line; "" for the usual one."""
    given = "" if before is None else before.reason or usual_phrase(before.status)
    described = shape.get("statusDescription", given)
    if before is not None and described == given:
        return before.reason if status == before.status else ""
    if not isinstance(described, str) or BAD_VALUE_CHARACTER.search(described) is not None:
        raise refusal(
            f"its statusDescription is {shown(described)}",
            "it is a string without control characters",
        )
    return octets(described)


def _made_body(trigger: Trigger, shape: Json, headers: Headers) -> bytes:
    body, encoding = shape.get("body", ""), shape.get("bodyEncoding", "text")
    if not isinstance(body, str):
        raise refusal(f"its body is {type(body).__name__}", "a body is a string", _TOO_LARGE)
    data = _decoded(body, encoding, "bodyEncoding")
    size = sum(len(name) + len(value) for name, value in headers) + len(data)
    limit = GENERATED_BYTES[trigger]
    if size > limit:
        raise refusal(
            f"headers and body are {size:,} bytes, the limit at {trigger} is {limit:,}",
            "store it at the origin and redirect or rewrite to it",
            _TOO_LARGE,
        )
    return data


def _decoded(body: str, encoding: object, field: str) -> bytes:
    if encoding == "text":
        return body.encode("utf-8", "surrogatepass")
    if encoding != "base64":
        raise refusal(f"its {field} is {shown(encoding)}", f"{field} is 'text' or 'base64'")
    try:
        return b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refusal(f"its body is not base64: {error}", "encode it, or use 'text'") from None


def _target(shape: Json, request: Request) -> str:
    """The path and query a function wants; the viewer's own octets where it left them alone."""
    uri, query = shape["uri"], shape.get("querystring", "")
    if (uri, query) == (text(request.path), text(request.query)):
        return request.target
    page = f"{FAILED}The function returned an invalid URI format."
    if not isinstance(uri, str) or not uri.startswith("/"):
        raise refusal(f"its uri is {shown(uri)}", "a uri is a string that starts with '/'", page)
    if NOT_IN_A_PATH.search(uri):
        raise refusal(
            f"its uri {shown(uri)} has a space, a control character, '?' or '#'",
            "percent-encode the path, and put the query into querystring",
            page,
        )
    if not isinstance(query, str) or NOT_IN_A_QUERY.search(query):
        raise refusal(
            f"its querystring {shown(query)} is no string, or has a space, a control character "
            "or '#'",
            "percent-encode it",
            page,
        )
    path = request.path if uri == text(request.path) else octets(uri)
    query = request.query if query == text(request.query) else octets(query)
    target = f"{path}?{query}" if query else path
    if len(target) >= MAX_URL_BYTES:
        raise refusal(f"uri and querystring are {len(target):,} bytes", "8,191 are allowed", page)
    return target


def _body(trigger: Trigger, body: object, request: Request) -> bytes | Any:
    if body is None:
        return request.body
    if not isinstance(body, dict):
        raise refusal("its body is no object", "change the fields of request['body']", _TOO_LARGE)
    action, data = body.get("action", "read-only"), body.get("data", "")
    if action == "read-only":
        return request.body
    if action != "replace":
        raise refusal(f"its body.action is {shown(action)}", "it is 'read-only' or 'replace'")
    if not isinstance(data, str):
        raise refusal("its body.data is no string", "body.data is a string", _TOO_LARGE)
    replaced = _decoded(data, body.get("encoding", "base64"), "body.encoding")
    limit = EXPOSED_BODY_BYTES[trigger]
    if len(replaced) > limit:
        raise refusal(
            f"its body is {len(replaced):,} bytes, the limit at {trigger} is {limit:,}",
            page=_TOO_LARGE,
        )
    return replaced

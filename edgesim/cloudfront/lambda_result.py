"""What a Lambda@Edge function returned: checked against CloudFront's rules, then applied.

CloudFront: "Work with requests and responses", "Restrictions on Lambda@Edge". A result is held
against the request or response, not against the event made of it: a function may have changed
its event in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import InvalidFunctionResult
from ..http.head import usual_phrase
from ..http.headers import Headers
from ..http.message import Request, Response
from ..values import value
from . import lambda_rules as rules
from .function import Function, Trigger
from .lambda_body import made_body, replaced_body
from .lambda_event import ExposedBody, Json, octets, text
from .lambda_fields import returned_headers, shown
from .lambda_header_rules import HEADERS_SIZE
from .lambda_origin import chosen_origin
from .lambda_origin_rules import ORIGIN_AT_VIEWER_REQUEST
from .origin import Origin, Route
from .restrictions import (
    BAD_VALUE_CHARACTER,
    MAX_HEAD_BYTES,
    MAX_URL_BYTES,
    NOT_IN_A_PATH,
    NOT_IN_A_QUERY,
)
from .rule_book import Judge, Warned
from .strictness import Strictness

_STATUS = re.compile(r"[2-5][0-9]{2}")


@value(frozen=True, slots=True)
class Asked:
    """The request a function lets go on, and where to.

    `origin` comes from origin-request, `route` from a CloudFront Function.
    """

    request: Request
    origin: Origin | None = None
    route: Route | None = None


@contextmanager
def blamed_on(
    function: Function,
    trigger: Trigger,
    strictness: Strictness = Strictness.SAFE,
    warnings: list[Warned] | None = None,
) -> Iterator[Judge]:
    """Says in every refusal and every warning whose result it was."""
    where = f"function {function.name} at {trigger}"
    try:
        yield Judge(strictness, [] if warnings is None else warnings, where)
    except InvalidFunctionResult as error:
        error.where, error.faces_viewer = where, not trigger.faces_origin
        raise


def request_result(
    trigger: Trigger,
    result: object,
    request: Request,
    origin: Origin | None = None,
    body: ExposedBody | None = None,
    client_ip: str = "",
    judge: Judge | None = None,
) -> Asked | Response:
    """What the result of a request function asks for: the request goes on, or a response stands.

    It is held against `request`, not against the event, which the function may have changed;
    `body` is what the event showed of the request's, and `client_ip` whose it is. Raises
    `InvalidFunctionResult` for whatever CloudFront would answer with a 502.
    """
    judge = judge or Judge()
    shape = _object(result)
    if "status" in shape:
        return _generated(trigger, shape, judge)
    if not {"uri", "method", "headers"} <= shape.keys():
        what = f"it returned an object with {_keys(shape)}: neither a request nor a response"
        raise rules.NEITHER_REQUEST_NOR_RESPONSE.refusal(what)
    _check_unchanged(shape, request, client_ip, judge)
    headers = returned_headers(trigger, shape["headers"], request.headers, judge)
    data = replaced_body(trigger, shape.get("body"), request, body, judge)
    if data is not request.body:
        headers = headers.with_("Content-Length", str(len(data)))
    changed = Request(request.method, _target(shape, request), headers, data)
    _check_size(f"{request.method} {changed.target} HTTP/1.1", headers, request.headers, judge)
    if origin is None:
        if "origin" in shape:
            judge.weigh(ORIGIN_AT_VIEWER_REQUEST, f"it set an origin at {trigger}")
        return Asked(changed)
    return Asked(changed, chosen_origin(shape.get("origin"), origin, changed, judge))


def response_result(
    trigger: Trigger, result: object, response: Response, judge: Judge | None = None
) -> Response:
    """The response as a response function leaves it.

    At viewer-response only its headers count: CloudFront keeps the status and the body.
    Raises `InvalidFunctionResult` for whatever CloudFront would answer with a 502.
    """
    judge = judge or Judge()
    shape = _object(result)
    if "status" not in shape:
        if "headers" not in shape or {"uri", "method"} <= shape.keys():
            what = f"it returned an object with {_keys(shape)}, which is no response"
            raise rules.NOT_A_RESPONSE.refusal(what)
        judge.weigh(rules.NO_STATUS, "its response has no status")
    headers = returned_headers(trigger, shape.get("headers", {}), response.headers, judge)
    status = response.status
    if (given := shape.get("status", str(status))) != str(status):
        status = _status(given, judge)
    _check_size("HTTP/1.1 200 OK", headers, response.headers, judge)
    if trigger is Trigger.VIEWER_RESPONSE:
        if status != response.status:
            what = f"it changed the status from {response.status} to {status}"
            judge.weigh(rules.VIEWER_RESPONSE_STATUS, what)
        if "body" in shape:
            judge.weigh(rules.VIEWER_RESPONSE_BODY, f"it returned a body at {trigger}")
        return response.with_headers(headers)
    reason = _reason(shape, status, response)
    if "body" not in shape:
        return Response(status, headers, response.body, reason)
    body = made_body(trigger, shape, headers)
    return Response(status, headers.without("content-length"), body, reason)


def _object(result: object) -> Json:
    if not isinstance(result, dict):
        kind = "null" if result is None else type(result).__name__
        raise rules.NOT_AN_OBJECT.refusal(f"it returned {kind}")
    return result


def _keys(shape: Json) -> str:
    return f"the keys {', '.join(sorted(map(str, shape)))}" if shape else "no keys"


def _check_unchanged(shape: Json, request: Request, client_ip: str, judge: Judge) -> None:
    """What a function may only read."""
    if shape["method"] != request.method:
        what = f"it changed the method from {request.method} to {shown(shape['method'])}"
        judge.weigh(rules.METHOD, what)
    if client_ip and shape.get("clientIp", client_ip) != client_ip:
        judge.weigh(rules.CLIENT_IP, f"it changed clientIp to {shown(shape['clientIp'])}")


def _check_size(start_line: str, headers: Headers, before: Headers, judge: Judge) -> None:
    if headers is before:
        return
    size = len(start_line) + 2 + sum(len(name) + len(value) + 4 for name, value in headers)
    if size > MAX_HEAD_BYTES:
        judge.weigh(HEADERS_SIZE, f"start line and headers are {size:,} bytes")


def _generated(trigger: Trigger, shape: Json, judge: Judge) -> Response:
    """A response made by a request function; it may not bring what CloudFront sets itself."""
    status = _status(shape["status"], judge)
    nothing = Headers()
    headers = returned_headers(trigger, shape.get("headers", {}), nothing, judge)
    _check_size("HTTP/1.1 200 OK", headers, nothing, judge)
    body = made_body(trigger, shape, headers)
    if trigger is Trigger.VIEWER_REQUEST and status == 204 and body:
        raise rules.NO_CONTENT_BODY.refusal("it returned a body with status 204")
    return Response(status, headers, body, _reason(shape, status))


def _status(value: object, judge: Judge) -> int:
    status = str(value) if isinstance(value, str | int) else ""
    if not _STATUS.fullmatch(status):
        raise rules.STATUS.refusal(f"its status is {shown(value)}")
    if not isinstance(value, str):
        judge.weigh(rules.STATUS_NUMBER, f"its status is the number {status}", f"write '{status}'")
    return int(status)


def _reason(shape: Json, status: int, before: Response | None = None) -> str:
    """The phrase of the status line; "" for the usual one."""
    given = "" if before is None else before.reason or usual_phrase(before.status)
    described = shape.get("statusDescription", given)
    if before is not None and described == given:
        return before.reason if status == before.status else ""
    if not isinstance(described, str) or BAD_VALUE_CHARACTER.search(described) is not None:
        raise rules.STATUS_DESCRIPTION.refusal(f"its statusDescription is {shown(described)}")
    return octets(described)


def _target(shape: Json, request: Request) -> str:
    """The path and query a function wants; the viewer's own octets where it left them alone."""
    uri, query = shape["uri"], shape.get("querystring", "")
    if (uri, query) == (text(request.path), text(request.query)):
        return request.target
    if not isinstance(uri, str) or not uri.startswith("/"):
        raise rules.URI.refusal(f"its uri is {shown(uri)}")
    if NOT_IN_A_PATH.search(uri):
        what = f"its uri {shown(uri)} has a space, a control character, '?' or '#'"
        raise rules.URI.refusal(what)
    if not isinstance(query, str):
        raise rules.QUERY_STRING.refusal(f"its querystring is {shown(query)}, no string")
    if NOT_IN_A_QUERY.search(query):
        what = f"its querystring {shown(query)} has a space, a control character or '#'"
        raise rules.QUERY_STRING.refusal(what)
    path = request.path if uri == text(request.path) else octets(uri)
    query = request.query if query == text(request.query) else octets(query)
    target = f"{path}?{query}" if query else path
    if len(target) >= MAX_URL_BYTES:
        raise rules.URL_LENGTH.refusal(f"uri and querystring are {len(target):,} bytes")
    return target

"""What a Lambda@Edge function returned: checked against CloudFront's rules, then applied.

CloudFront: "Work with requests and responses", "Restrictions on Lambda@Edge". Each refusal
carries two sentences: what CloudFront tells the viewer, and what it keeps to itself.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InvalidFunctionResult
from ..http.headers import Headers
from ..http.message import Request, Response
from .distribution import Function, Origin, Trigger
from .lambda_event import Json, octets
from .restrictions import (
    BAD_VALUE_CHARACTER,
    EXPOSED_BODY_BYTES,
    FIELD_NAME,
    GENERATED_BYTES,
    MAX_URL_BYTES,
    READ_ONLY_HEADERS,
    is_disallowed,
    is_disallowed_custom_header,
)

_FAILED = "The Lambda function result failed validation: "


@dataclass(frozen=True, slots=True)
class Asked:
    """The request a function lets go on, and where to; `origin` only at origin-request."""

    request: Request
    origin: Origin | None = None


@contextmanager
def blamed_on(function: Function, trigger: Trigger) -> Iterator[None]:
    """Says in every refusal whose result it was."""
    try:
        yield
    except InvalidFunctionResult as error:
        error.where = f"function {function.name} at {trigger}"
        raise


def refusal(what: str, hint: str = "", page: str = "") -> InvalidFunctionResult:
    return InvalidFunctionResult(what, hint=hint, page=page)


def request_result(
    trigger: Trigger, result: object, event: Json, request: Request, origin: Origin | None = None
) -> Asked | Response:
    """What the result of a request function asks for: the request goes on, or a response stands.

    Raises `InvalidFunctionResult` for whatever CloudFront would answer with a 502.
    """
    shape = _object(result)
    if "status" in shape:
        return _generated(trigger, shape)
    if "uri" not in shape or "headers" not in shape:
        raise refusal(
            f"it returned an object with {_keys(shape)}: neither a request nor a response",
            "return event['Records'][0]['cf']['request'], or an object with a status",
        )
    given = event["Records"][0]["cf"]["request"]
    if shape.get("method", given["method"]) != given["method"]:
        raise refusal(
            f"it changed the method from {given['method']} to {shape['method']}",
            "the method is read-only",
        )
    changed = Request(
        request.method,
        _target(shape, request),
        _headers(trigger, shape["headers"], given["headers"], request.headers),
        _body(trigger, shape.get("body"), request),
    )
    if origin is None:
        return Asked(changed)
    return Asked(changed, _origin(shape.get("origin"), given["origin"], origin, changed))


def response_result(trigger: Trigger, result: object, event: Json, response: Response) -> Response:
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
    given = event["Records"][0]["cf"]["response"]
    headers = _headers(trigger, shape.get("headers", {}), given["headers"], response.headers)
    if trigger is Trigger.VIEWER_RESPONSE:
        return response.with_headers(headers)
    status = _status(shape.get("status", given["status"]))
    reason = str(shape.get("statusDescription", response.reason))
    if status != response.status and reason == given["statusDescription"]:
        reason = ""
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
    headers = _headers(trigger, shape.get("headers") or {}, {}, Headers())
    body = _made_body(trigger, shape, headers)
    if trigger is Trigger.VIEWER_REQUEST and status == 204 and body:
        raise refusal("it returned a body with status 204", "a 204 has no body; use 200")
    return Response(status, headers, body, str(shape.get("statusDescription") or ""))


def _status(value: object) -> int:
    try:
        status = int(str(value))
    except ValueError:
        raise refusal(f"its status is {value!r}", "a status is a string like '200'") from None
    if not 200 <= status <= 599:
        raise refusal(f"its status is {status}", "a status is from 200 to 599")
    return status


def _made_body(trigger: Trigger, shape: Json, headers: Headers) -> bytes:
    body, encoding = shape.get("body", ""), shape.get("bodyEncoding", "text")
    page = f"{_FAILED}The body is not a string, is not an object, or exceeds the maximum size."
    if not isinstance(body, str):
        raise refusal(f"its body is {type(body).__name__}", "a body is a string", page)
    data = _decoded(body, encoding, "bodyEncoding")
    size = sum(len(name) + len(value) for name, value in headers) + len(data)
    limit = GENERATED_BYTES[trigger]
    if size > limit:
        raise refusal(
            f"headers and body are {size:,} bytes, the limit at {trigger} is {limit:,}",
            "store it at the origin and redirect or rewrite to it",
            page,
        )
    return data


def _decoded(body: str, encoding: object, field: str) -> bytes:
    if encoding == "text":
        return body.encode("utf-8", "surrogatepass")
    if encoding != "base64":
        raise refusal(f"its {field} is {encoding!r}", f"{field} is 'text' or 'base64'")
    try:
        return b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refusal(f"its body is not base64: {error}", "encode it, or use 'text'") from None


def _target(shape: Json, request: Request) -> str:
    uri, query = shape["uri"], shape.get("querystring", "")
    page = f"{_FAILED}The function returned an invalid URI format."
    if not isinstance(uri, str) or not uri.startswith("/"):
        raise refusal(f"its uri is {uri!r}", "a uri is a string that starts with '/'", page)
    if any(char <= " " or char in "?#\x7f" for char in uri):
        raise refusal(
            f"its uri {uri!r} has a space, a control character, '?' or '#'",
            "percent-encode the path, and put the query into querystring",
            page,
        )
    if not isinstance(query, str) or any(char <= " " or char in "#\x7f" for char in query):
        raise refusal(
            f"its querystring {query!r} is no string, or has a space, a control character or '#'",
            "percent-encode it",
            page,
        )
    target = octets(f"{uri}?{query}" if query else uri)
    if len(target) >= MAX_URL_BYTES:
        raise refusal(f"uri and querystring are {len(target):,} bytes", "8,191 are allowed", page)
    return request.target if target == request.target.removesuffix("?") else target


def _headers(trigger: Trigger, returned: object, given: Json, before: Headers) -> Headers:
    """The fields a function returned, checked against the `given` ones of its event.

    Those of `before` that it never saw are put back.
    """
    if not isinstance(returned, dict):
        raise refusal("its headers are no object", "headers map a name to a list of key and value")
    lines: list[tuple[str, str]] = []
    seen: dict[str, list[str]] = {}
    for name, entries in returned.items():
        lower = str(name).lower()
        if is_disallowed(lower):
            raise refusal(
                f"it added the header {name}, which edge functions may not set",
                "leave it out; CloudFront manages it",
                f"{_FAILED}The function tried to add a blacklisted header.",
            )
        for key, value in _entries(str(name), entries):
            seen.setdefault(lower, []).append(value)
            lines.append((key, octets(value)))
    _check_read_only(trigger, seen, given)
    hidden = [line for line in before if is_disallowed(line[0].lower())]
    return Headers([*lines, *hidden])


def _entries(name: str, entries: object) -> list[tuple[str, str]]:
    if not isinstance(entries, list):
        raise refusal(
            f"its header {name} is {type(entries).__name__}, not a list",
            f'write "{name.lower()}": [{{"key": "{name}", "value": "…"}}]',
            "The Lambda function returned an invalid entry in the headers object: "
            "Each header entry in the headers object must be an array.",
        )
    found = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
            raise refusal(
                f"its header {name} has an entry without a string value: {entry!r}",
                "an entry is {'key': …, 'value': …}, and both are strings",
                f"{_FAILED}The value of each header must be of string type.",
            )
        key = entry.get("key") or "-".join(part.capitalize() for part in name.split("-"))
        if not isinstance(key, str) or not FIELD_NAME.fullmatch(key):
            raise refusal(f"its header {name} has the key {key!r}", "a field name is one token")
        value = entry["value"]
        if (bad := BAD_VALUE_CHARACTER.search(value)) is not None:
            raise refusal(
                f"its header {name} has the character %{ord(bad[0]):02X} in its value",
                "strip line breaks and control characters",
                f"{_FAILED}The function returned an invalid header, invalid character : "
                f"'%{ord(bad[0]):02X}' in header value, headerName : {key}.",
            )
        found.append((key, value))
    return found


def _check_read_only(trigger: Trigger, seen: dict[str, list[str]], given: Json) -> None:
    for name in sorted(READ_ONLY_HEADERS[trigger]):
        before = [entry["value"] for entry in given.get(name, ())]
        after = seen.get(name, [])
        if before == after:
            continue
        did = "added" if not before else "deleted" if not after else "changed"
        raise refusal(
            f"it {did} the header {name}, which is read-only at {trigger}",
            "start from the event's headers and leave this one as it is"
            if before
            else "leave it out; CloudFront sets it",
            f"{_FAILED}The function tried to add, delete, or change a read-only header.",
        )


def _body(trigger: Trigger, body: Any, request: Request) -> Any:
    if not isinstance(body, dict) or body.get("action", "read-only") == "read-only":
        return request.body
    if body["action"] != "replace":
        raise refusal(f"its body.action is {body['action']!r}", "it is 'read-only' or 'replace'")
    data = body.get("data", "")
    if not isinstance(data, str):
        raise refusal("its body.data is no string", "body.data is a string")
    replaced = _decoded(data, body.get("encoding", "base64"), "body.encoding")
    limit = EXPOSED_BODY_BYTES[trigger]
    if len(replaced) > limit:
        raise refusal(
            f"its body is {len(replaced):,} bytes, the limit at {trigger} is {limit:,}",
            page=f"{_FAILED}The body is not a string, is not an object, or exceeds the maximum "
            "size.",
        )
    return replaced


def _origin(returned: Any, given: Json, origin: Origin, request: Request) -> Origin:
    """The origin a function chose: the one it was given, or another that it describes."""
    if returned == given:
        return origin
    if not isinstance(returned, dict) or len({"custom", "s3"} & returned.keys()) != 1:
        raise refusal(
            "its origin has not exactly one of custom and s3",
            "change the fields of request['origin'], or replace it by one of the two",
        )
    kind = "custom" if "custom" in returned else "s3"
    fields = returned[kind]
    if not isinstance(fields, dict):
        raise refusal(f"its origin.{kind} is no object")
    domain = fields.get("domainName")
    if not isinstance(domain, str) or not domain or len(domain) > 253 or "/" in domain:
        raise refusal(f"its origin.{kind}.domainName is {domain!r}", "give a host name")
    path = fields.get("path", "")
    if not isinstance(path, str) or (path and (not path.startswith("/") or path.endswith("/"))):
        raise refusal(
            f"its origin.{kind}.path is {path!r}", "'' or '/…' without a slash at the end"
        )
    custom_headers = _custom_headers(fields.get("customHeaders") or {}, request)
    if domain == given.get(kind, {}).get("domainName"):
        moved = origin
    elif kind == "s3":
        moved = Origin(origin.name, host=domain, port=443, protocol="https")
    else:
        moved = replace(origin, host=domain, folder="", app="")
    if kind == "custom":
        moved = _custom(moved, fields)
    return replace(moved, path=path, custom_headers=custom_headers)


def _custom(origin: Origin, fields: Json) -> Origin:
    protocol = fields.get("protocol", origin.protocol)
    if protocol not in ("http", "https"):
        raise refusal(f"its origin.custom.protocol is {protocol!r}", "it is 'http' or 'https'")
    port = fields.get("port", origin.port)
    if not isinstance(port, int) or not (port in (80, 443) or 1024 <= port <= 65535):
        raise refusal(f"its origin.custom.port is {port!r}", "80, 443, or 1024 to 65535")
    return replace(
        origin,
        protocol=protocol,
        port=port,
        response_timeout_s=_seconds(fields, "readTimeout", origin.response_timeout_s),
        keepalive_timeout_s=_seconds(fields, "keepaliveTimeout", origin.keepalive_timeout_s),
    )


def _seconds(fields: Json, name: str, before: float) -> float:
    seconds = fields.get(name, before)
    if not isinstance(seconds, int | float) or not 1 <= seconds <= 120:
        raise refusal(f"its origin.custom.{name} is {seconds!r}", "1 to 120 seconds")
    return float(seconds)


def _custom_headers(returned: object, request: Request) -> Headers:
    if not isinstance(returned, dict):
        raise refusal("its origin's customHeaders are no object")
    lines = []
    for name, entries in returned.items():
        lower = str(name).lower()
        if is_disallowed_custom_header(lower):
            raise refusal(f"its origin's customHeaders have {name}, which may not be one")
        if lower in request.headers:
            raise refusal(f"{name} stands in headers and in its origin's customHeaders")
        lines += _entries(str(name), entries)
    return Headers(lines)

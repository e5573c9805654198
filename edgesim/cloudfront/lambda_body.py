"""The bodies that Lambda@Edge functions put in the place of others.

CloudFront: "Work with requests and responses", "Restrictions on Lambda@Edge".
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Any

from ..http.headers import Headers
from ..http.message import Request
from . import lambda_rules as rules
from .function import Trigger
from .lambda_event import ExposedBody, Json
from .lambda_fields import shown
from .restrictions import BASE64_CHARACTERS, EXPOSED_BODY_BYTES, GENERATED_BYTES
from .rule_book import Judge


def made_body(trigger: Trigger, shape: Json, headers: Headers) -> bytes:
    """The body of a response that a function made, or put in place of the origin's."""
    body, encoding = shape.get("body", ""), shape.get("bodyEncoding", "text")
    if not isinstance(body, str):
        raise rules.RESPONSE_BODY.refusal(f"its body is {type(body).__name__}")
    data = _decoded(body, encoding, "bodyEncoding")
    size = sum(len(name) + len(value) for name, value in headers) + len(data)
    limit = GENERATED_BYTES[trigger]
    if size > limit:
        what = f"headers and body are {size:,} bytes, the limit at {trigger} is {limit:,}"
        raise rules.RESPONSE_SIZE.refusal(what)
    return data


def replaced_body(
    trigger: Trigger, body: object, request: Request, exposed: ExposedBody | None, judge: Judge
) -> Any:
    """The request's body: as it came, or what the function put in its place."""
    if body is None:
        return request.body
    if not isinstance(body, dict):
        raise rules.REQUEST_BODY.refusal(f"its body is {shown(body)}, which is no object")
    action, data = body.get("action", "read-only"), body.get("data", "")
    if action == "read-only":
        return request.body
    if action != "replace":
        raise rules.BODY_ACTION.refusal(f"its body.action is {shown(action)}")
    if not isinstance(data, str):
        raise rules.REQUEST_BODY.refusal(f"its body.data is {shown(data)}, which is no string")
    encoding = body.get("encoding", "base64")
    replaced = _decoded(data, encoding, "body.encoding")
    _check_replaced(trigger, data if encoding == "base64" else "", replaced, judge)
    if exposed is None:
        judge.weigh(rules.BODY_NOT_INCLUDED, "it replaced a body that it never saw")
    elif exposed.truncated:
        what = f"it saw {len(exposed.data):,} bytes of the body, and replaced all of it"
        judge.weigh(rules.TRUNCATED_BODY, what)
    return replaced


def _check_replaced(trigger: Trigger, base64: str, replaced: bytes, judge: Judge) -> None:
    limit, characters = EXPOSED_BODY_BYTES[trigger], BASE64_CHARACTERS[trigger]
    if len(replaced) > limit:
        what = f"its body is {len(replaced):,} bytes, the limit at {trigger} is {limit:,}"
        raise rules.BODY_SIZE.refusal(what)
    if len(base64) > characters:
        what = f"the base64 of its body is {len(base64):,} characters long, allowed are "
        judge.weigh(rules.BODY_BASE64_SIZE, f"{what}{characters:,}")


def _decoded(body: str, encoding: object, field: str) -> bytes:
    if encoding == "text":
        return body.encode("utf-8", "surrogatepass")
    if encoding != "base64":
        raise rules.BODY_ENCODING.refusal(f"its {field} is {shown(encoding)}")
    try:
        return b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise rules.BODY_BASE64.refusal(f"its body is not base64: {error}") from None

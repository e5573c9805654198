"""Lambda@Edge events as `Request` and `Response`, and the way back to what a handler returns.

Pure. Nothing is checked here: what a typed function returns goes through the same rules as
any handler's result (`cloudfront/lambda_result.py`).
"""

from __future__ import annotations

from base64 import b64decode, b64encode

from ..cloudfront.function import Trigger
from ..cloudfront.lambda_event import Json, octets, text
from ..errors import InvalidFunctionResult
from ..http.headers import Headers
from ..http.message import Request, Response


class _Unseen(bytes):
    """The body that CloudFront does not show: empty, but not just any empty body."""


UNSEEN = _Unseen()
"""Returned as it is, it stands for the original body; a `b""` of one's own removes that."""


def typed_request(event: Json) -> Request:
    """The request of `event`, its body as far as Include Body shows it."""
    given = event["Records"][0]["cf"]["request"]
    path, query = octets(given["uri"]), octets(given["querystring"])
    target = f"{path}?{query}" if query else path
    body = b64decode(given["body"]["data"]) if "body" in given else b""
    return Request(given["method"], target, _headers(given["headers"]), body)


def typed_response(event: Json) -> Response:
    """The response of `event`, which has no body to look at."""
    given = event["Records"][0]["cf"]["response"]
    headers = _headers(given["headers"])
    return Response(int(given["status"]), headers, UNSEEN, given["statusDescription"])


def handler_result(trigger: Trigger, event: Json, returned: object) -> object:
    """What a handler would have returned instead of `returned`; no value of ours stays itself."""
    if isinstance(returned, Response):
        return _response(returned)
    if not isinstance(returned, Request):
        return returned
    if not trigger.may_answer:
        raise InvalidFunctionResult("it returned a Request", hint="return the Response")
    return _request(event, returned)


def _request(event: Json, returned: Request) -> Json:
    given: Json = event["Records"][0]["cf"]["request"]
    shape = {
        **given,
        "method": returned.method,
        "uri": text(returned.path),
        "querystring": text(returned.query),
        "headers": _entries(returned.headers),
    }
    before = b64decode(given["body"]["data"]) if "body" in given else b""
    if returned.body != before:
        data, encoding = _encoded(returned.body)
        shape["body"] = {"action": "replace", "encoding": encoding, "data": data}
    return shape


def _response(returned: Response) -> Json:
    shape: Json = {"status": str(returned.status), "headers": _entries(returned.headers)}
    if returned.reason:
        shape["statusDescription"] = returned.reason
    if returned.body is not UNSEEN:
        shape["body"], shape["bodyEncoding"] = _encoded(returned.body)
    return shape


def _encoded(body: object) -> tuple[object, str]:
    if isinstance(body, bytes):
        return b64encode(body).decode("ascii"), "base64"
    return body, "text"


def _headers(shown: Json) -> Headers:
    return Headers(
        (entry["key"], octets(entry["value"])) for entries in shown.values() for entry in entries
    )


def _entries(headers: Headers) -> Json:
    """Fields as a handler returns them, those it may not set included: others judge that."""
    entries: dict[str, list[Json]] = {}
    for name, value in headers:
        shown = text(value) if isinstance(value, str) else value
        entries.setdefault(name.lower(), []).append({"key": name, "value": shown})
    return entries

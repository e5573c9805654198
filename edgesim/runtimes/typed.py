"""Lambda@Edge events as `Request` and `Response`, and the way back to what a handler returns.

Pure. Nothing is checked here: what a typed function returns goes through the same rules as
any handler's result (`cloudfront/lambda_result.py`).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import TypeVar

from lru import LRU

from ..cloudfront.function import Trigger
from ..cloudfront.lambda_event import Json, octets, text
from ..errors import InvalidFunctionResult
from ..http.headers import Headers
from ..http.message import Request, Response


class _Unseen(bytes):
    """The body that CloudFront does not show: empty, but not just any empty body."""


UNSEEN = _Unseen()
"""Returned as it is, it stands for the original body; a `b""` of one's own removes that."""


REMEMBERED = 256

ValueT = TypeVar("ValueT", Request, Response)


class Typed:
    """The typed values of events that come again, and what was returned for them, made once.

    The event of a request that goes as one before it (`live/rehearsal.py`) has the very same
    parts, and mostly an equal result. To do without: convert each time.
    """

    def __init__(self) -> None:
        self._given: LRU[int, tuple[Json, Request | Response]] = LRU(REMEMBERED)
        self._returned: LRU[int, tuple[object, object]] = LRU(REMEMBERED)
        """By the identity of an object, which it holds so that no other one gets that."""

    def request(self, event: Json) -> Request:
        return self._once(event, "request", typed_request)

    def response(self, event: Json) -> Response:
        return self._once(event, "response", typed_response)

    def result(self, trigger: Trigger, event: Json, returned: object, before: object) -> object:
        """As `handler_result`; `before` itself, which `event` has led to, if it is equal."""
        known = self._returned.get(id(before))
        if known is not None and known[0] is before and _is_same(returned, known[1]):
            return before
        result = handler_result(trigger, event, returned)
        if result != before:
            return result
        self._returned[id(before)] = (before, returned)
        return before

    def _once(self, event: Json, part: str, convert: Callable[[Json], ValueT]) -> ValueT:
        given = event["Records"][0]["cf"][part]
        known = self._given.get(id(given))
        if known is not None and known[0] is given:
            value: ValueT = known[1]  # type: ignore[assignment]  # requests and responses have parts of their own
            return value
        value = convert(event)
        self._given[id(given)] = (given, value)
        return value


def _is_same(now: object, then: object) -> bool:
    """Whether both are the same to CloudFront: 200 equals 200.0, and an empty body `UNSEEN`."""
    if isinstance(now, Request) and isinstance(then, Request):
        return now == then and type(now.body) is type(then.body)
    if not isinstance(now, Response) or not isinstance(then, Response):
        return False
    alike = type(now.status) is type(then.status) and type(now.body) is type(then.body)
    return alike and now == then


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

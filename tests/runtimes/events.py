"""Events as the lifecycle makes them, and what it does with a result."""

from __future__ import annotations

from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.lambda_event import ExposedBody, Json, request_event, response_event
from edgesim.cloudfront.origin import Origin
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

ORIGIN = Origin("app", host="origin.example.test")
DISTRIBUTION = Distribution((Behavior("*", ORIGIN),))
REQUEST = Request("GET", "/a?x=1", Headers([("Host", "www.example.test"), ("X-A", "caf\xc3\xa9")]))
RESPONSE = Response(200, Headers([("Content-Type", "text/plain")]), b"hello", "OK")


def event_for(trigger: Trigger, body: bytes | None = None) -> Json:
    origin = ORIGIN if trigger.faces_origin else None
    if trigger.may_answer:
        exposed = None if body is None else ExposedBody(body)
        return request_event(DISTRIBUTION, trigger, REQUEST, "192.0.2.1", "id", origin, exposed)
    return response_event(DISTRIBUTION, trigger, REQUEST, RESPONSE, "192.0.2.1", "id", origin)

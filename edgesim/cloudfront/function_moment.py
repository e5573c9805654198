"""The parts of a CloudFront Function's event as it stands in a file, and the event completed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..http.headers import Headers
from ..http.message import Request, Response
from .distribution import Distribution
from .function import Trigger
from .function_event import viewer_event
from .lambda_event import Json, octets

SHAPE = 'an event is {"version": "1.0", "context": …, "viewer": …, "request": …}'


def is_function_event(event: object) -> bool:
    """Whether `event` is one of a CloudFront Function, and not of Lambda@Edge."""
    return isinstance(event, dict) and "request" in event


def trigger_of_event(event: Json) -> str:
    """What it says it is of; AWS lets a test event leave that out."""
    usual = Trigger.VIEWER_RESPONSE if "response" in event else Trigger.VIEWER_REQUEST
    kind: str = event.get("context", {}).get("eventType") or usual.value
    return kind


def completed(
    event: Json,
    distribution: Distribution,
    trigger: Trigger,
    request: Request,
    response: Response | None,
    request_id: str,
) -> Json:
    """`event` with what a test event may leave out."""
    ip = event.get("viewer", {}).get("ip", "192.0.2.7")
    made = viewer_event(
        distribution, trigger, request, ip, request_id, response=response, pop="FRA"
    )
    context = {**made["context"], **event.get("context", {})}
    parts: Json = {}
    for part in {"request", "response"} & made.keys():
        parts[part] = {**made[part], **event[part]}
    return {**made, **event, **parts, "context": context}


def request_of(event: Json) -> Request:
    """The request that an event shows."""
    return _request(event["request"])


def response_of(event: Json) -> Response | None:
    """The response that an event shows, if it has one."""
    return _response(event["response"]) if "response" in event else None


def _request(shown: Json) -> Request:
    query = shown.get("querystring", {})
    if not isinstance(query, str):
        query = "&".join(f"{name}={one['value']}" for name, one in _each(query))
    lines = [(name, octets(one["value"])) for name, one in _each(shown.get("headers", {}))]
    cookies = "; ".join(
        f"{name}={octets(one['value'])}" for name, one in _each(shown.get("cookies", {}))
    )
    if cookies:
        lines.append(("Cookie", cookies))
    target = octets(f"{shown['uri']}?{query}" if query else shown["uri"])
    return Request(shown["method"], target, Headers(lines))


def _response(shown: Json) -> Response:
    lines = [(name, octets(one["value"])) for name, one in _each(shown.get("headers", {}))]
    for name, one in _each(shown.get("cookies", {})):
        attributes = f"; {one['attributes']}" if one.get("attributes") else ""
        lines.append(("Set-Cookie", octets(f"{name}={one['value']}{attributes}")))
    return Response(int(shown["statusCode"]), Headers(lines))


def _each(shown: Any) -> Iterator[tuple[str, Json]]:
    for name, entry in shown.items():
        for one in entry.get("multiValue", [entry]):
            yield name, one

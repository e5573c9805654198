"""The event a CloudFront Function is tried on: made up from a URL, or read from a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..cloudfront.distribution import Distribution, Trigger
from ..cloudfront.function_event import viewer_event
from ..cloudfront.lambda_event import Json, octets
from ..errors import ConfigError
from ..http.headers import Headers
from ..http.message import Request, Response, Viewer
from .event import REQUEST_ID, SAMPLE, Moment, read, trigger_named

HINT = 'an event is {"version": "1.0", "context": …, "viewer": …, "request": …}'


def from_url(
    distribution: Distribution, trigger: Trigger, request: Request, viewer: Viewer
) -> Moment:
    """The moment at which `trigger` comes for `request`."""
    response = None if trigger.may_answer else SAMPLE
    ip, pop = viewer.ip, "FRA"
    event = viewer_event(distribution, trigger, request, ip, REQUEST_ID, response=response, pop=pop)
    return Moment(trigger, event, request, response, distribution=distribution)


def from_file(path: Path, distribution: Distribution, trigger: Trigger | None) -> Moment:
    """The moment that an event in a file is of. Raises `ConfigError`."""
    given = read(path)
    try:
        context, shown = given.get("context", {}), given["request"]
        kind = trigger or context.get("eventType") or default_trigger(given)
        request = _request(shown)
        response = _response(given["response"]) if "response" in given else None
        ip = given.get("viewer", {}).get("ip", "192.0.2.7")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else f"it is malformed: {error}"
        raise ConfigError(what, where=str(path), hint=HINT) from None
    at = trigger_named(str(kind), str(path))
    if not at.may_answer and response is None:
        raise ConfigError(f"an event of {at} has a response", where=str(path), hint=HINT)
    made = viewer_event(distribution, at, request, ip, REQUEST_ID, response=response, pop="FRA")
    event = {**made, **json.loads(json.dumps(given))}
    event["context"] = {**made["context"], **context}
    return Moment(at, event, request, response, distribution=distribution)


def default_trigger(given: Json) -> Trigger:
    return Trigger.VIEWER_RESPONSE if "response" in given else Trigger.VIEWER_REQUEST


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

"""The event a function is tried on: made up from a URL, or read from a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cloudfront.distribution import Behavior, Distribution, Origin, Trigger
from ..cloudfront.forwarding import shaped_for_origin
from ..cloudfront.lambda_event import ExposedBody, Json, octets, request_event, response_event
from ..errors import ConfigError, suggestion
from ..http.headers import Headers
from ..http.message import Request, Response, Viewer

VIA = "0123456789abcdef0123456789abcdef.cloudfront.net"
REQUEST_ID = "invoked-by-hand"

SAMPLE = Response(200, Headers([("Content-Type", "text/html"), ("Cache-Control", "max-age=60")]))
"""What a response trigger is shown when a URL is all that was given."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a function is asked, with the values its result is held against."""

    trigger: Trigger
    event: Json
    request: Request
    response: Response | None = None
    origin: Origin | None = None
    distribution: Distribution | None = None
    """Of a CloudFront Function, which may choose from all its origins."""


def from_url(
    distribution: Distribution, trigger: Trigger, request: Request, viewer: Viewer
) -> Moment:
    """The moment at which `trigger` comes for `request`, had no other function run before."""
    behavior = distribution.behavior_for(request.path)
    origin = behavior.origin if trigger.faces_origin else None
    if trigger.faces_origin:
        request = shaped_for_origin(behavior, request, viewer, REQUEST_ID, VIA)
    ip = viewer.ip
    if trigger.may_answer:
        body = _body(behavior, trigger)
        event = request_event(distribution, trigger, request, ip, REQUEST_ID, origin, body)
        return Moment(trigger, event, request, origin=origin)
    event = response_event(distribution, trigger, request, SAMPLE, ip, REQUEST_ID, origin)
    return Moment(trigger, event, request, SAMPLE, origin)


def _body(behavior: Behavior, trigger: Trigger) -> ExposedBody | None:
    association = behavior.functions.get(trigger)
    return ExposedBody() if association is not None and association.include_body else None


def from_file(path: Path, distribution: Distribution, trigger: Trigger | None) -> Moment:
    """The moment that an event in a file is of; `trigger` where the event does not say it.

    Raises `ConfigError`.
    """
    event = read(path)
    hint = 'an event is {"Records": [{"cf": {"config": …, "request": …}}]}'
    try:
        parts = event["Records"][0]["cf"]
        kind = trigger or parts["config"]["eventType"]
        shown = parts["request"]
        query = shown.get("querystring", "")
        target = octets(f"{shown['uri']}?{query}" if query else shown["uri"])
        request = Request(shown["method"], target, _headers(shown["headers"]))
        behavior = distribution.behavior_for(request.path)
        response = None
        if "response" in parts:
            given = parts["response"]
            response = Response(int(given["status"]), _headers(given["headers"]))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else f"it is malformed: {error}"
        raise ConfigError(what, where=str(path), hint=hint) from None
    at = trigger_named(str(kind), str(path))
    if not at.may_answer and response is None:
        raise ConfigError(f"an event of {at} has a response", where=str(path), hint=hint)
    origin = behavior.origin if "origin" in shown else None
    return Moment(at, event, request, response, origin)


def read(path: Path) -> Any:
    """The JSON in a file. Raises `ConfigError`."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"it cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError as error:
        raise ConfigError(f"it is no JSON: {error}", where=str(path)) from None


def _headers(shown: Any) -> Headers:
    return Headers(
        (entry.get("key", name), octets(entry["value"]))
        for name, entries in shown.items()
        for entry in entries
    )


def trigger_named(name: str, where: str) -> Trigger:
    """Raises `ConfigError` if there is no such trigger."""
    wanted = name.replace("_", "-")
    if wanted not in set(Trigger):
        hint = suggestion(wanted, [trigger.value for trigger in Trigger])
        raise ConfigError(f"no trigger is named {name!r}", where=where, hint=hint)
    return Trigger(wanted)

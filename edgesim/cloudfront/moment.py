"""One moment of a trigger by itself: the event a function is given, and what its result means.

For `edgesim invoke` and for tests of one function; the lifecycle has all this on its way.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, replace
from typing import Any

from ..errors import ConfigError, suggestion
from ..http.headers import Headers
from ..http.message import Request, Response, Viewer
from .distribution import Behavior, Distribution
from .forwarding import shaped_for_origin
from .function import Function, Trigger
from .function_event import viewer_event
from .function_moment import SHAPE as FUNCTION_SHAPE
from .function_moment import (
    completed,
    is_function_event,
    request_of,
    response_of,
    trigger_of_event,
)
from .function_outcome import amended_outcome, asked_outcome
from .lambda_event import ExposedBody, Json, octets, request_event, response_event
from .lambda_result import Asked, blamed_on, request_result, response_result
from .origin import Origin
from .rule_book import Warned
from .strictness import Strictness
from .viewer_headers import described

VIA = "0123456789abcdef0123456789abcdef.cloudfront.net"
REQUEST_ID = "invoked-by-hand"

SAMPLE = Response(200, Headers([("Content-Type", "text/html"), ("Cache-Control", "max-age=60")]))
"""What a response trigger is shown when nothing is said of the response."""

SHAPE = 'an event is {"Records": [{"cf": {"config": …, "request": …}}]}'


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

    @property
    def body(self) -> ExposedBody | None:
        """What the event shows of the request's body; None without Include Body."""
        shown = self._shown.get("body")
        if not isinstance(shown, dict):
            return None
        try:
            data = b64decode(shown.get("data", ""))
        except (TypeError, ValueError):
            data = b""
        return ExposedBody(data, truncated=shown.get("inputTruncated") is True)

    @property
    def _shown(self) -> Json:
        request: Json = self.event["Records"][0]["cf"]["request"]
        return request

    def outcome(
        self,
        function: Function,
        result: object,
        strictness: Strictness = Strictness.SAFE,
        warnings: list[Warned] | None = None,
    ) -> Asked | Response:
        """What CloudFront makes of `result`; rules that it breaks and is let go to `warnings`.

        Raises `InvalidFunctionResult` if CloudFront refuses it.
        """
        if self.distribution is not None:
            event, judging = self.event, replace(self.distribution, strictness=strictness)
            if self.response is not None:
                return amended_outcome(function, result, self.response, event, judging, warnings)
            behavior = judging.behavior_for(self.request.path)
            return asked_outcome(function, result, self.request, event, judging, behavior, warnings)
        with blamed_on(function, self.trigger, strictness, warnings) as judge:
            if self.response is not None:
                return response_result(self.trigger, result, self.response, judge)
            ip = str(self._shown.get("clientIp", ""))
            return request_result(
                self.trigger, result, self.request, self.origin, self.body, ip, judge
            )


def moment_at(
    distribution: Distribution,
    trigger: Trigger,
    request: Request,
    viewer: Viewer = Viewer(),
    response: Response = SAMPLE,
) -> Moment:
    """The moment at which `trigger` comes for `request`, had no other function run before."""
    behavior = distribution.behavior_for(request.path)
    association = behavior.functions.get(trigger)
    if association is not None and association.function.is_cloudfront_function:
        return _viewer_moment(distribution, trigger, request, viewer, response)
    origin = behavior.origin if trigger.faces_origin else None
    if trigger.faces_origin:
        request = shaped_for_origin(behavior, request, viewer, REQUEST_ID, VIA)
    ip = viewer.ip
    if trigger.may_answer:
        body = _body(behavior, trigger, request)
        event = request_event(distribution, trigger, request, ip, REQUEST_ID, origin, body)
        return Moment(trigger, event, request, origin=origin)
    event = response_event(distribution, trigger, request, response, ip, REQUEST_ID, origin)
    return Moment(trigger, event, request, response, origin)


def _viewer_moment(
    distribution: Distribution,
    trigger: Trigger,
    request: Request,
    viewer: Viewer,
    response: Response,
) -> Moment:
    """The same for a CloudFront Function."""
    shown = None if trigger.may_answer else response
    request = described(distribution.behavior_for(request.path), request, viewer, request)
    event = viewer_event(
        distribution, trigger, request, viewer.ip, REQUEST_ID, response=shown, pop="FRA"
    )
    return Moment(trigger, event, request, shown, distribution=distribution)


def _body(behavior: Behavior, trigger: Trigger, request: Request) -> ExposedBody | None:
    association = behavior.functions.get(trigger)
    if association is None or not association.include_body:
        return None
    return ExposedBody(request.body if isinstance(request.body, bytes) else b"")


def moment_of(event: Any, distribution: Distribution, trigger: Trigger | None = None) -> Moment:
    """The moment that `event` is of; `trigger` where the event does not say it.

    Raises `ConfigError` if it is no event.
    """
    if is_function_event(event):
        return _viewer_moment_of(event, distribution, trigger)
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
        raise ConfigError(what, hint=SHAPE) from None
    at = trigger_named(str(kind))
    if not at.may_answer and response is None:
        raise ConfigError(f"an event of {at} has a response", hint=SHAPE)
    origin = behavior.origin if "origin" in shown else None
    return Moment(at, event, request, response, origin)


def _viewer_moment_of(event: Json, distribution: Distribution, trigger: Trigger | None) -> Moment:
    """The same for an event of a CloudFront Function."""
    try:
        kind = trigger or trigger_of_event(event)
        request, response = request_of(event), response_of(event)
        at = trigger_named(str(kind))
        if not at.may_answer and response is None:
            raise ConfigError(f"an event of {at} has a response", hint=FUNCTION_SHAPE)
        whole = completed(event, distribution, at, request, response, REQUEST_ID)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else f"it is malformed: {error}"
        raise ConfigError(what, hint=FUNCTION_SHAPE) from None
    return Moment(at, whole, request, response, distribution=distribution)


def _headers(shown: Any) -> Headers:
    return Headers(
        (entry.get("key", name), octets(entry["value"]))
        for name, entries in shown.items()
        for entry in entries
    )


def trigger_named(name: str, where: str = "") -> Trigger:
    """Raises `ConfigError` if there is no such trigger."""
    wanted = name.replace("_", "-")
    if wanted not in set(Trigger):
        hint = suggestion(wanted, [trigger.value for trigger in Trigger])
        raise ConfigError(f"no trigger is named {name!r}", where=where, hint=hint)
    return Trigger(wanted)

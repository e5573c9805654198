"""The steps in which users' functions change a request or a response, or answer a request."""

from __future__ import annotations

from dataclasses import replace

from .cloudfront.function import Function, Trigger
from .cloudfront.function_event import viewer_event
from .cloudfront.function_outcome import amended_outcome, asked_outcome
from .cloudfront.lambda_event import Json, request_event, response_event
from .cloudfront.lambda_result import Asked, blamed_on, request_result, response_result
from .cloudfront.origin import Origin
from .cloudfront.restrictions import EXPOSED_BODY_BYTES
from .cloudfront.viewer_headers import described
from .edge import Visit
from .effects import Steps, exposed_body, invoke, travel
from .http.message import Request, Response


def ask(
    visit: Visit, trigger: Trigger, request: Request, origin: Origin | None = None
) -> Steps[Asked | Response]:
    """Let a request function change the request, or answer it."""
    association = visit.behavior.functions.get(trigger)
    if association is None:
        return Asked(request, origin)
    if association.function.is_cloudfront_function:
        return (yield from ask_viewer_function(visit, association.function, request))
    body = None
    if association.include_body:
        body = yield from exposed_body(request, EXPOSED_BODY_BYTES[trigger])
    ip, distribution = visit.viewer.ip, visit.edge.distribution
    event = request_event(distribution, trigger, request, ip, visit.request_id, origin, body)
    result = yield from run(visit, trigger, association.function, event)
    with blamed_on(association.function, trigger, distribution.strictness, visit.warnings) as judge:
        return request_result(trigger, result, request, origin, body, ip, judge)


def amend(
    visit: Visit,
    trigger: Trigger,
    request: Request,
    response: Response,
    origin: Origin | None = None,
) -> Steps[Response]:
    """Let a response function change the response."""
    association = visit.behavior.functions.get(trigger)
    if association is None:
        return response
    if association.function.is_cloudfront_function:
        function = association.function
        return (yield from amend_viewer_function(visit, function, request, response))
    ip, distribution = visit.viewer.ip, visit.edge.distribution
    event = response_event(distribution, trigger, request, response, ip, visit.request_id, origin)
    result = yield from run(visit, trigger, association.function, event)
    with blamed_on(association.function, trigger, distribution.strictness, visit.warnings) as judge:
        return response_result(trigger, result, response, judge)


def run(visit: Visit, trigger: Trigger, function: Function, event: Json) -> Steps[object]:
    """Run a function where it runs: Lambda@Edge is no nearer to the viewer than a region is."""
    path = visit.edge.path
    if path is None or path.pop is None or trigger.faces_origin:
        return (yield from invoke(function, trigger, event))
    yield from travel(path.uplink, Request("POST", "/"))
    result = yield from invoke(function, trigger, event)
    yield from travel(path.uplink, Response(200))
    return result


def ask_viewer_function(
    visit: Visit, function: Function, request: Request
) -> Steps[Asked | Response]:
    """At viewer-request: the request as it goes on, perhaps another way, or a response."""
    trigger, distribution = Trigger.VIEWER_REQUEST, visit.edge.distribution
    ip, request_id, pop = visit.viewer.ip, visit.request_id, visit.edge.pop.code
    shown = told(visit, request)
    event = viewer_event(distribution, trigger, shown, ip, request_id, pop=pop)
    reply = yield from invoke(function, trigger, event)
    behavior, warnings = visit.behavior, visit.warnings
    return asked_outcome(function, reply, shown, event, distribution, behavior, warnings)


def amend_viewer_function(
    visit: Visit, function: Function, request: Request, response: Response
) -> Steps[Response]:
    """At viewer-response: the response as the viewer gets it."""
    trigger, distribution = Trigger.VIEWER_RESPONSE, visit.edge.distribution
    ip, request_id = visit.viewer.ip, visit.request_id
    shown = told(visit, request)
    event = viewer_event(distribution, trigger, shown, ip, request_id, response=response)
    reply = yield from invoke(function, trigger, event)
    return amended_outcome(function, reply, response, event, distribution, visit.warnings)


def told(visit: Visit, request: Request) -> Request:
    """`request` with the `CloudFront-*` fields that the behavior asks for.

    CloudFront: "Choosing between CloudFront Functions and Lambda@Edge": unlike a function of
    Lambda@Edge at a viewer trigger, these see where a viewer is, and with what device.
    """
    return described(visit.behavior, request, visit.viewer, visit.arrived or request)


def rerouted(visit: Visit, asked: Asked) -> Visit:
    """The visit with the origin that a function chose; what is cached, and how, stays."""
    if asked.route is None:
        return visit
    return replace(visit, behavior=visit.behavior.routed(asked.route))

"""The steps in which a CloudFront Function changes or answers a viewer's request."""

from __future__ import annotations

from dataclasses import replace

from .cloudfront.distribution import Function, Trigger
from .cloudfront.function_event import viewer_event
from .cloudfront.function_outcome import amended_outcome, asked_outcome
from .cloudfront.lambda_result import Asked
from .cloudfront.viewer_headers import described
from .edge import Visit
from .effects import Steps, invoke
from .http.message import Request, Response


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

"""The steps in which a CloudFront Function changes or answers a viewer's request."""

from __future__ import annotations

from dataclasses import replace

from .cloudfront.distribution import Function, Trigger
from .cloudfront.function_event import viewer_event
from .cloudfront.function_origin import chosen_route
from .cloudfront.function_result import amended_result, asked_result, held_against, output_of
from .cloudfront.function_rules import ORIGIN_TRIGGER
from .cloudfront.lambda_result import Asked
from .edge import Visit
from .effects import Steps, invoke
from .http.message import Request, Response


def ask_viewer_function(
    visit: Visit, function: Function, request: Request
) -> Steps[Asked | Response]:
    """At viewer-request: the request as it goes on, perhaps another way, or a response."""
    trigger, edge = Trigger.VIEWER_REQUEST, visit.edge
    ip, request_id = visit.viewer.ip, visit.request_id
    event = viewer_event(edge.distribution, trigger, request, ip, request_id, pop=edge.pop.code)
    output = output_of((yield from invoke(function, trigger, event)))
    with held_against(function, trigger):
        made = asked_result(output.returned, request, event["request"])
        if isinstance(made, Response):
            return made
        if output.origin is None:
            return Asked(made)
        return Asked(made, route=chosen_route(edge.distribution, visit.behavior, output.origin))


def amend_viewer_function(
    visit: Visit, function: Function, request: Request, response: Response
) -> Steps[Response]:
    """At viewer-response: the response as the viewer gets it."""
    trigger, distribution = Trigger.VIEWER_RESPONSE, visit.edge.distribution
    ip, request_id = visit.viewer.ip, visit.request_id
    event = viewer_event(distribution, trigger, request, ip, request_id, response=response)
    output = output_of((yield from invoke(function, trigger, event)))
    with held_against(function, trigger):
        if output.origin is not None:
            raise ORIGIN_TRIGGER.refusal("it changed the origin")
        return amended_result(output.returned, response, event["response"])


def rerouted(visit: Visit, asked: Asked) -> Visit:
    """The visit with the origin that a function chose; what is cached, and how, stays."""
    if asked.route is None:
        return visit
    return replace(visit, behavior=visit.behavior.routed(asked.route))

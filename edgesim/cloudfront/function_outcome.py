"""What CloudFront makes of a CloudFront Function's reply, with where it sends the request."""

from __future__ import annotations

from ..http.message import Request, Response
from .distribution import Behavior, Distribution
from .function import Function, Trigger
from .function_origin import chosen_route
from .function_result import amended_result, asked_result, held_against, output_of
from .function_rules import ORIGIN_TRIGGER
from .lambda_event import Json
from .lambda_result import Asked
from .rule_book import Warned


def asked_outcome(
    function: Function,
    reply: object,
    request: Request,
    event: Json,
    distribution: Distribution,
    behavior: Behavior,
    warnings: list[Warned] | None = None,
) -> Asked | Response:
    """At viewer-request: the request as it goes on, perhaps another way, or a response.

    `event` is what the function was given for `request`; rules that it breaks and is let go to
    `warnings`. Raises `InvalidFunctionResult`.
    """
    output = output_of(reply)
    strictness = distribution.strictness
    with held_against(function, Trigger.VIEWER_REQUEST, strictness, warnings) as judge:
        made = asked_result(output.returned, request, event["request"], judge)
        if isinstance(made, Response):
            return made
        if output.origin is None:
            return Asked(made)
        return Asked(made, route=chosen_route(distribution, behavior, output.origin))


def amended_outcome(
    function: Function,
    reply: object,
    response: Response,
    event: Json,
    distribution: Distribution,
    warnings: list[Warned] | None = None,
) -> Response:
    """At viewer-response: the response as the viewer gets it. Raises `InvalidFunctionResult`."""
    output = output_of(reply)
    strictness = distribution.strictness
    with held_against(function, Trigger.VIEWER_RESPONSE, strictness, warnings) as judge:
        if output.origin is not None:
            raise ORIGIN_TRIGGER.refusal("it changed the origin")
        return amended_result(output.returned, response, event["response"], judge)

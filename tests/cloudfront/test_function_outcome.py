from __future__ import annotations

import pytest

from edgesim.cloudfront.distribution import Behavior, Distribution
from edgesim.cloudfront.function import Function
from edgesim.cloudfront.function_event import shown_request, shown_response
from edgesim.cloudfront.function_outcome import amended_outcome, asked_outcome
from edgesim.cloudfront.function_result import FunctionOutput
from edgesim.cloudfront.lambda_result import Asked
from edgesim.cloudfront.origin import Origin, Route
from edgesim.errors import InvalidFunctionResult
from edgesim.http.message import Request, Response

FN = Function("fn", "cloudfront-js-2.0")
OTHER = Origin("other", host="other.test")
BEHAVIOR = Behavior("*", Origin("app", host="app.test"))
DISTRIBUTION = Distribution((BEHAVIOR,), routes={"other": Route(OTHER)})
REQUEST, RESPONSE = Request("GET", "/a"), Response(200)
SELECT = {"method": "selectRequestOriginById", "id": "other"}


def asked(reply: object) -> Asked | Response:
    event = {"request": shown_request(REQUEST)}
    return asked_outcome(FN, reply, REQUEST, event, DISTRIBUTION, BEHAVIOR)


def test_a_request_goes_on_perhaps_another_way() -> None:
    returned = shown_request(REQUEST)
    assert asked(returned) == Asked(REQUEST)
    assert asked(FunctionOutput(returned, SELECT)) == Asked(REQUEST, route=Route(OTHER))


def test_a_response_stands_whatever_origin_was_chosen() -> None:
    assert asked(FunctionOutput({"statusCode": 204}, SELECT)) == Response(204)


def test_a_response_cannot_choose_an_origin() -> None:
    event = {"response": shown_response(RESPONSE)}
    returned = shown_response(RESPONSE)
    assert amended_outcome(FN, returned, RESPONSE, event, DISTRIBUTION) is RESPONSE
    with pytest.raises(InvalidFunctionResult) as refused:
        amended_outcome(FN, FunctionOutput(returned, SELECT), RESPONSE, event, DISTRIBUTION)
    assert refused.value.rule == "cff-origin-trigger"
    assert refused.value.where == "function fn at viewer-response"

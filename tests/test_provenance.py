from __future__ import annotations

from typing import Any

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.reuse import Bypass, Forward, ForwardReason, Serve
from edgesim.cache.verdict import Verdict
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.result_type import ResultType
from edgesim.edge import Served, Visit
from edgesim.errors import FunctionError, InvalidFunctionResult, OriginError
from edgesim.http.headers import Headers
from edgesim.http.message import Response, Viewer
from edgesim.provenance import dated, result_of, signed

from .conftest import World

OK, SORRY = Response(200), Response(503)
STORED = StoredResponse(OK, 0.0, 0.0, 0.0, 0, 60)
HIT = Verdict("pop", Serve(STORED))
MISS = Verdict("pop", Forward(ForwardReason.URI_MISS))
RENEWED = Verdict("regional", Forward(ForwardReason.STALE, STORED), validated=True)
BYPASS = Verdict("pop", Bypass(ForwardReason.METHOD))

RESULTS: list[tuple[ResultType, Response, dict[str, Any], str]] = [
    (ResultType.HIT, OK, {"verdicts": (HIT,)}, "the POP had it"),
    (
        ResultType.HIT,
        OK,
        {"verdicts": (MISS, HIT)},
        "the regional cache had it: a hit all the same",
    ),
    (ResultType.MISS, OK, {"verdicts": (MISS, MISS)}, "nobody had it"),
    (ResultType.MISS, OK, {"verdicts": (BYPASS, BYPASS)}, "nobody looked"),
    (ResultType.REFRESH_HIT, OK, {"verdicts": (MISS, RENEWED)}, "a 304 renewed it somewhere"),
    (ResultType.ERROR, SORRY, {"verdicts": (HIT,)}, "an error is Error, cached or not"),
    (ResultType.ERROR, SORRY, {"failure": OriginError("down")}, "made by the edge"),
    (
        ResultType.LAMBDA_GENERATED_RESPONSE,
        SORRY,
        {"generated_at": Trigger.VIEWER_REQUEST},
        "a viewer-request function's answer, whatever its status",
    ),
    (ResultType.MISS, OK, {"generated_at": Trigger.ORIGIN_REQUEST}, "as if the origin had made it"),
    (ResultType.LAMBDA_EXECUTION_ERROR, SORRY, {"failure": FunctionError("it raised")}, "503"),
    (
        ResultType.LAMBDA_VALIDATION_ERROR,
        SORRY,
        {"failure": InvalidFunctionResult("no object")},
        "502",
    ),
    (ResultType.REDIRECT, OK, {"result_type": ResultType.REDIRECT}, "to https"),
]


@pytest.mark.parametrize(("expected", "response", "provenance", "why"), RESULTS)
def test_one_word_says_where_an_answer_came_from(
    expected: ResultType, response: Response, provenance: dict[str, Any], why: str
) -> None:
    assert (
        result_of(World().behavior, Served(response, response.status, **provenance)) is expected
    ), why


def test_an_answer_is_signed_once_and_in_cloudfronts_order(world: World) -> None:
    from_another_cdn = Headers([("X-Cache", "HIT"), ("Via", "1.1 other"), ("Age", "3")])
    served = Served(Response(200, from_another_cdn), 200, verdicts=(HIT,))
    visit = Visit(world.edge, world.behavior, Viewer(), "id")
    names = [name for name, _ in signed(visit, served).response.headers]
    assert names == ["Date", "X-Cache", "Via", "X-Amz-Cf-Pop", "Cache-Status", "Age"]


def test_a_generated_response_is_dated_by_us_and_served_by_cloudfront() -> None:
    made = dated(Response(200, Headers([("Date", "whenever")])), 0.0)
    assert made.headers.get("date") == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert made.headers.get("server") == "CloudFront"
    own = dated(Response(200, Headers([("Server", "mine")])), 0.0)
    assert own.headers.get("server") == "mine"

"""CloudFront: "Change response codes returned by CloudFront"."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.custom_errors import (
    CustomErrorResponse,
    as_error_page,
    custom_error,
    page_request,
)
from edgesim.errors import (
    BadRequest,
    EdgesimError,
    FunctionError,
    FunctionThrottled,
    FunctionTimeout,
    InvalidFunctionResult,
    OriginTimeout,
    ViewerError,
)
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

PAGE = CustomErrorResponse(404, 200, "/sorry.html")
ALL = {
    code: CustomErrorResponse(code, 200, "/sorry.html")
    for code in (400, 403, 404, 414, 502, 503, 504)
}


def at_viewer(error: FunctionError) -> FunctionError:
    error.faces_viewer = True
    return error


WHEN = [
    # status  why we made it      page?  why
    (404, None, True, "the origin's own"),
    (401, None, False, "nothing is configured"),
    (200, None, False, "no error"),
    (504, OriginTimeout("slow"), True, "CloudFront's own"),
    (503, FunctionError("raised"), True, "a function that failed where it faces the origin"),
    (503, at_viewer(FunctionError("raised")), False, "where it faces the viewer"),
    (503, at_viewer(FunctionTimeout("late")), False, "whatever it was"),
    (502, at_viewer(InvalidFunctionResult("null")), False, "a result that is refused, too"),
    (502, InvalidFunctionResult("null"), True, "but not that of origin-request"),
    (503, FunctionThrottled("10 of 10"), False, "limits: wherever it was"),
    (403, ViewerError("a GET with a body"), True, "refused at the door"),
    (400, None, True, "the origin found it bad"),
    (400, BadRequest("no HTTP"), False, "CloudFront found it bad"),
    (414, BadRequest("too long", status=414), False, "CloudFront found it too long"),
]


@pytest.mark.parametrize(("status", "failure", "has_page", "why"), WHEN)
def test_when_there_is_a_page(
    status: int, failure: EdgesimError | None, has_page: bool, why: str
) -> None:
    assert (custom_error(ALL, status, failure) is not None) == has_page, why


def test_the_page_is_asked_for_whole() -> None:
    lines = [
        ("Host", "www.example.test"),
        ("Cookie", "a=b"),
        ("Range", "bytes=0-1"),
        ("If-None-Match", '"x"'),
        ("Content-Length", "5"),
        ("Content-Type", "text/plain"),
    ]
    asked = page_request(PAGE, Request("POST", "/form?x=1", Headers(lines), b"hello"))
    assert asked == Request("GET", "/sorry.html", Headers(lines[:2]))


def test_the_status_is_as_configured_unless_the_page_is_missing() -> None:
    headers = Headers([("Content-Type", "text/html")])
    found = as_error_page(PAGE, Response(200, headers, b"sorry", "Fine"))
    assert found == Response(200, headers, b"sorry")
    gone = CustomErrorResponse(404, 503, "/sorry.html")
    assert as_error_page(gone, Response(200)).status == 503
    assert as_error_page(PAGE, Response(403, headers, b"no")) == Response(403, headers, b"no")

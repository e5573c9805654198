"""A distribution's own pages in place of errors.

CloudFront: "Change response codes returned by CloudFront", "Create a custom error page for
specific HTTP status codes". How long the error itself is kept is in `ttl.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..cache.ranges import RANGE_FIELDS
from ..cache.validation import CONDITIONS
from ..errors import BadRequest, EdgesimError, FunctionError, FunctionThrottled
from ..http.message import Request, Response

ERROR_CODES = frozenset({400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504})
"""Statuses for which there may be a page; the page may come with any of them, or with 200."""

BODY_FIELDS = ("content-length", "content-type", "content-encoding", "transfer-encoding", "expect")
"""What describes an upload, which is not sent along for the page."""


@dataclass(frozen=True, slots=True)
class CustomErrorResponse:
    """What viewers get in place of an error with this status."""

    error_code: int
    response_code: int
    page_path: str


def custom_error(
    configured: Mapping[int, CustomErrorResponse], status: int, failure: EdgesimError | None
) -> CustomErrorResponse | None:
    """What stands in for an answer with `status`; `failure` is why we made that answer, if we did.

    Whether the origin answered so or CloudFront did plays no part, with three exceptions: what
    CloudFront finds malformed or too long, what is throttled, and what a function at a viewer
    trigger fails at gets CloudFront's own answer. The last one is assumed: the guide is silent
    for Lambda@Edge, and gives CloudFront Functions no custom page for what they answer.
    """
    if isinstance(failure, BadRequest | FunctionThrottled):
        return None
    if isinstance(failure, FunctionError) and failure.faces_viewer:
        return None
    return configured.get(status)


def page_request(custom: CustomErrorResponse, request: Request) -> Request:
    """The request for the page: by GET and whole, whatever the viewer asked for."""
    headers = request.headers.without(*RANGE_FIELDS, *CONDITIONS, *BODY_FIELDS)
    return Request("GET", custom.page_path, headers)


def as_error_page(custom: CustomErrorResponse, page: Response) -> Response:
    """`page` with the status to be shown; one that is missing shows its own."""
    if page.status >= 400:
        return page
    return replace(page, status=custom.response_code, reason="")

"""Which ranges CloudFront heeds (CloudFront: "How CloudFront processes partial requests")."""

from __future__ import annotations

from ..cache.byteranges import ascending
from ..cache.ranges import BEYOND, RANGE_FIELDS, requested_spans
from ..http.message import Request
from .distribution import Behavior


def with_ranges_heeded(behavior: Behavior, request: Request) -> Request:
    """`request` without a Range that CloudFront answers with the whole object.

    Several ranges have to ascend, not overlap and be valid, each of them.
    """
    value = request.headers.get("range")
    if value is None or "," not in value or behavior.cache_policy is None:
        return request
    spans = requested_spans(value, BEYOND)  # where the length matters is not known yet
    if spans is not None and len(spans) == value.count(",") + 1 and ascending(spans):
        return request
    return request.with_headers(request.headers.without(*RANGE_FIELDS))

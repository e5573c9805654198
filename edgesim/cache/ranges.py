"""Parts of a complete response (RFC 9110 §14)."""

from __future__ import annotations

import re

from ..http.message import Request, Response
from .validation import range_still_applies

_BYTES = re.compile(r"^\s*bytes\s*=\s*(.*)$", re.IGNORECASE)
_SPEC = re.compile(r"([0-9]*)-([0-9]*)")
RANGE_FIELDS = ("range", "if-range")
BEYOND = 10**18
"""Greater positions are read as this; no body reaches so far."""
Span = tuple[int, int]
"""First byte, and the one after the last."""


def requested_spans(value: str, length: int) -> list[Span] | None:
    """The parts that a Range asks of `length` bytes: none if out of reach, None if not readable."""
    unit = _BYTES.match(value)
    if unit is None:
        return None
    spans: list[Span] = []
    for part in unit[1].split(","):
        spec = _SPEC.fullmatch(part.strip())
        if spec is None or spec[0] == "-":
            return None
        first, last = (_position(digits) for digits in spec.groups())
        if first is None:
            spans.append((max(0, length - (last or 0)), length))
        elif last is None:
            spans.append((first, length))
        elif last < first:
            return None
        else:
            spans.append((first, min(last + 1, length)))
    return [(start, stop) for start, stop in spans if start < stop]


def _position(digits: str) -> int | None:
    """A byte's position, or a suffix's length; None where the range leaves it out."""
    digits, absent = digits.lstrip("0") or "0", not digits
    return None if absent else int(digits) if len(digits) < len(str(BEYOND)) else BEYOND


def cut(request: Request, response: Response) -> Response:
    """206 or 416 where the viewer asks for a part of a complete `response`, else `response`.

    One part is cut; several are answered with the whole, which RFC 9110 §14.2 allows.
    """
    value = request.headers.get("range")
    length = _complete_length(response)
    if value is None or length is None or request.method != "GET" or response.status != 200:
        return response
    if not range_still_applies(request.headers, response):
        return response
    spans = requested_spans(value, length)
    if spans is None or "," in value:
        return response
    headers = response.headers.without("content-length")
    if not spans:
        refused = headers.without("content-type", "content-encoding", "etag", "last-modified")
        return Response(416, refused.with_("Content-Range", f"bytes */{length}"))
    start, stop = spans[0]
    body = response.body
    part = body[start:stop] if isinstance(body, bytes) else body.part(start, stop)
    partial = headers.with_("Content-Range", f"bytes {start}-{stop - 1}/{length}")
    return Response(206, partial, part)


def _complete_length(response: Response) -> int | None:
    body = response.body
    return len(body) if isinstance(body, bytes) else body.length

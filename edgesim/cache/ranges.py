"""Parts of a stored response (RFC 9110 §14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..http.message import Request, Response
from .byteranges import Span, ascending, several
from .validation import range_still_applies

_BYTES = re.compile(r"^\s*bytes\s*=\s*(.*)$", re.IGNORECASE)
_SPEC = re.compile(r"([0-9]*)-([0-9]*)")
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})", re.IGNORECASE)
RANGE_FIELDS = ("range", "if-range")
BEYOND = 10**18
"""Greater positions are read as this; no body reaches so far."""


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


@dataclass(frozen=True, slots=True)
class Held:
    """Which bytes of a representation a response holds: from `start` up to, not with, `stop`."""

    start: int
    stop: int
    complete: int
    """Bytes of the whole representation."""


def held(response: Response) -> Held | None:
    """What `response` says it holds (RFC 9110 §14.4); None if that cannot be told."""
    length = _length(response)
    if response.status == 200 and length is not None:
        return Held(0, length, length)
    told = _CONTENT_RANGE.fullmatch(response.headers.get("content-range") or "")
    if response.status != 206 or told is None or length is None:
        return None
    first, last, complete = map(int, told.groups())
    return Held(first, last + 1, complete) if first <= last < complete else None


def cut(request: Request, response: Response) -> Response:
    """206 or 416 where the viewer asks for a part of what `response` holds, else `response`.

    Several parts are cut if they ascend, each within what is held as bytes and complete;
    otherwise they are answered with the whole, which RFC 9110 §14.2 allows.
    """
    value = request.headers.get("range")
    if value is None or request.method != "GET" or response.status not in (200, 206):
        return response
    source = held(response)
    if source is None or not range_still_applies(request.headers, response):
        return response
    spans, body = requested_spans(value, source.complete), response.body
    if spans is None:
        return response
    if (others := value.count(",")) > 0:
        fit = len(spans) == others + 1 and ascending(spans)
        if fit and isinstance(body, bytes) and len(body) == source.complete:
            return several(response, body, spans)
        return response
    headers = response.headers.without("content-length")
    if not spans:
        refused = headers.without("content-type", "content-encoding", "etag", "last-modified")
        return Response(416, refused.with_("Content-Range", f"bytes */{source.complete}"))
    found = _within(source, _length(response) or 0, spans[0], from_end="=-" in _squeezed(value))
    if found is None:
        return response
    first, start, stop = found
    part = body[start:stop] if isinstance(body, bytes) else body.part(start, stop)
    told = f"bytes {first}-{first + stop - start - 1}/{source.complete}"
    return Response(206, headers.with_("Content-Range", told), part)


def _within(
    source: Held, length: int, span: Span, *, from_end: bool
) -> tuple[int, int, int] | None:
    """The position of `span`, and where it starts and stops in a body of `length` bytes.

    None unless all of it is held. A suffix is counted from the end of the body, all else from
    its beginning; a body shorter than its Content-Range gives what there is (§15.3.7).
    """
    first, last = span
    if first < source.start or last > source.stop:
        return None
    if from_end:
        start, stop = length - (source.stop - first), length
    else:
        start, stop = first - source.start, min(last - source.start, length)
    return (first, start, stop) if 0 <= start < stop else None


def _squeezed(value: str) -> str:
    return "".join(value.split())


def _length(response: Response) -> int | None:
    body = response.body
    return len(body) if isinstance(body, bytes) else body.length

"""Several parts in one response: `multipart/byteranges` (RFC 9110 §14.6)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..http.message import Response

Span = tuple[int, int]
"""First byte, and the one after the last."""


def ascending(spans: Sequence[Span]) -> bool:
    """Whether each begins where the one before has ended, or later.

    Only such spans cannot make an answer longer than what it is cut from (RFC 9110 §14.2).
    """
    return all(before[1] <= after[0] for before, after in pairwise(spans))


def several(response: Response, body: bytes, spans: Sequence[Span]) -> Response:
    """206 with the parts `spans` of `body`, which is all of what `response` represents."""
    headers = response.headers
    kind = headers.get("content-type")
    typed = f"Content-Type: {kind}\r\n" if kind is not None else ""
    boundary = _boundary(body)
    pieces = []
    for start, stop in spans:
        told = f"Content-Range: bytes {start}-{stop - 1}/{len(body)}"
        pieces.append(f"\r\n--{boundary}\r\n{typed}{told}\r\n\r\n".encode("latin-1"))
        pieces.append(body[start:stop])
    pieces.append(f"\r\n--{boundary}--\r\n".encode("latin-1"))
    lines = headers.without("content-length").with_(
        "Content-Type", f"multipart/byteranges; boundary={boundary}"
    )
    return Response(206, lines, b"".join(pieces))


def _boundary(body: bytes) -> str:
    """One that does not come up in `body` (RFC 2046 §5.1.1)."""
    number = 0
    while f"edgesim-{number}".encode() in body:
        number += 1
    return f"edgesim-{number}"

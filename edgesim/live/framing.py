"""A request's head as it goes to an origin, and how the end of its body is told (RFC 9112 §6)."""

from __future__ import annotations

from ..http.headers import Headers
from ..http.message import Request

_LENGTH_EXPECTED = frozenset({"POST", "PUT", "PATCH"})
"""Methods for which even an empty body is announced (RFC 9110 §8.6)."""


def request_head(request: Request) -> bytes:
    """The request line and the fields, byte for byte, up to the empty line.

    Raises `ValueError` for a line break or NUL in one of them.
    """
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in framed(request)]
    head = "\r\n".join((*lines, "", ""))
    breaks = len(lines) + 1
    if head.count("\r") != breaks or head.count("\n") != breaks or "\0" in head:
        raise ValueError("a line break in the head would start another field or request")
    return head.encode("latin-1", "replace")


def is_chunked(request: Request) -> bool:
    """Whether a body that is still arriving goes out in chunks."""
    body = request.body
    return (
        not isinstance(body, bytes)
        and body.length is None
        and not request.headers.get("content-length")
    )


def framed(request: Request) -> Headers:
    """The fields that go out: as given, with either Content-Length or chunked, never both.

    A Content-Length that does not fit the body in hand is put right: the difference would be
    taken for the next request on the connection.
    """
    headers, body = request.headers.without("transfer-encoding"), request.body
    if not isinstance(body, bytes):
        if body.length is not None:
            return headers.with_("Content-Length", str(body.length))
        return headers.plus(("Transfer-Encoding", "chunked")) if is_chunked(request) else headers
    given = headers.get("content-length")
    if given is None and not body and request.method not in _LENGTH_EXPECTED:
        return headers
    length = str(len(body))
    return headers if given == length else headers.with_("Content-Length", length)

"""How the end of a request's body is told to an origin (RFC 9112 §6)."""

from __future__ import annotations

from ..http.headers import Headers
from ..http.message import Request

_LENGTH_EXPECTED = frozenset({"POST", "PUT", "PATCH"})
"""Methods for which even an empty body is announced (RFC 9110 §8.6)."""


def framed(request: Request) -> Headers:
    """The fields that go out: as given, with either Content-Length or chunked, never both.

    A Content-Length that does not fit the body in hand is put right: the difference would be
    taken for the next request on the connection.
    """
    headers, body = request.headers.without("transfer-encoding"), request.body
    given = headers.get("content-length")
    if not isinstance(body, bytes):
        if body.length is not None:
            return headers.with_("Content-Length", str(body.length))
        return headers if given else headers.plus(("Transfer-Encoding", "chunked"))
    if given is None and not body and request.method not in _LENGTH_EXPECTED:
        return headers
    length = str(len(body))
    return headers if given == length else headers.with_("Content-Length", length)

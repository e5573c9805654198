"""Message heads: bytes to values and back. Pure, no buffering."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import httptools

from ..errors import BadRequest
from .headers import Headers
from .message import Request, Response

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
NO_BODY = frozenset({204, 304})
"""Statuses whose responses end with their head, besides 1xx (RFC 9110 §6.4.1)."""


class _Head:
    """What httptools tells of one head."""

    def __init__(self) -> None:
        self.target = b""
        self.lines: list[tuple[str, str]] = []
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_headers_complete(self) -> None:
        self.complete = True

    def on_header(self, name: bytes, value: bytes) -> None:
        self.lines.append((name.decode("latin-1"), value.decode("latin-1")))


def parse_request_head(head: bytes) -> Request:
    """The request in `head`, which ends with its empty line (RFC 9112 §2.1).

    Raises `BadRequest` for anything that llhttp does not take for a request.
    """
    found = _Head()
    parser: Any = httptools.HttpRequestParser(found)
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade:
        pass  # what follows the head is for the protocol it asks for
    except httptools.HttpParserError as error:
        raise BadRequest(f"not a request: {error}") from None
    if not found.complete:
        raise BadRequest("not a request: its head breaks off")
    return Request(
        parser.get_method().decode("latin-1"),
        found.target.decode("latin-1"),
        Headers(found.lines),
    )


def status_line(response: Response) -> str:
    reason = response.reason or _PHRASES.get(response.status, "")
    return f"HTTP/1.1 {response.status} {reason}\r\n"


def serialise_head(response: Response, *framing: tuple[str, str]) -> bytes:
    """Status line and fields, `framing` last, without the empty line that ends the head."""
    lines = [status_line(response)]
    lines += [f"{name}: {value}\r\n" for name, value in response.headers]
    lines += [f"{name}: {value}\r\n" for name, value in framing]
    return "".join(lines).encode("latin-1", "replace")

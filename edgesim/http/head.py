"""Message heads: bytes to values and back. Pure, no buffering."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httptools

from ..errors import BadRequest
from .headers import Headers
from .message import Request, Response

END_OF_HEAD = b"\r\n\r\n"
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
        self.lines.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))


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


@dataclass(frozen=True, slots=True)
class Framing:
    """How a response goes over a connection (RFC 9112 §6, §9)."""

    head: bytes
    """Status line and fields, without the empty line that ends the head."""
    has_body: bool
    chunked: bool
    keeps_alive: bool
    ends_by_closing: bool = False
    """Whether the end of the connection is what tells the end of the body."""


def framed(response: Response, method: str, http_version: str, *, keep_alive: bool) -> Framing:
    """`response` to a request by `method`, ready to be written to a viewer.

    A body of unknown length is chunked, or ends with the connection for HTTP/1.0.
    """
    has_body = method != "HEAD" and response.status >= 200 and response.status not in NO_BODY
    body, headers = response.body, response.headers
    length = len(body) if isinstance(body, bytes) else body.length
    chunked = ends_by_closing = False
    lines = [f"HTTP/1.1 {response.status} {response.reason or usual_phrase(response.status)}\r\n"]
    says_length = False
    for name, value in headers:
        lower = name.lower()
        if lower == "content-length":
            if method == "HEAD" and not length:
                says_length = True
            else:
                continue
        lines.append(f"{name}: {value}\r\n")
    if length is not None and response.status not in NO_BODY and response.status >= 200:
        if not says_length and (length or has_body):
            lines.append(f"Content-Length: {length}\r\n")
    elif has_body and http_version != "1.0":
        chunked = True
        lines.append("Transfer-Encoding: chunked\r\n")
    elif has_body:
        ends_by_closing, keep_alive = True, False
    if response.status == 101:
        keep_alive = False  # what ends is no longer HTTP, and nothing can follow it
    else:
        lines.append(f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n")
    head = "".join(lines).encode("latin-1", "replace")
    return Framing(head, has_body, chunked, keep_alive, ends_by_closing)


def interim_head(response: Response) -> bytes:
    """A 1xx response, which ends with its head and has no say about the connection."""
    lines = [f"HTTP/1.1 {response.status} {response.reason or usual_phrase(response.status)}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in response.headers]
    return "".join((*lines, "\r\n")).encode("latin-1", "replace")


def usual_phrase(status: int) -> str:
    """The reason phrase that goes with `status`; "" for a status that has none."""
    return _PHRASES.get(status, "")

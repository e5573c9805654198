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
    """Status line and fields, without those that name the request, and without what follows."""
    last: bytes
    """What CloudFront says after those, its Age; and the empty line that ends the head."""
    length: int | None
    """What Content-Length says; None if there is none."""
    has_body: bool
    chunked: bool
    keeps_alive: bool
    ends_by_closing: bool = False
    """Whether the end of the connection is what tells the end of the body."""

    def coded(self, body: bytes) -> bytes:
        """A whole body as it is written, after a response that has one."""
        if not self.has_body:
            return b""
        return b"".join((chunk(body) if body else b"", LAST_CHUNK)) if self.chunked else body


LAST_CHUNK = b"0\r\n\r\n"


def chunk(piece: bytes) -> bytes:
    """Some of a body of unknown length (RFC 9112 §7.1)."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def framed(response: Response, method: str, http_version: str, *, keep_alive: bool) -> Framing:
    """`response` to a request by `method`, ready to be written to a viewer.

    A body of unknown length, and one that the origin sent so, is chunked, or ends with the
    connection for HTTP/1.0.
    """
    told = response.status >= 200 and response.status not in NO_BODY
    has_body = told and method != "HEAD"
    body, headers, last = response.body, response.headers, "\r\n"
    length = len(body) if isinstance(body, bytes) else body.length
    lines = [f"HTTP/1.1 {response.status} {response.reason or usual_phrase(response.status)}\r\n"]
    chunked = ends_by_closing = False
    for name, value in headers:
        match name.lower():
            case "content-length":
                if method == "HEAD" and not length:
                    length = int(value)  # the origin's word for it, of what is not there
            case "transfer-encoding":
                chunked = told and http_version != "1.0"
            case "age":
                last = f"{name}: {value}\r\n{last}"
            case _:
                lines.append(f"{name}: {value}\r\n")
    chunked = chunked or (has_body and length is None and http_version != "1.0")
    length = None if chunked or not told or not (length or has_body) else length
    if chunked:
        lines.append("Transfer-Encoding: chunked\r\n")
    elif length is not None:
        lines.append(f"Content-Length: {length}\r\n")
    elif has_body:
        ends_by_closing, keep_alive = True, False
    if response.status == 101:
        keep_alive = False  # what ends is no longer HTTP, and nothing can follow it
    else:
        lines.append(f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n")
    head = "".join(lines).encode("latin-1", "replace")
    end = last.encode("latin-1", "replace")
    return Framing(head, end, length, has_body, chunked, keep_alive, ends_by_closing)


def interim_head(response: Response) -> bytes:
    """A 1xx response, which ends with its head and has no say about the connection."""
    lines = [f"HTTP/1.1 {response.status} {response.reason or usual_phrase(response.status)}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in response.headers]
    return "".join((*lines, "\r\n")).encode("latin-1", "replace")


def usual_phrase(status: int) -> str:
    """The reason phrase that goes with `status`; "" for a status that has none."""
    return _PHRASES.get(status, "")

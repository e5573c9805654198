"""A response as it comes from an origin: bytes in, its head and body out, and where it ends.

No sockets here. httptools reads heads and chunks; a body whose length is known, or that lasts as
long as the connection, is passed on as it is.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import httptools

from ..http.head import END_OF_HEAD, NO_BODY, usual_phrase
from ..http.headers import Headers, end_to_end
from ..http.message import Response
from .known_heads import KnownHeads

MAX_LINE_BYTES = 32_768
"""The longest header line taken from an origin, as for what CloudFront takes from viewers."""
MAX_LINES = 128
"""The most header lines."""
_TOLD = range(102, 200)
"""Interim responses that are not between two neighbours only (RFC 9110 §15.2.1, §15.2.2)."""


class Malformed(Exception):
    """What came is no HTTP/1.1."""


class HeadTooBig(Exception):
    """A line of the head is longer than `MAX_LINE_BYTES`."""


class Incoming:
    """The response to one request, as much of it as has come."""

    __slots__ = (
        "_chunked",
        "_failure",
        "_known",
        "_left_bytes",
        "_line_bytes",
        "_lines",
        "_parser",
        "_reason",
        "_to_head",
        "begun",
        "complete",
        "head",
        "held_bytes",
        "interim",
        "pieces",
        "reusable",
    )

    def __init__(self, method: str, known: KnownHeads | None = None) -> None:
        self.begun = False
        """Whether anything has come."""
        self.interim: list[Response] = []
        """Those that nobody was told of yet."""
        self.head: Response | None = None
        """The final response, without its body."""
        self.pieces: list[bytes] = []
        self.held_bytes = 0
        """How long `pieces` are together."""
        self.complete = False
        self.reusable = False
        """Whether another request may follow this one on its connection, once it is complete."""
        self._to_head = method == "HEAD"
        self._known = None if self._to_head else known
        self._lines: list[tuple[str, str]] = []
        self._reason = ""
        self._line_bytes = 0
        self._left_bytes: int | None = None
        self._chunked = False
        self._failure: Exception | None = None
        self._parser: Any = None
        """Who reads what comes next, unless it is taken as it is."""

    def feed(self, data: bytes) -> None:
        """Take what came. Raises `Malformed`, or `HeadTooBig`; `head` tells where that was."""
        first, self.begun = not self.begun, True
        if first:
            end = data.find(END_OF_HEAD) + len(END_OF_HEAD)
            if self._is_known(data, end):
                return
            self._parser = self._reader()
        if self._parser is None:
            self._take(data)
            return
        self._read(data)
        if first and self._known is not None:
            self._learn(data, end)

    def _is_known(self, data: bytes, end: int) -> bool:
        """Whether `data` begins with a head, up to `end`, that was read before."""
        known = None if self._known is None else self._known.recall(data[:end])
        if known is None:
            return False
        self.head, self._left_bytes, self.reusable = known.response, known.length, True
        self.complete = not known.length
        if len(data) > end:
            self._take(data[end:])
        return True

    def _learn(self, data: bytes, end: int) -> None:
        """Remember the head in `data`, if nothing came before it and only its body after it."""
        left, held = self._left_bytes, self.held_bytes
        if self._known is not None and self.head is not None and left is not None:
            alone = not self.interim and not self._chunked and held == len(data) - end
            if alone and self.reusable:
                self._known.learn(data[:end], self.head, left + held)

    def _reader(self) -> Any:
        parser: Any = httptools.HttpResponseParser(self)
        parser.set_dangerous_leniencies(
            lenient_headers=True,
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )
        return parser

    def _read(self, data: bytes) -> None:
        """Let the parser have what came."""
        parser = self._parser
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._take(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            if self._failure is not None:
                raise self._failure from None
            if not self.complete:
                raise Malformed(f"{error}: {data[:100]!r}") from error
            self.reusable = False  # more than the response
        if self.head is None:
            self._measure_line(data)
        elif self.complete or not self._chunked:
            self._parser = None  # it refers to this object, which then goes when it is let go

    def end(self) -> bool:
        """The connection is closed: whether the response is complete, perhaps by that."""
        if self.head is not None and self._left_bytes is None and not self._chunked:
            self.complete = True
        return self.complete

    def taken(self) -> bytes:
        """What has come of the body and was not taken yet."""
        pieces, self.held_bytes = self.pieces, 0
        if len(pieces) == 1:
            return pieces.pop()
        data = b"".join(pieces)
        pieces.clear()
        return data

    def _take(self, data: bytes) -> None:
        """More of a body that needs no parser."""
        left = self._left_bytes
        if self.complete:
            self.reusable = False
        elif left is None or len(data) < left:
            self._hold(data)
        else:
            self.complete = True
            if len(data) > left:
                data, self.reusable = data[:left], False
            self._hold(data)

    def _hold(self, data: bytes) -> None:
        if data:
            self.pieces.append(data)
            self.held_bytes += len(data)
            if self._left_bytes is not None:
                self._left_bytes -= len(data)

    def _measure_line(self, data: bytes) -> None:
        """Give up on a line before its end if it is too long already."""
        start = data.rfind(b"\n") + 1
        self._line_bytes = len(data) - start if start else self._line_bytes + len(data)
        if self._line_bytes > MAX_LINE_BYTES:
            raise HeadTooBig

    def on_message_begin(self) -> None:
        self._lines, self._reason = [], ""
        if self.complete:
            self.reusable = False

    def on_status(self, status: bytes) -> None:
        self._reason += status.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.head is not None:
            return  # a trailer
        if len(name) + len(value) > MAX_LINE_BYTES:
            self._failure = HeadTooBig()
            raise self._failure
        lines = self._lines
        if len(lines) == MAX_LINES or b"\0" in value:
            what = f"a NUL in {name!r}" if b"\0" in value else f"more than {MAX_LINES} header lines"
            self._failure = Malformed(what)
            raise self._failure
        lines.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))

    def on_headers_complete(self) -> None:
        if self.head is not None:
            return  # of another response, which nobody asked for
        parser = self._parser
        status, headers = parser.get_status_code(), Headers(self._lines)
        if status in _TOLD:
            self.interim.append(Response(status, end_to_end(headers), b"", self._reason))
            return
        if status == HTTPStatus.CONTINUE:
            return
        reason = "" if self._reason == usual_phrase(status) else self._reason
        self.head = Response(status, headers, b"", reason)
        self.reusable = parser.should_keep_alive() and status != HTTPStatus.SWITCHING_PROTOCOLS
        if self._to_head or status in NO_BODY:
            self._left_bytes, self.complete = 0, True
        elif "transfer-encoding" in headers:
            codings = headers.get("transfer-encoding") or ""
            self._chunked = codings.rpartition(",")[2].strip().lower() == "chunked"
        elif "content-length" in headers:
            self._left_bytes = int(headers.all("content-length")[0])

    def on_body(self, data: bytes) -> None:
        if self.complete:
            self.reusable = False  # as after the head of what HEAD asked for
        else:
            self._hold(data)

    def on_message_complete(self) -> None:
        if self.head is not None and (self._chunked or self._left_bytes == 0):
            self.complete = True

"""aiohttp's side of a connection to an origin, and two things it would not do.

It tells of interim responses, which aiohttp skips, and it drops what an origin sends beyond the
end of a body, which aiohttp would take for a broken response (RFC 9112 §6.3).
"""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from ..http.head import END_OF_HEAD
from ..http.headers import Headers, end_to_end
from ..http.message import Response
from .interim import tell

_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9]{2}[ \r]")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_CODED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


class OriginProtocol(ResponseHandler):
    """One connection to an origin."""

    _at_head = False
    _owed_bytes: int | None = None
    """What is still to come of the response; None if that is the parser's business alone."""

    def set_response_params(self, **params: Any) -> None:
        self._at_head, self._owed_bytes = True, None
        super().set_response_params(**params)

    async def read(self) -> Any:
        message, payload = await super().read()
        if message.code in range(102, 200):
            lines = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in message.raw_headers]
            tell(Response(message.code, end_to_end(Headers(lines)), b"", message.reason))
        return message, payload

    def data_received(self, data: bytes) -> None:
        if self._at_head:
            self._note_length(data)
        if self._owed_bytes is not None:
            if len(data) > self._owed_bytes:
                data = data[: self._owed_bytes]
                self.force_close()
                if not data:
                    return
            self._owed_bytes -= len(data)
        super().data_received(data)  # nothing at all means: go on with what the parser holds

    def _note_length(self, data: bytes) -> None:
        """Where the response in `data` ends, counted from its first byte."""
        start = 0
        while _INTERIM.match(data, start):
            end = data.find(END_OF_HEAD, start)
            if end < 0:
                break
            start = end + len(END_OF_HEAD)
        if start == len(data):
            return  # the final head is still to come
        self._at_head = False
        end = data.find(END_OF_HEAD, start)
        length = _LENGTH.search(data, start, end + 2) if end >= 0 else None
        if length is not None and not _CODED.search(data, start, end + 2):
            self._owed_bytes = end + len(END_OF_HEAD) + int(length[1])


class OriginConnector(aiohttp.TCPConnector):
    """Connects with `OriginProtocol`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        loop = asyncio.get_running_loop()
        self._factory = partial(OriginProtocol, loop=loop)  # type: ignore[assignment]

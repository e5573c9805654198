"""What a function's process writes past its pipe: raw descriptors 1 and 2, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

MAX_LINE_BYTES = 64 * 1024


class Output(asyncio.SubprocessProtocol):
    """Cuts what comes into lines; `exited` and `silent` are called once each, in this order."""

    def __init__(
        self, said: Callable[[str], None], exited: Callable[[], None], silent: Callable[[], None]
    ) -> None:
        self._said, self._exited, self._silent = said, exited, silent
        self._held = b""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        lines, end, rest = (self._held + data).rpartition(b"\n")
        if not end and len(rest) > MAX_LINE_BYTES:
            lines, rest = rest, b""
        self._held = rest
        if lines or end:
            self._said(lines.decode("utf-8", "replace"))

    def process_exited(self) -> None:
        self._exited()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._said(held.decode("utf-8", "replace"))
        self._silent()

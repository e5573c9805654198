"""What an environment says, each line with the invocation that it belongs to."""

from __future__ import annotations

from collections import deque

from .base import LogLine, Sink

LOG_LINES_KEPT = 20
MAX_LOG_CHARACTERS = 8 * 1024 * 1024
"""Of one invocation; CloudFront throttles logs by volume too, without saying where."""


class Words:
    """Passes lines on to `log`, up to a limit; `last` are those that an error shows."""

    def __init__(self, function: str, stream: str, log: Sink) -> None:
        self._function, self._stream, self._log = function, stream, log
        self._trigger, self._request_id = "", ""
        self._room = MAX_LOG_CHARACTERS
        self.last: deque[str] = deque(maxlen=LOG_LINES_KEPT)

    def begin(self, trigger: str, request_id: str) -> None:
        """What follows belongs to this invocation."""
        self._trigger, self._request_id = trigger, request_id
        self._room = MAX_LOG_CHARACTERS
        self.last.clear()

    def end(self) -> None:
        """What follows was said between two events."""
        self._trigger = self._request_id = ""

    def said(self, text: str) -> None:
        if self._room <= 0:
            return
        self._room -= len(text) + 1
        if self._room <= 0:
            text += f"\n[edgesim: the log of this invocation ends at {MAX_LOG_CHARACTERS:,}]"
        for line in text.split("\n"):
            self.last.append(line)
            self._log(LogLine(self._function, line, self._trigger, self._request_id, self._stream))

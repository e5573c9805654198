"""The words exchanged with a function's process: JSON, each behind its length.

Pure: bytes in, values out. The pipe itself is a descriptor of the child's own, so
that whatever the user's function prints goes to its log and breaks nothing.
"""

from __future__ import annotations

import json
from typing import Any

from ..errors import FunctionError

LENGTH_BYTES = 4
MAX_FRAME_BYTES = 16 * 1024 * 1024
"""Sixteen times Lambda@Edge's largest response: enough, and an end to a runaway."""

_encode = json.JSONEncoder(separators=(",", ":")).encode
_decode = json.JSONDecoder().decode


def frame(message: Any) -> bytes:
    """`message` as it goes through the pipe. Raises `TypeError` if it is not JSON."""
    payload = _encode(message).encode()
    return len(payload).to_bytes(LENGTH_BYTES, "big") + payload


class FrameReader:
    """Collects bytes as they come, cut anywhere, and gives back whole messages."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes | memoryview) -> list[Any]:
        """The messages that `data` completes.

        Raises `FunctionError` for one that is too long, `ValueError` for one that is not JSON.
        """
        received = self._received
        if not received and int.from_bytes(data[:LENGTH_BYTES], "big") == len(data) - LENGTH_BYTES:
            return [_decode(str(data[LENGTH_BYTES:], "utf-8"))]  # one message whole, as a rule
        received += data
        messages: list[Any] = []
        start = 0
        while len(received) - start >= LENGTH_BYTES:
            length = int.from_bytes(received[start : start + LENGTH_BYTES], "big")
            if length > MAX_FRAME_BYTES:
                raise FunctionError(f"a message of {length:,} bytes; at most {MAX_FRAME_BYTES:,}")
            end = start + LENGTH_BYTES + length
            if len(received) < end:
                break
            messages.append(_decode(str(received[start + LENGTH_BYTES : end], "utf-8")))
            start = end
        del received[:start]  # once, not per message: a flood of log lines comes in one piece
        return messages

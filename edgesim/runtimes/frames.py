"""The words exchanged with a function's process: JSON, each behind its length.

Pure: bytes in, values out. The pipe itself is a descriptor of the child's own, so
that whatever the user's function prints goes to its log and breaks nothing.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from ..errors import FunctionError

LENGTH_BYTES = 4
MAX_FRAME_BYTES = 16 * 1024 * 1024
"""Sixteen times Lambda@Edge's largest response: enough, and an end to a runaway."""


def frame(message: Any) -> bytes:
    """`message` as it goes through the pipe. Raises `TypeError` if it is not JSON."""
    try:
        payload = orjson.dumps(message)
    except orjson.JSONEncodeError:  # half a surrogate pair, or a number beyond 64 bits
        payload = json.dumps(message, separators=(",", ":")).encode()
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
            return [_decoded(data[LENGTH_BYTES:])]  # one message whole, as a rule
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
            messages.append(_decoded(received[start + LENGTH_BYTES : end]))
            start = end
        del received[:start]  # once, not per message: a flood of log lines comes in one piece
        return messages


def _decoded(payload: bytes | bytearray | memoryview) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:  # Python and Node.js write what orjson does not read: NaN
        return json.loads(bytes(payload))

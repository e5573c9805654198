"""As much of RFC 6455 as a test needs: the handshake, masked frames, an origin that echoes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass, field

TEXT, CLOSE, FIN, MASKED = 0x1, 0x8, 0x80, 0x80
MASK = b"\x12\x34\x56\x78"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
ASKS = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    f"Sec-WebSocket-Key: {KEY}",
    "Sec-WebSocket-Version: 13",
)
AGREED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: %b\r\n\r\n"
    % base64.b64encode(hashlib.sha1((KEY + GUID).encode()).digest())
)


def frame(payload: bytes, opcode: int = TEXT, *, masked: bool = False) -> bytes:
    """One frame; viewers mask theirs (RFC 6455 §5.2, §5.3)."""
    mask_bit = MASKED if masked else 0
    head = bytes([FIN | opcode])
    if len(payload) < 126:
        head += bytes([mask_bit | len(payload)])
    else:
        head += bytes([mask_bit | 127]) + len(payload).to_bytes(8, "big")
    return head + MASK + unmasked(payload) if masked else head + payload


def unmasked(payload: bytes) -> bytes:
    mask = MASK * (len(payload) // 4 + 1)
    size = len(payload)
    number = int.from_bytes(payload, "big") ^ int.from_bytes(mask[:size], "big")
    return number.to_bytes(size, "big")


async def read_frame(reader: StreamReader) -> tuple[int, bytes]:
    """Opcode and payload."""
    opcode, length = await reader.readexactly(2)
    size = length & 127
    if size == 127:
        size = int.from_bytes(await reader.readexactly(8), "big")
    masked = length & MASKED
    if masked:
        await reader.readexactly(4)
    payload = await reader.readexactly(size)
    return opcode & 15, unmasked(payload) if masked else payload


@dataclass
class Echo:
    """An origin that gives back what it gets; a close it answers with a close."""

    opened: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """A viewer has gone without a word."""

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.opened += 1
        writer.write(AGREED)
        try:
            while True:
                opcode, payload = await read_frame(reader)
                bye = opcode == CLOSE or payload == b"bye"
                writer.write(frame(payload, CLOSE if bye else opcode))
                await writer.drain()
                if bye:
                    break
        except asyncio.IncompleteReadError:
            self.left.set()
        raise ConnectionResetError

"""Stored responses as bytes, for the disk, and back."""

from __future__ import annotations

import json
from dataclasses import fields
from hashlib import blake2b
from zlib import crc32

from ..cache.freshness import StoredResponse
from ..cache.store import CacheKey
from ..http.headers import Headers
from ..http.message import Response, Stream

_OTHERWISE = {"response", "selecting", "tags", "place", "size_bytes"}
_TIMES = tuple(
    one.name for one in fields(StoredResponse) if one.init and one.name not in _OTHERWISE
)
"""What goes as it is: numbers, truth values and None."""

FORMAT = crc32(repr(("2", _TIMES)).encode()) >> 1
"""Another number for another way of packing, so that nothing is read in the wrong one."""


def digest(*parts: bytes) -> bytes:
    """What tells one sequence of bytes from any other."""
    summed = blake2b(digest_size=16)
    for part in parts:
        summed.update(b"%d:" % len(part))
        summed.update(part)
    return summed.digest()


def slot_of(tier: str, key: CacheKey) -> bytes:
    """What stands for `key` in the store of `tier`."""
    return digest(tier.encode(), json.dumps(key).encode())


def variant_of(stored: StoredResponse) -> bytes:
    """What stands for the request fields that select `stored`."""
    return digest(json.dumps(stored.selecting).encode())


def packed(key: CacheKey, stored: StoredResponse, response: Response) -> bytes:
    """`stored` without its body."""
    head = {
        "key": key,
        "status": response.status,
        "reason": response.reason,
        "headers": list(response.headers),
        "selecting": stored.selecting,
        "tags": stored.tags,
        "times": {name: getattr(stored, name) for name in _TIMES},
    }
    return json.dumps(head, separators=(",", ":")).encode()


def unpacked(key: CacheKey, head: bytes, body: bytes | Stream) -> StoredResponse:
    """What `packed` was given. Raises `ValueError` if that was another key."""
    said = json.loads(head)
    if tuple(said["key"]) != key:
        raise ValueError("it belongs to another key")
    headers = Headers((name, value) for name, value in said["headers"])
    response = Response(said["status"], headers, body, said["reason"])
    selecting = tuple((name, value) for name, value in said["selecting"])
    tags = tuple(said["tags"])
    return StoredResponse(response, selecting=selecting, tags=tags, **said["times"])

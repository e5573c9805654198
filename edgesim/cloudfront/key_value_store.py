"""What a key-value store holds, from the JSON that AWS imports.

CloudFront: "Create a key value store", "Quotas" (CloudFront Functions).
"""

from __future__ import annotations

import json

from ..errors import ConfigError

MAX_KEY_BYTES = 512
MAX_VALUE_BYTES = 1024
MAX_STORE_BYTES = 5 * 1024 * 1024

_FORMAT = '{"data": [{"key": "k", "value": "v"}]}'


def imported(text: str | bytes, where: str) -> dict[str, str]:
    """The values by key. Raises `ConfigError` for the first thing that AWS would not import."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"it is no JSON: {error}", where=where) from None
    pairs = given.get("data") if isinstance(given, dict) else None
    if not isinstance(pairs, list):
        raise ConfigError("it has no list named data", where=where, hint=f"write {_FORMAT}")
    found: dict[str, str] = {}
    for index, pair in enumerate(pairs):
        key, value = _pair(pair, f"{where}: data[{index}]")
        if key in found:
            raise ConfigError(f"the key {key!r} is there twice", where=f"{where}: data[{index}]")
        found[key] = value
    size = sum(len(key.encode()) + len(value.encode()) for key, value in found.items())
    if size > MAX_STORE_BYTES:
        raise ConfigError(f"it holds {size:,} bytes", where=where, hint="5 MB are allowed")
    return found


def _pair(pair: object, where: str) -> tuple[str, str]:
    key = pair.get("key") if isinstance(pair, dict) else None
    value = pair.get("value") if isinstance(pair, dict) else None
    if not isinstance(key, str) or not isinstance(value, str):
        hint = "both are strings; put JSON into the value as text"
        raise ConfigError("it is no object with a key and a value", where=where, hint=hint)
    if not key or len(key.encode()) > MAX_KEY_BYTES:
        what = f"the key {key[:40]!r} has {len(key.encode()):,} bytes"
        raise ConfigError(what, where=where, hint=f"1 to {MAX_KEY_BYTES} are allowed")
    if len(value.encode()) > MAX_VALUE_BYTES:
        what = f"the value of {key!r} has {len(value.encode()):,} bytes"
        raise ConfigError(what, where=where, hint=f"{MAX_VALUE_BYTES:,} are allowed")
    return key, value

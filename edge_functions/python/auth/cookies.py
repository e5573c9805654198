"""Cookies that nobody else can write: a value, its end, and a signature over both."""

import base64
import hmac
import json
from hashlib import sha256

EXAMPLE = "example"
"""The id of the key that the example comes with."""

MIN_KEY_BYTES = 32
LOCAL = ("127.0.0.1", "localhost")


class Signer:
    """Signs with the first of its keys and believes all: so a key is rotated."""

    def __init__(self, keys):
        self._keys = {kid: base64.b64decode(text, validate=True) for kid, text in keys.items()}
        for kid, key in self._keys.items():
            if len(key) < MIN_KEY_BYTES or not kid.isalnum():
                raise ValueError(f"session key {kid!r}: 32 bytes in base64, its id alphanumeric")
        self._first = next(iter(self._keys))
        self.is_example = EXAMPLE in self._keys

    def signed(self, purpose, value, expires):
        """`value` as text, good until `expires` (seconds since 1970) and for `purpose` alone."""
        payload = _encoded(json.dumps([int(expires), value], separators=(",", ":")).encode())
        return f"{self._first}.{payload}.{self._mac(self._first, purpose, payload)}"

    def opened(self, purpose, text, now):
        """The value that was signed; None if it was not, or not for this, or is over."""
        kid, _, rest = text.partition(".")
        payload, _, mac = rest.partition(".")
        if kid not in self._keys or not text.isascii():
            return None
        if not hmac.compare_digest(mac, self._mac(kid, purpose, payload)):
            return None
        expires, value = json.loads(base64.urlsafe_b64decode(payload + "=="))
        return value if now < expires else None

    def _mac(self, kid, purpose, payload):
        signed = f"{kid}.{purpose}.{payload}".encode("ascii")
        return _encoded(hmac.digest(self._keys[kid], signed, sha256))


def _encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def host_of(request):
    lines = request["headers"].get("host")
    return lines[0]["value"] if lines else ""


def is_local(host):
    """Whether somebody tries this on their own machine, where there is no https."""
    return host.rpartition(":")[0] in LOCAL or host in LOCAL


def name_at(request, name):
    """The cookie's full name. Browsers take `__Host-` from the host itself and over https only."""
    return name if is_local(host_of(request)) else f"__Host-{name}"


def cookie(request, name, value, max_age_s):
    secure = "" if is_local(host_of(request)) else "; Secure"
    kept = f"Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}"
    return f"{name_at(request, name)}={value}; {kept}"


def expired(request, name):
    return cookie(request, name, "", 0)


def values(request, full_name):
    """Every value that came under that name: a neighbouring site may have added one."""
    return [value for name, value in _pairs(request) if name == full_name]


def hidden(request, names):
    """Take our own cookies out: they are secrets, and would be a cache key for each person."""
    ours = tuple(name_at(request, name) for name in names)
    lines = []
    for line in request["headers"].get("cookie", []):
        pairs = [pair.strip() for pair in line["value"].split(";")]
        kept = [pair for pair in pairs if not _is_ours(pair.partition("=")[0], ours)]
        if kept == pairs:
            lines.append(line)
        elif kept:
            lines.append({**line, "value": "; ".join(kept)})
    if lines:
        request["headers"]["cookie"] = lines
    else:
        request["headers"].pop("cookie", None)


def _is_ours(name, ours):
    return name in ours or any(name.startswith(f"{one}-") for one in ours)


def _pairs(request):
    for line in request["headers"].get("cookie", []):
        for pair in line["value"].split(";"):
            name, _, value = pair.strip().partition("=")
            yield name, value

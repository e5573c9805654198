"""A page that makes a browser work for a moment, and a cookie for having done it.

Nothing is stored to check either: the challenge, the answer and the cookie are signed, with the
address and the User-Agent in the signature. Only answers are remembered: none is good twice.
"""

import base64
import hmac
import json
import secrets
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from buckets import Until

SETTINGS = json.loads(Path(__file__).with_name("settings.json").read_text())
EXAMPLE = "example"
LOCAL = ("127.0.0.1", "localhost")

BITS = 14
"""Zero bits that the digest has to begin with: some 16,000 tries, half a second in a browser."""

ANSWER_WITHIN_S = 300
PROVEN_S = 12 * 3600
ANSWER = "x-challenge-answer"
COOKIE = ("__Host-proof", "proof")
"""Over https and, on this machine, without."""

SCRIPT = Path(__file__).with_name("challenge.js").read_text()
SCRIPT_HASH = base64.b64encode(sha256(SCRIPT.encode()).digest()).decode("ascii")
PAGE = Path(__file__).with_name("challenge.html").read_text()


class Challenge:
    def __init__(self, settings=SETTINGS):
        self._keys = [base64.b64decode(text, validate=True) for text in settings["keys"].values()]
        if not self._keys or min(map(len, self._keys)) < 32:
            raise ValueError("every key in settings.json needs 32 bytes")
        self._is_example = EXAMPLE in settings["keys"]
        self._spent = Until()

    def may_sign_for(self, request):
        return not self._is_example or is_local(request)

    def page(self, request, visitor, now, status):
        """The page, for whoever would see it."""
        headers = {
            "Cache-Control": "no-store",
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": f"default-src 'none'; script-src 'sha256-{SCRIPT_HASH}'; "
            "connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; "
            "frame-ancestors 'none'",
            "X-Robots-Tag": "noindex",
        }
        token = self._signed("challenge", visitor, now + ANSWER_WITHIN_S)
        body = PAGE.replace("{token}", token).replace("{bits}", str(BITS))
        return _response(status, headers, body.replace("{script}", SCRIPT))

    def redeemed(self, request, visitor, now):
        """The cookie for an answer; None if it is none, or another's, or was given before."""
        answer = request["headers"][ANSWER][0]["value"]
        token, _, counter = answer.rpartition(".")
        if not self._is_ours("challenge", visitor, token, now) or not counter.isdecimal():
            return None
        if leading_zero_bits(sha256(answer.encode()).digest()) < BITS:
            return None
        if self._spent.holds(token, now):
            return None
        self._spent.add(token, now + ANSWER_WITHIN_S)
        value = self._signed("proof", visitor, now + PROVEN_S)
        local = is_local(request)
        secure = "" if local else "; Secure"
        kept = f"Path=/; Max-Age={PROVEN_S}; HttpOnly; SameSite=Lax{secure}"
        cookie = f"{COOKIE[local]}={value}; {kept}"
        return _response(204, {"Cache-Control": "no-store", "Set-Cookie": cookie})

    def passed(self, request, visitor, now):
        """Whether a cookie says so that this visitor was given."""
        wanted = COOKIE[is_local(request)]
        for line in request["headers"].get("cookie", []):
            for pair in line["value"].split(";"):
                name, _, value = pair.strip().partition("=")
                if name == wanted and self._is_ours("proof", visitor, value, now):
                    return True
        return False

    def _signed(self, purpose, visitor, end):
        text = f"{int(end)}.{secrets.token_hex(8)}"
        return f"{text}.{_mac(self._keys[0], purpose, visitor, text)}"

    def _is_ours(self, purpose, visitor, token, now):
        text, _, mac = token.rpartition(".")
        if not token.isascii():
            return False
        macs = [_mac(key, purpose, visitor, text) for key in self._keys]
        if not any(hmac.compare_digest(mac, one) for one in macs):
            return False
        return now < int(text.partition(".")[0])


def _mac(key, purpose, visitor, text):
    agent = sha256(visitor.user_agent.encode()).hexdigest()
    signed = f"{purpose} {visitor.network} {agent} {text}".encode()
    return hmac.new(key, signed, sha256).hexdigest()


def leading_zero_bits(digest):
    return len(digest) * 8 - int.from_bytes(digest, "big").bit_length()


def is_local(request):
    """Whether somebody tries this on their own machine, where there is no https."""
    lines = request["headers"].get("host")
    host = lines[0]["value"] if lines else ""
    return host in LOCAL or host.rpartition(":")[0] in LOCAL


def _response(status, headers, body=""):
    made = {
        "status": str(status),
        "statusDescription": HTTPStatus(status).phrase,
        "headers": {
            name.lower(): [{"key": name, "value": value}] for name, value in headers.items()
        },
    }
    if body:
        made["body"] = body
    return made

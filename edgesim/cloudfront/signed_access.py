"""Signed URLs and signed cookies: who gets into a behavior that trusts key groups.

CloudFront: "Use signed URLs", "Use signed cookies", "Specify signers that can create signed URLs
and signed cookies".
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from ..errors import Unsigned
from ..http.message import Request, Viewer
from .distribution import Behavior
from .key import cookies
from .key_groups import HASH_ALGORITHMS, PublicKey, signed_by
from .signed_policy import SignedPolicy, canned_text, denied, parsed_policy

RESERVED = ("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm")
"""Query parameters that belong to CloudFront where access is signed."""

COOKIE_PREFIX = "CloudFront-"
_FROM_CLOUDFRONT = str.maketrans("-_~", "+=/")


def check_signed(
    behavior: Behavior, request: Request, viewer: Viewer, now: float, public_url: str = ""
) -> None:
    """Raises `Unsigned` if `request` may not enter `behavior`.

    A URL with any of the reserved parameters is a signed URL, and then its cookies play no part.
    `public_url` is what the signer takes the URL to begin with, if not what the viewer used.
    """
    if not behavior.trusted_key_groups:
        return
    carried = _in_query(request.query) or _in_cookies(cookies(request.headers))
    base = public_url or f"{viewer.scheme}://{request.headers.get('host') or ''}"
    url = base + _without_reserved(request.target)
    text, policy = _policy(carried, url)
    key = _trusted_key(behavior, carried)
    _check_signature(key, carried, text, canned="Policy" not in carried)
    policy.check(url, viewer.ip, now)


def unsigned(behavior: Behavior, request: Request) -> Request:
    """`request` as it goes on: what the cache and the origin never see is gone."""
    if not behavior.trusted_key_groups or "?" not in request.target:
        return request
    target = _without_reserved(request.target)
    return Request(request.method, target, request.headers, request.body)


def _in_query(query: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in query.split("&"))
    return _first((name, unquote(value)) for name, _, value in pairs)


def _in_cookies(cookie: str | None) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in (cookie or "").split(";"))
    return _first(
        (name.removeprefix(COOKIE_PREFIX), value)
        for name, _, value in pairs
        if name.startswith(COOKIE_PREFIX)
    )


def _first(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in RESERVED:
            found.setdefault(name, value)
    return found


def _without_reserved(target: str) -> str:
    path, mark, query = target.partition("?")
    kept = "&".join(p for p in query.split("&") if p.partition("=")[0] not in RESERVED)
    return f"{path}{mark}{kept}" if kept else path


def _policy(carried: Mapping[str, str], url: str) -> tuple[bytes, SignedPolicy]:
    """What was signed, and what it allows."""
    if "Key-Pair-Id" not in carried:
        what = "there is no signed URL and no signed cookie" if not carried else "a part is missing"
        raise Unsigned(
            f"{what}: no Key-Pair-Id",
            code="MissingKey",
            page="Missing Key-Pair-Id query parameter or cookie value",
            hint="this behavior has trusted_key_groups; ask for the URL that your signer makes",
        )
    if "Policy" in carried:
        text = _decoded(carried["Policy"])
        if text is None:
            raise Unsigned("the policy is not base64 as CloudFront has it", code="MalformedPolicy")
        return text, parsed_policy(text)
    expires = carried.get("Expires")
    if expires is None:
        raise _missing("Policy")
    if not expires.isascii() or not expires.isdigit():
        raise Unsigned(f"Expires={expires} is no number of seconds", code="MalformedPolicy")
    return canned_text(url, expires), SignedPolicy(int(expires))


def _missing(part: str) -> Unsigned:
    page = f"Missing {part} query parameter or cookie value"
    what = f"a part of the signature is missing: {part}"
    return Unsigned(what, code=f"Missing{part}", page=page)


def _trusted_key(behavior: Behavior, carried: Mapping[str, str]) -> PublicKey:
    named = carried["Key-Pair-Id"]
    trusted = {key.id: key for group in behavior.trusted_key_groups for key in group.keys}
    if named not in trusted:
        raise Unsigned(
            f"Key-Pair-Id={named} is no key that this behavior trusts",
            code="InvalidKey",
            hint=f"it trusts {', '.join(trusted)}; [public_keys.NAME] id = … gives a key its id",
        )
    return trusted[named]


def _check_signature(
    key: PublicKey, carried: Mapping[str, str], text: bytes, *, canned: bool
) -> None:
    if "Signature" not in carried:
        raise _missing("Signature")
    signature = _decoded(carried["Signature"])
    if signature is None:
        what = "the signature is not base64 as CloudFront has it"
        hint = "in standard base64, put - for +, _ for = and ~ for /"
        raise Unsigned(what, code="MalformedSignature", hint=hint)
    algorithm = carried.get("Hash-Algorithm", HASH_ALGORITHMS[0])
    if algorithm not in HASH_ALGORITHMS:
        raise denied(f"Hash-Algorithm={algorithm} is neither SHA1 nor SHA256")
    if not signed_by(key, signature, text, algorithm):
        said = text.decode("utf-8", "replace")
        hint = f"the signer should have signed, with {algorithm}, {said}"
        what = f"it is not by {key.id}, or for something else"
        raise denied(what, hint if canned else "")


def _decoded(value: str) -> bytes | None:
    """CloudFront's base64: standard, with - _ ~ for + = /. None if it is not that."""
    if not value.isascii() or set("+=/") & set(value):
        return None
    try:
        return b64decode(value.translate(_FROM_CLOUDFRONT), validate=True)
    except ValueError:
        return None

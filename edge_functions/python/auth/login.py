"""One login: state, nonce and PKCE verifier at its beginning, an ID token at its end.

OpenID Connect Core 1.0, section 3.1; PKCE is RFC 7636.
"""

import base64
import hashlib
import hmac
import secrets

from tokens import Refused, verified

COOKIE = "login"
WITHIN_S = 600
"""How long somebody may take at the provider."""

TAG_CHARACTERS = 8
"""Of the state, in the cookie's name: two tabs may log in at once."""


def begun(back):
    return {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
        "back": local(back),
    }


def local(target):
    """`target` as an address of this site: two slashes of either kind begin another one's."""
    return "/" + target.lstrip("/\\")


def challenge(verifier):
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def same(one, other):
    return hmac.compare_digest(one.encode(), other.encode())


def finished(provider, settings, code, attempt, redirect_uri):
    """The claims of the ID token that `code` is good for. Raises `Refused`, `ProviderError`."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": settings["client_id"],
        "code_verifier": attempt["verifier"],
    }
    client = (settings["client_id"], settings["client_secret"])
    answer = provider.token(form, client if settings["client_secret"] else None)
    claims = verified(
        answer.get("id_token"),
        provider.key,
        issuer=settings["issuer"],
        audience=settings["client_id"],
        kinds=("jwt",),
    )
    nonce, party = claims.get("nonce"), claims.get("azp", settings["client_id"])
    if not isinstance(nonce, str) or not same(nonce, attempt["nonce"]):
        raise Refused("its nonce is of another login")
    if party != settings["client_id"]:
        raise Refused("it was made for another client (azp)")
    return claims

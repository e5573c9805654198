"""Whether a JSON Web Token is to be believed.

The key decides the algorithm, never the token: RFC 8725, section 3.1. What a token says about
where its key could be had (jku, x5u, jwk, x5c) is not read at all.
"""

import jwt

ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}
"""By the type of the key. There is no secret here, so there is no HS256, and never none."""

LEEWAY_S = 60
"""How far the provider's clock and ours may be apart."""

MAX_CHARACTERS = 8192


class Refused(Exception):
    """Why a token is not believed. For the log: a visitor is not told."""


def verified(token, key_for, *, issuer, audience, kinds):
    """The claims of `token`. Raises `Refused`.

    `key_for` finds a key by its id; `kinds` are the values that the header `typ` may have, in
    lower case, so that no token stands in for one of another kind (RFC 8725, section 3.11).
    """
    if not isinstance(token, str) or not 0 < len(token) <= MAX_CHARACTERS:
        raise Refused("it is missing, or too long")
    try:
        header = jwt.get_unverified_header(token)
        key = key_for(key_id(header, kinds))
        if key is None:
            raise Refused("nobody knows its key")
        claims = jwt.decode(
            token,
            key.key,
            algorithms=[ALGORITHMS[key.key_type]],
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Refused(f"{type(error).__name__}: {error}") from None
    if not claims["sub"]:
        raise Refused("it is about nobody")
    return claims


def key_id(header, kinds):
    kind, kid = header.get("typ", "JWT"), header.get("kid")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in kinds:
        raise Refused(f"it is of another kind: {kind!r:.20}")
    if "crit" in header:
        raise Refused("it demands what we do not know (crit)")  # older PyJWT lets it pass
    if not isinstance(kid, str) or not kid:
        raise Refused("it names no key")
    return kid

"""The provider's signing keys: one that signs, and the one before, which still verifies."""

from __future__ import annotations

import json
import secrets
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

KEPT = 2
"""How many are published. Tokens of older ones are good no more."""

RSA_BITS = 2048


class SigningKeys:
    """Keys in the order they were made; the last one signs."""

    def __init__(self, algorithm: str) -> None:
        self._keys: list[tuple[str, str, Any]] = []
        self.rotate(algorithm)

    def rotate(self, algorithm: str) -> str:
        """Sign with a new key from now on; its id. Raises `KeyError` for another algorithm."""
        private = {
            "RS256": lambda: rsa.generate_private_key(65537, RSA_BITS),
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        }[algorithm]()
        kid = secrets.token_hex(8)
        self._keys = [*self._keys, (kid, algorithm, private)][-KEPT:]
        return kid

    def signed(self, claims: dict[str, Any], kind: str = "JWT") -> str:
        kid, algorithm, private = self._keys[-1]
        return jwt.encode(claims, private, algorithm, headers={"kid": kid, "typ": kind})

    def published(self) -> dict[str, Any]:
        """The public halves, as a JSON Web Key Set (RFC 7517)."""
        listed = []
        for kid, algorithm, private in self._keys:
            kind = jwt.get_algorithm_by_name(algorithm)
            public = json.loads(kind.to_jwk(private.public_key()))
            listed.append({**public, "kid": kid, "alg": algorithm, "use": "sig"})
        return {"keys": listed}

"""Public keys, the groups that behaviors trust, and whether a signature is by one of them.

CloudFront: "Specify signers that can create signed URLs and signed cookies". Keys are RSA with
2,048 bits (signatures PKCS #1 v1.5) or ECDSA on P-256 (signatures in DER).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..errors import ConfigError

HASH_ALGORITHMS = ("SHA1", "SHA256")
"""What Hash-Algorithm may say; the first where it says nothing."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`id` is what signers send as Key-Pair-Id."""

    id: str
    pem: bytes


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Keys of which any one may sign."""

    name: str
    keys: tuple[PublicKey, ...]


def check_key(pem: bytes) -> None:
    """Raises `ConfigError`, without a place, if `pem` is no key that CloudFront takes."""
    # imported where it is needed: most distributions have no keys, and it is not small
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    if b"PRIVATE KEY" in pem:
        hint = "openssl rsa -pubout -in private.pem -out public.pem"
        raise ConfigError("this is a private key, which belongs to the signer", hint=hint)
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        hint = 'it begins with "-----BEGIN PUBLIC KEY-----"'
        raise ConfigError("this is no public key in PEM form", hint=hint) from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size == 2048:
        return
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return
    kind = f"RSA with {key.key_size:,} bits" if isinstance(key, rsa.RSAPublicKey) else "another"
    if isinstance(key, ec.EllipticCurvePublicKey):
        kind = f"on the curve {key.curve.name}"
    hint = "openssl genrsa -out private.pem 2048"
    raise ConfigError(
        f"CloudFront takes RSA keys of 2,048 bits and ECDSA keys on P-256; this is {kind}",
        hint=hint,
    )


@lru_cache(maxsize=1024)
def signed_by(key: PublicKey, signature: bytes, message: bytes, hash_algorithm: str) -> bool:
    """Whether `signature` is `key`'s for `message`. Remembered, for a cookie comes back often."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    hashing = hashes.SHA256() if hash_algorithm == "SHA256" else hashes.SHA1()  # noqa: S303
    public = load_pem_public_key(key.pem)
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, message, padding.PKCS1v15(), hashing)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, message, ec.ECDSA(hashing))
        else:
            return False
    except InvalidSignature:
        return False
    return True

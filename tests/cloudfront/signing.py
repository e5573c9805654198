"""Keys for tests, and URLs and cookies as botocore's signer makes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edgesim.cloudfront.key_groups import KeyGroup, PublicKey

KEY_ID = "K2JCJMDEHXQW5F"


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def other_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem(key: Any) -> bytes:
    """The public half."""
    public = key.public_key()
    return bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def group(*keys: Any) -> KeyGroup:
    """The first key is `KEY_ID`, the next `KEY_ID2`, and so on."""
    ids = [KEY_ID, *(f"{KEY_ID}{number}" for number in range(2, len(keys) + 1))]
    return KeyGroup("g", tuple(PublicKey(i, pem(k)) for i, k in zip(ids, keys, strict=True)))


def signature(key: Any, message: bytes, hash_algorithm: str = "SHA1") -> bytes:
    hashing = hashes.SHA1() if hash_algorithm == "SHA1" else hashes.SHA256()
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashing)
    return bytes(key.sign(message, ec.ECDSA(hashing)))


def signer(key: Any = None, key_id: str = KEY_ID, hash_algorithm: str = "SHA1") -> Any:
    key = key or rsa_key()
    return CloudFrontSigner(key_id, lambda message: signature(key, message, hash_algorithm))


def when(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)


def cookies_of(signed_url: str) -> Mapping[str, str]:
    """The signing parameters of a URL as signed cookies."""
    query = signed_url.partition("?")[2].split("&")
    pairs = (part.partition("=") for part in query)
    return {f"CloudFront-{name}": value for name, _, value in pairs}

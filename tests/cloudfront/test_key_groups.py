"""CloudFront: "Specify signers that can create signed URLs and signed cookies"."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from edgesim.cloudfront.key_groups import PublicKey, check_key, signed_by
from edgesim.errors import ConfigError

from .signing import ec_key, pem, rsa_key, signature

PRIVATE = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

KEYS = [
    (pem(rsa_key()), "", "RSA with 2,048 bits"),
    (pem(ec_key()), "", "ECDSA on P-256"),
    (pem(rsa_key(3072)), "this is RSA with 3,072 bits", "other sizes are refused"),
    (pem(ec.generate_private_key(ec.SECP384R1())), "on the curve secp384r1", "and other curves"),
    (pem(ed25519.Ed25519PrivateKey.generate()), "this is another", "and other kinds"),
    (PRIVATE, "a private key, which belongs to the signer", "a secret has no business here"),
    (b"K2JCJMDEHXQW5F", "no public key in PEM form", "an id is no key"),
]


@pytest.mark.parametrize(("text", "said", "why"), KEYS, ids=[row[2] for row in KEYS])
def test_check_key(text: bytes, said: str, why: str) -> None:
    if not said:
        check_key(text)
        return
    with pytest.raises(ConfigError, match=said):
        check_key(text)


@pytest.mark.parametrize("hash_algorithm", ["SHA1", "SHA256"])
def test_a_signature_is_for_one_message_and_one_hash(hash_algorithm: str) -> None:
    for key in (rsa_key(), ec_key()):
        public = PublicKey("K", pem(key))
        made = signature(key, b"message", hash_algorithm)
        other = {"SHA1": "SHA256", "SHA256": "SHA1"}[hash_algorithm]
        assert signed_by(public, made, b"message", hash_algorithm)
        assert not signed_by(public, made, b"massage", hash_algorithm)
        assert not signed_by(public, made, b"message", other)
        assert not signed_by(public, b"", b"message", hash_algorithm)

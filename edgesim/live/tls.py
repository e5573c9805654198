"""TLS towards origins."""

from __future__ import annotations

import ssl
from functools import lru_cache

from ..cloudfront.origin import Origin
from ..errors import OriginError
from .failures import where


def tls_context(origin: Origin) -> ssl.SSLContext | None:
    """How to check `origin`'s certificate; None where it speaks plain HTTP."""
    if origin.protocol != "https":
        return None
    try:
        return _context(origin.verify_certificate, origin.ca_file, origin.client_certificate)
    except OSError as error:  # ssl.SSLError is one too
        raise OriginError(
            f"cannot use {_files(origin)}: {error}",
            where=where(origin),
            hint="it must be a file of certificates in PEM form",
        ) from error


def _files(origin: Origin) -> str:
    files = {"ca_file": origin.ca_file, "client_certificate": origin.client_certificate}
    return " and ".join(f"{name} {file!r}" for name, file in files.items() if file)


@lru_cache(maxsize=64)
def _context(verify: bool, ca_file: str, client: str) -> ssl.SSLContext:  # noqa: FBT001 - cache key
    context = ssl.create_default_context()
    if client:
        context.load_cert_chain(client)
    if ca_file:
        context.load_verify_locations(ca_file)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context

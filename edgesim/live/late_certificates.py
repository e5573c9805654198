"""aiohttp imported without reading the system's certificates.

aiohttp reads all of them as it is imported, into a context for whoever brings none: a tenth of a
second of every start. edgesim's connections to origins bring their own (`tls.py`). A function in
this process may be somebody who does not, so that the context is there and reads them when it is
first used.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class LateContext(ssl.SSLContext):
    """As `ssl.create_default_context` makes them, up to the certificates."""

    _read = False

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        self._read_certificates()
        return super().wrap_bio(*arguments, **options)

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        self._read_certificates()
        return super().wrap_socket(*arguments, **options)

    def _read_certificates(self) -> None:
        if not self._read:
            self._read = True
            self.load_default_certs()


@contextmanager
def certificates_read_late() -> Iterator[None]:
    """For imports: contexts that modules make for themselves meanwhile read none yet."""
    usual = ssl.create_default_context

    def late(*arguments: Any, **options: Any) -> ssl.SSLContext:
        if arguments or options:
            return usual(*arguments, **options)
        context = LateContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificates and names by itself
        if sys.version_info >= (3, 13):  # as strictly as Python has it since then
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
        return context

    ssl.create_default_context = late
    try:
        yield
    finally:
        ssl.create_default_context = usual

"""TLS to viewers: a certificate authority of this user's own, made once, and certificates by it.

Its key is worth something to whoever wants to read this user's traffic, once a browser trusts it.
So it stays in a folder, and in a file, that nobody else may read.
"""

from __future__ import annotations

import os
import ssl
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from ..errors import ConfigError

if TYPE_CHECKING:
    import trustme

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
LIFETIME = timedelta(days=90)
"""Of a certificate; each start of the edge makes new ones."""

INSTALL = "pip install 'edgesim[tls]'"


def usual_folder() -> Path:
    """Where this user's programs keep their data. Raises `ConfigError`."""
    try:
        from platformdirs import user_data_path  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError("TLS needs platformdirs and trustme", hint=INSTALL) from None
    return user_data_path("edgesim", appauthor=False) / "authority"


class Authority:
    """The authority in `folder`, made if there is none. Raises `ConfigError`."""

    def __init__(self, folder: Path) -> None:
        self._key_file, self.certificate_file = folder / "key.pem", folder / "certificate.pem"
        try:
            self._ca = self._loaded() or self._made(folder)
        except OSError as error:
            hint = f"remove {folder} and try again"
            raise ConfigError(
                f"there can be no authority: {error.strerror}", where=str(folder), hint=hint
            ) from None

    def context(
        self,
        is_known: Callable[[str], bool],
        minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    ) -> ssl.SSLContext:
        """A certificate for this machine's names, and one for each name asked for that `is_known`.

        `minimum` is that of all names: a connection's version is settled before its name is heard.

        Names are known at the moment they are asked for: an alias that an edit adds has its
        certificate at once.
        """
        usual, by_name = self._context(*THIS_MACHINE), dict[str, ssl.SSLContext]()

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            lower = (name or "").lower()
            if lower in THIS_MACHINE or not is_known(lower):
                return
            if lower not in by_name:
                by_name[lower] = self._context(lower)
            connection.context = by_name[lower]

        usual.sni_callback = choose
        usual.minimum_version = minimum
        return usual

    def _context(self, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        until = datetime.now(UTC) + LIFETIME
        issued = self._ca.issue_cert(*names, not_after=until, organization_name="edgesim")
        issued.configure_cert(context)
        return context

    def _loaded(self) -> trustme.CA | None:
        module = _trustme()
        with suppress(FileNotFoundError):
            mode = stat.S_IMODE(self._key_file.stat().st_mode)
            if os.name == "posix" and mode & 0o077:
                raise ConfigError(
                    "others may read the key of the authority",
                    where=str(self._key_file),
                    hint=f"chmod 600 {self._key_file}; if they did, remove it and its trust",
                )
            key, certificate = self._key_file.read_bytes(), self.certificate_file.read_bytes()
            try:
                authority: trustme.CA = module.CA.from_pem(certificate, key)
            except ValueError:
                raise ConfigError(
                    "this is no authority any more",
                    where=str(self._key_file.parent),
                    hint="remove the folder, and trust the next one",
                ) from None
            return authority
        return None

    def _made(self, folder: Path) -> trustme.CA:
        """The certificate is there before the key is, so that who finds a key finds both."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority: trustme.CA = _trustme().CA(
            organization_name="edgesim", organization_unit_name="for this machine only"
        )
        written = folder / f"key.{os.getpid()}.pem"
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(authority.private_key_pem.bytes())
        self.certificate_file.write_bytes(authority.cert_pem.bytes())
        written.replace(self._key_file)
        return authority


def _trustme() -> ModuleType:
    try:
        import trustme  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError("TLS needs platformdirs and trustme", hint=INSTALL) from None
    return trustme

"""What a command line or a test's marker says besides the template itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Given:
    parameters: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    """What `Fn::ImportValue` gives, by export name."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where origins are on this machine: a URL, `s3+http://…` for an S3 API, or a folder."""
    stores: Mapping[str, str] = field(default_factory=dict)
    """Files that key-value stores import, by logical id."""
    functions: Mapping[str, str] = field(default_factory=dict)
    """Where code is that the template does not say, or says otherwise: by logical id or name."""
    without: frozenset[str] = frozenset()
    """Properties that edgesim refuses and that are to be left out, by their last name."""
    distribution: str = ""
    """The logical id of the distribution, or of a tenant; may be empty where there is one only."""
    signers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Files of the public keys of accounts that are trusted signers, by account and key id."""
    certificates: Mapping[str, str] = field(default_factory=dict)
    """Files with the client certificates that origins are shown, by origin."""

    def below(self, folder: Path) -> Given:
        """The same with every path in it taken as relative to `folder`."""
        return replace(
            self,
            origins={name: _below(folder, place) for name, place in self.origins.items()},
            stores={name: _below(folder, place) for name, place in self.stores.items()},
            functions={name: _below(folder, place) for name, place in self.functions.items()},
            signers={
                account: {key: _below(folder, file) for key, file in keys.items()}
                for account, keys in self.signers.items()
            },
            certificates={name: _below(folder, file) for name, file in self.certificates.items()},
        )


def _below(folder: Path, place: str) -> str:
    return place if "://" in place else str((folder / Path(place).expanduser()).resolve())

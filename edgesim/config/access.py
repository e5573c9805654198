"""`[public_keys]`, `[key_groups]` and `geo_restriction` to who may come in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ..cloudfront.geo_restriction import GeoRestriction
from ..cloudfront.key_groups import KeyGroup, PublicKey, check_key
from ..errors import ConfigError
from .draft import DistributionDraft, Draft, GeoRestrictionDraft, PublicKeyDraft
from .positions import KeyPath
from .source import Findings

_COUNTRY = re.compile(r"[A-Z]{2}")


def key_groups(draft: Draft, findings: Findings) -> Mapping[str, KeyGroup]:
    """All that a behavior may trust."""
    keys = {name: _public_key(name, one, findings) for name, one in draft.public_keys.items()}
    found = {}
    for name, group in draft.key_groups.items():
        path: KeyPath = ("key_groups", name, "keys")
        for key in group.keys:
            if key not in keys:
                findings.unknown(path, "public key", key, keys)
        if not group.keys:
            findings.refuse(path, "it has no key", "the names of one to five [public_keys.NAME]")
        known = (keys.get(key) for key in group.keys)
        found[name] = KeyGroup(name, tuple(key for key in known if key is not None))
    return found


def key_files(draft: Draft, findings: Findings) -> tuple[Path, ...]:
    """What to watch for changes."""
    files = (one.file for one in draft.public_keys.values())
    return tuple(findings.source.path(file) for file in files if file is not None)


def _public_key(name: str, draft: PublicKeyDraft, findings: Findings) -> PublicKey | None:
    path: KeyPath = ("public_keys", name)
    if (draft.file is None) is (draft.pem is None):
        what = "nothing says what the key is" if draft.file is None else "it has file and pem"
        findings.refuse(path, what, 'give exactly one of them, such as file = "public.pem"')
        return None
    pem, said = (draft.pem or "").encode(), "pem" if draft.file is None else "file"
    if draft.file is not None:
        try:
            pem = findings.source.path(draft.file).read_bytes()
        except OSError as error:
            why = error.strerror or str(error)
            hint = "paths are relative to the file they stand in"
            findings.refuse((*path, "file"), f"{draft.file!r} cannot be read: {why}", hint)
            return None
    try:
        check_key(pem)
    except ConfigError as error:
        findings.refuse((*path, said), error.what, error.hint)
        return None
    return PublicKey(draft.id or name, pem)


def trusted(
    path: KeyPath, names: list[str], groups: Mapping[str, KeyGroup], findings: Findings
) -> tuple[KeyGroup, ...]:
    """The groups of `names`, for one behavior."""
    for name in names:
        if name not in groups:
            findings.unknown(path, "key group", name, groups)
    return tuple(groups[name] for name in names if name in groups)


def geo_restriction(draft: GeoRestrictionDraft | None, findings: Findings) -> GeoRestriction | None:
    if draft is None:
        return None
    path: KeyPath = ("distribution", "geo_restriction")
    if (draft.allow is None) is (draft.block is None):
        what = "it has neither allow nor block" if draft.allow is None else "it has allow and block"
        hint = 'give one: { allow = ["DE", "AT"] } or { block = ["US"] }'
        findings.refuse(path, what, hint)
        return None
    countries = draft.allow if draft.allow is not None else draft.block or []
    for country in countries:
        if not _COUNTRY.fullmatch(country):
            hint = "two capital letters as in ISO 3166-1, such as DE"
            if _COUNTRY.fullmatch(country.upper()):
                hint = f"did you mean {country.upper()!r}?"
            findings.refuse(path, f"{country!r} is no country", hint)
    if not countries:
        hint = "leave geo_restriction out to serve every country"
        findings.refuse(path, "it lists no country", hint)
    return GeoRestriction(frozenset(countries), allows=draft.allow is not None)


def public_url(draft: DistributionDraft, findings: Findings) -> str:
    """Scheme and host that signers use, without a slash at the end."""
    url = draft.public_url
    if url is None:
        return ""
    parts = urlsplit(url)
    whole = parts.scheme in ("http", "https") and parts.netloc and not parts.path.strip("/")
    if not whole or parts.query or parts.fragment or not url.isascii():
        hint = 'scheme and host of production: "https://media.example.com"'
        findings.refuse(("distribution", "public_url"), f"{url!r} is no such URL", hint)
    return url.rstrip("/")

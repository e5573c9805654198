"""`[geo]`: how a viewer's address becomes a place."""

from __future__ import annotations

import re
from importlib.util import find_spec

from ..http.message import ViewerPlace
from .deployment import Geo
from .draft import GeoDraft
from .positions import KeyPath
from .source import Findings, kind_of

_COUNTRY = re.compile(r"[A-Z]{2}")


def resolved_geo(draft: GeoDraft, findings: Findings) -> Geo:
    path: KeyPath = ("geo", "databases")
    files = [findings.source.path(name) for name in draft.databases]
    for name, file in zip(draft.databases, files, strict=True):
        if kind_of(file) != "file":
            hint = "a .mmdb file, such as GeoLite2-City.mmdb; paths are relative to this file"
            findings.refuse(path, f"there is no file {name!r}", hint)
    if files and find_spec("maxminddb") is None:
        hint = "pip install 'edgesim[geo]'"
        findings.refuse(path, "reading a geographic database needs maxminddb", hint)
    return Geo(tuple(map(str, files)), _default(draft, findings))


def _default(draft: GeoDraft, findings: Findings) -> ViewerPlace | None:
    place, country = draft.default_place, draft.default_country
    if place is not None and country is not None:
        hint = "leave default_country out"
        findings.refuse(("geo", "default_country"), "default_place says the country already", hint)
    key, named = "default_country", country
    if place is not None:
        key, named = "default_place", place.country
    if named is None:
        return None
    if not _COUNTRY.fullmatch(named):
        hint = "two capital letters as in ISO 3166-1, such as DE"
        findings.refuse(("geo", key), f"{named!r} is no country", hint)
    return ViewerPlace("", named) if place is None else ViewerPlace(**place.model_dump())

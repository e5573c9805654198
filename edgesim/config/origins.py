"""Where origins live: `[origins.NAME]` and URLs from a command line to `Origin`."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from ..cloudfront.distribution import SHIELD_REGIONS, Origin
from ..cloudfront.restrictions import (
    BAD_VALUE_CHARACTER,
    FIELD_NAME,
    is_disallowed_custom_header,
)
from ..errors import ConfigError, suggestion
from ..http.headers import Headers
from .draft import OriginDraft
from .positions import KeyPath
from .source import Findings, kind_of
from .world import region_points

_PLACES = ("url", "folder", "asgi", "wsgi")
_APP = re.compile(r"[\w.]+:[\w.]+")


def resolved_origin(name: str, draft: OriginDraft, findings: Findings) -> Origin:
    """`draft` as an origin; what is wrong with it goes to `findings`."""
    path: KeyPath = ("origins", name)
    origin = Origin(
        name,
        region=draft.region,
        shield_region=_shield_region(path, draft, findings),
        path=draft.path,
        custom_headers=_custom_headers(path, draft, findings),
        connection_attempts=draft.connection_attempts,
        connection_timeout_s=draft.connection_timeout_s,
        response_timeout_s=draft.response_timeout_s,
        keepalive_timeout_s=draft.keepalive_timeout_s,
        verify_certificate=draft.verify_certificate,
        ca_file=str(findings.source.path(draft.ca_file)) if draft.ca_file else "",
    )
    if draft.region not in region_points():
        findings.unknown((*path, "region"), "region", draft.region, region_points())
    if origin.ca_file and kind_of(findings.source.path(draft.ca_file)) != "file":
        findings.refuse((*path, "ca_file"), f"there is no file {draft.ca_file!r}")
    if draft.path and (not draft.path.startswith("/") or draft.path.endswith("/")):
        hint = 'it begins with a slash and ends without one: "/shop"'
        findings.refuse((*path, "path"), f"{draft.path!r} is no origin path", hint)
    return _placed(origin, path, draft, findings)


def _shield_region(path: KeyPath, draft: OriginDraft, findings: Findings) -> str:
    region = draft.origin_shield or ""
    if draft.origin_shield is not None and region not in SHIELD_REGIONS:
        known = sorted(SHIELD_REGIONS)
        findings.unknown((*path, "origin_shield"), "Region with Origin Shield", region, known)
    return region


def _placed(origin: Origin, path: KeyPath, draft: OriginDraft, findings: Findings) -> Origin:
    if draft.s3 is not None:
        hint = 'use folder = "…" with a copy of the bucket\'s files'
        findings.refuse((*path, "s3"), "s3 origins are not supported yet", hint)
        return origin
    given = [place for place in _PLACES if getattr(draft, place) is not None]
    if len(given) != 1:
        what = f"it has {' and '.join(given)}" if given else "nothing says where it lives"
        hint = f"give exactly one of {', '.join(_PLACES)}"
        findings.refuse(path, what, hint)
        return origin
    if draft.url is not None:
        try:
            placed = at_url(origin, draft.url)
        except ConfigError as error:
            findings.refuse((*path, "url"), error.what, error.hint)
            return origin
        if placed.path and draft.path:
            hint = "leave it out of the URL"
            findings.refuse((*path, "path"), "the URL has a path already", hint)
        return replace(placed, path=placed.path or draft.path)
    if draft.folder is not None:
        folder = findings.source.path(draft.folder)
        if kind_of(folder) != "folder":
            hint = "paths are relative to the file they stand in"
            findings.refuse((*path, "folder"), f"there is no folder {draft.folder!r}", hint)
        return replace(origin, folder=str(folder))
    app, kind = (draft.asgi, "asgi") if draft.asgi is not None else (draft.wsgi or "", "wsgi")
    if not _APP.fullmatch(app or ""):
        hint = 'write "module:name", as for uvicorn or gunicorn'
        findings.refuse((*path, kind), f"{app!r} names no application", hint)
    return replace(origin, app=app or "", app_kind=kind)


def _custom_headers(path: KeyPath, draft: OriginDraft, findings: Findings) -> Headers:
    for name, value in draft.custom_headers.items():
        where = (*path, "custom_headers", name)
        if not FIELD_NAME.fullmatch(name):
            findings.refuse(where, f"{name!r} is no header's name", "a name is one token")
        elif is_disallowed_custom_header(name.lower()):
            hint = "CloudFront sets it, or leaves it to the viewer; choose another name"
            findings.refuse(where, f"{name} may not be a custom header", hint)
        elif BAD_VALUE_CHARACTER.search(value) or not value.isascii():
            hint = "printable ASCII characters are allowed"
            findings.refuse(where, f"the value of {name} has a character it may not have", hint)
    return Headers(draft.custom_headers.items())


def at_url(origin: Origin, url: str) -> Origin:
    """`origin`, living at `url`. Raises `ConfigError`, without a place.

    A slash and nothing behind the host is what browsers show, and is taken as no path.
    """
    scheme, separator, _ = url.partition("://")
    if not separator:
        raise ConfigError(f"{url!r} has no scheme", hint=f"did you mean 'http://{url}'?")
    if scheme not in ("http", "https"):
        raise ConfigError(
            f"{url!r} is neither http nor https", hint=suggestion(scheme, ["http", "https"])
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"{url!r} is no URL: {error}") from None
    if not host or port == 0 or any(char.isspace() for char in url):
        raise ConfigError(f"{url!r} names no server", hint="write it as http://127.0.0.1:3000")
    if parts.username is not None:
        raise ConfigError(
            f"{url!r} has a user name", hint="send an Authorization header in custom_headers"
        )
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        part = "query" if "?" in url else "fragment"
        raise ConfigError(
            f"{url!r} has a {part}", hint="an origin is a server, with a path at most"
        )
    path = "" if parts.path == "/" else parts.path
    if path.endswith("/"):
        raise ConfigError(
            f"the path of {url!r} ends with a slash", hint=f"did you mean {url.rstrip('/')!r}?"
        )
    usual = 443 if scheme == "https" else 80
    return replace(
        origin, host=host, port=port or usual, protocol=scheme, path=path, folder="", app=""
    )

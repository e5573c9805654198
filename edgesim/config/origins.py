"""Where origins live: `[origins.NAME]` and URLs from a command line to `Origin`."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from ..cloudfront.origin import SHIELD_REGIONS, Origin
from ..cloudfront.restrictions import (
    BAD_VALUE_CHARACTER,
    FIELD_NAME,
    is_disallowed_custom_header,
)
from ..errors import ConfigError
from ..http.headers import Headers
from .buckets import with_bucket
from .client_certificates import check_shown, client_certificate
from .deployment import NoteKind
from .draft import OriginDraft
from .positions import KeyPath
from .source import Findings, kind_of
from .urls import at_url
from .world import region_points

_PLACES = ("url", "folder", "s3", "asgi", "wsgi")
_APP = re.compile(r"[\w.]+:[\w.]+")
_AWS_HOST = re.compile(r".+\.(amazonaws\.com(\.cn)?|on\.aws)")
USUAL_REGION = "us-east-1"


def resolved_origin(name: str, draft: OriginDraft, findings: Findings) -> Origin:
    """`draft` as an origin; what is wrong with it goes to `findings`."""
    path: KeyPath = ("origins", name)
    origin = Origin(
        name,
        region=draft.region or region_of(draft.url or "") or USUAL_REGION,
        shield_region=_shield_region(path, draft, findings),
        path=draft.path,
        custom_headers=_custom_headers(path, draft, findings),
        connection_attempts=draft.connection_attempts,
        connection_timeout_s=draft.connection_timeout_s,
        response_timeout_s=draft.response_timeout_s,
        keepalive_timeout_s=draft.keepalive_timeout_s,
        verify_certificate=draft.verify_certificate,
        ca_file=str(findings.source.path(draft.ca_file)) if draft.ca_file else "",
        response_completion_timeout_s=draft.response_completion_timeout_s,
        client_certificate=client_certificate(path, draft, findings),
    )
    if draft.region is not None and draft.region not in region_points():
        findings.unknown((*path, "region"), "region", draft.region, region_points())
    if origin.ca_file and kind_of(findings.source.path(draft.ca_file)) != "file":
        findings.refuse((*path, "ca_file"), f"there is no file {draft.ca_file!r}")
    if draft.path and (not draft.path.startswith("/") or draft.path.endswith("/")):
        hint = 'it begins with a slash and ends without one: "/shop"'
        findings.refuse((*path, "path"), f"{draft.path!r} is no origin path", hint)
    placed = _placed(origin, path, draft, findings)
    check_shown(placed, path, findings)
    return placed


def region_of(url: str) -> str:
    """The Region in the name of a host of AWS's, as of a bucket or a load balancer; else ""."""
    host = urlsplit(url).hostname or ""
    labels = host.replace(".s3-", ".").split(".") if _AWS_HOST.fullmatch(host) else []
    return next((label for label in labels if label in region_points()), "")


def _shield_region(path: KeyPath, draft: OriginDraft, findings: Findings) -> str:
    region = draft.origin_shield or ""
    if draft.origin_shield is not None and region not in SHIELD_REGIONS:
        known = sorted(SHIELD_REGIONS)
        findings.unknown((*path, "origin_shield"), "Region with Origin Shield", region, known)
    return region


def _placed(origin: Origin, path: KeyPath, draft: OriginDraft, findings: Findings) -> Origin:
    given = [place for place in _PLACES if getattr(draft, place) is not None]
    if len(given) != 1:
        what = f"it has {' and '.join(given)}" if given else "nothing says where it lives"
        hint = f"give exactly one of {', '.join(_PLACES)}"
        findings.refuse(path, what, hint)
        return origin
    _check_speech(path, draft, findings)
    if draft.s3 is not None:
        return with_bucket(origin, (*path, "s3"), draft, draft.s3, findings)
    if draft.origin_access_control is not None:
        text = "only requests to an S3 API are signed; this origin is none"
        findings.note(NoteKind.IGNORED, (*path, "origin_access_control"), text)
    if draft.url is not None:
        return _at_url(origin, path, draft, draft.url, findings)
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


def _at_url(
    origin: Origin, path: KeyPath, draft: OriginDraft, url: str, findings: Findings
) -> Origin:
    try:
        placed = at_url(origin, url)
    except ConfigError as error:
        findings.refuse((*path, "url"), error.what, error.hint)
        return origin
    if placed.path and draft.path:
        hint = "leave it out of the URL"
        findings.refuse((*path, "path"), "the URL has a path already", hint)
    return _speaking(replace(placed, path=placed.path or draft.path), path, draft, findings)


def _check_speech(path: KeyPath, draft: OriginDraft, findings: Findings) -> None:
    """Ports and protocols are those of a server with a URL; a cap is over what it caps."""
    for key in ("protocol_policy", "http_port", "https_port"):
        if getattr(draft, key) is not None and draft.url is None:
            findings.refuse((*path, key), f"{key} goes with url", "leave it out")
    cap = draft.response_completion_timeout_s
    if cap is not None and cap < draft.response_timeout_s:
        hint = f"at least response_timeout_s, which is {draft.response_timeout_s:g}"
        findings.refuse((*path, "response_completion_timeout_s"), f"{cap:g} is too short", hint)


def _speaking(origin: Origin, path: KeyPath, draft: OriginDraft, findings: Findings) -> Origin:
    """`origin` by its protocol policy; the URL's port is for the URL's scheme."""
    policy = draft.protocol_policy
    ports = {"http": draft.http_port or 80, "https": draft.https_port or 443}
    said = draft.http_port if origin.protocol == "http" else draft.https_port
    if said is not None and said != origin.port:
        key = f"{origin.protocol}_port"
        findings.refuse((*path, key), f"the URL says port {origin.port:,} already", "leave it out")
    ports[origin.protocol] = origin.port
    if policy is None:
        return origin
    if policy == "match-viewer":
        return replace(origin, match_viewer=(ports["http"], ports["https"]))
    protocol = policy.removesuffix("-only")
    return replace(origin, protocol=protocol, port=ports[protocol])


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

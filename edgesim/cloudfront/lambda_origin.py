"""Where a function at origin-request sends the request instead.

CloudFront: "Lambda@Edge event structure", request.origin.
"""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_address

from ..http.headers import Headers
from ..http.message import Request
from .distribution import Origin
from .lambda_event import Json, octets, shown_origin
from .lambda_fields import entries_of, refusal, shown
from .restrictions import NOT_IN_A_PATH, is_disallowed_custom_header

_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?")
_SSL_PROTOCOLS = frozenset({"TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3"})
_MAX_DOMAIN_CHARACTERS = {"custom": 253, "s3": 128}
_MAX_PATH_CHARACTERS = 255


def chosen_origin(returned: object, origin: Origin, request: Request) -> Origin:
    """The origin a function chose: the one it was given, or another that it describes."""
    given = shown_origin(origin)
    if returned == given:
        return origin
    if not isinstance(returned, dict) or len({"custom", "s3"} & returned.keys()) != 1:
        raise refusal(
            "its origin has not exactly one of custom and s3",
            "change the fields of request['origin'], or replace it by one of the two",
        )
    kind = "custom" if "custom" in returned else "s3"
    fields, before = returned[kind], given.get(kind, {})
    if not isinstance(fields, dict):
        raise refusal(f"its origin.{kind} is no object")
    moved = origin
    if (domain := fields.get("domainName")) != before.get("domainName", ""):
        host = _domain(kind, domain)
        moved = replace(origin, host=host, folder="", app="", bucket=None)
        if kind == "s3":
            moved = Origin(origin.name, host=host, port=443, protocol="https")
    path = fields.get("path", "")
    if path != before.get("path"):
        _check_path(kind, path)
    moved = _custom(moved, fields) if kind == "custom" else _s3(moved, fields)
    headers = origin.custom_headers
    if (named := fields.get("customHeaders", {})) != before.get("customHeaders"):
        headers = _custom_headers(named, request)
    return replace(
        moved,
        path=path,
        custom_headers=headers,
        response_timeout_s=_seconds(kind, fields, "readTimeout", origin.response_timeout_s),
    )


def _domain(kind: str, domain: object) -> str:
    what = f"its origin.{kind}.domainName is {shown(domain)}"
    if not isinstance(domain, str) or not _HOST_NAME.fullmatch(domain):
        raise refusal(what, "give a host name; a port goes into port")
    if len(domain) > _MAX_DOMAIN_CHARACTERS[kind]:
        raise refusal(what, f"{_MAX_DOMAIN_CHARACTERS[kind]} characters are allowed")
    if kind == "s3" and domain != domain.lower():
        raise refusal(what, "a bucket's name is lower case")
    if kind == "custom" and _is_address(domain):
        raise refusal(what, "CloudFront takes a host name here, no address; try localhost")
    return domain


def _is_address(domain: str) -> bool:
    try:
        ip_address(domain)
    except ValueError:
        return False
    return True


def _check_path(kind: str, path: object) -> None:
    well_formed = isinstance(path, str) and (
        path == "" or (path.startswith("/") and not path.endswith("/"))
    )
    if not isinstance(path, str) or not well_formed or NOT_IN_A_PATH.search(path):
        raise refusal(
            f"its origin.{kind}.path is {shown(path)}",
            "'' or '/…', percent-encoded, without a slash at the end",
        )
    if not path.isascii() or len(path) > _MAX_PATH_CHARACTERS:
        raise refusal(
            f"its origin.{kind}.path is {shown(path)}",
            f"at most {_MAX_PATH_CHARACTERS} ASCII characters",
        )


def _custom(origin: Origin, fields: Json) -> Origin:
    protocol = fields.get("protocol", origin.protocol)
    if protocol not in ("http", "https"):
        raise refusal(f"its origin.custom.protocol is {shown(protocol)}", "'http' or 'https'")
    port = fields.get("port", origin.port)
    given = port == origin.port  # a configured port may be any, as on a developer's machine
    if type(port) is not int or not (given or port in (80, 443) or 1024 <= port <= 65535):
        raise refusal(f"its origin.custom.port is {shown(port)}", "80, 443, or 1024 to 65535")
    versions = fields.get("sslProtocols", [])
    known = isinstance(versions, list) and all(
        isinstance(version, str) and version in _SSL_PROTOCOLS for version in versions
    )
    if not known:
        raise refusal(
            f"its origin.custom.sslProtocols is {shown(versions)}",
            f"a list from {', '.join(sorted(_SSL_PROTOCOLS))}",
        )
    keepalive_s = _seconds("custom", fields, "keepaliveTimeout", origin.keepalive_timeout_s)
    return replace(origin, protocol=protocol, port=port, keepalive_timeout_s=keepalive_s)


def _s3(origin: Origin, fields: Json) -> Origin:
    method = fields.get("authMethod", "none")
    if method not in ("none", "origin-access-identity"):
        raise refusal(
            f"its origin.s3.authMethod is {shown(method)}", "'none' or 'origin-access-identity'"
        )
    region = fields.get("region", "")
    if not isinstance(region, str) or (method != "none" and not region):
        raise refusal(
            f"its origin.s3.region is {shown(region)}", "an identity needs the bucket's region"
        )
    return replace(origin, region=region or origin.region)


def _seconds(kind: str, fields: Json, name: str, before: float) -> float:
    seconds = fields.get(name, before)
    if seconds in (before, int(before)) and type(seconds) is not bool:
        return before
    if type(seconds) not in (int, float) or not 1 <= seconds <= 120:
        raise refusal(f"its origin.{kind}.{name} is {shown(seconds)}", "1 to 120 seconds")
    return float(seconds)


def _custom_headers(returned: object, request: Request) -> Headers:
    if not isinstance(returned, dict):
        raise refusal("its origin's customHeaders are no object")
    lines = []
    for name, entries in returned.items():
        for key, value in entries_of(str(name), entries):
            if is_disallowed_custom_header(key.lower()):
                raise refusal(f"its origin's customHeaders have {key}, which may not be one")
            if key.lower() in request.headers:
                raise refusal(f"{key} stands in headers and in its origin's customHeaders")
            lines.append((key, octets(value)))
    return Headers(lines)

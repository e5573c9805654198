"""Where a function at origin-request sends the request instead.

CloudFront: "Lambda@Edge event structure", request.origin.
"""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_address

from ..http.headers import Headers
from ..http.message import Request
from . import lambda_origin_rules as rules
from .lambda_event import Json, octets, shown_origin
from .lambda_fields import entries_of, shown
from .origin import Origin
from .restrictions import (
    CUSTOM_HEADERS,
    CUSTOM_HEADERS_CHARACTERS,
    CUSTOM_NAME_CHARACTERS,
    CUSTOM_VALUE_CHARACTERS,
    NOT_IN_A_PATH,
    is_disallowed_custom_header,
)
from .rule_book import Judge, Rule

_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?")
_SSL_PROTOCOLS = frozenset({"TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3"})
_MAX_DOMAIN_CHARACTERS = {"custom": 253, "s3": 128}
_MAX_PATH_CHARACTERS = 255
_IDENTITY = "origin-access-identity"

_FIELDS = {
    "custom": frozenset(
        {
            "customHeaders",
            "domainName",
            "keepaliveTimeout",
            "path",
            "port",
            "protocol",
            "readTimeout",
            "sslProtocols",
        }
    ),
    "s3": frozenset({"authMethod", "customHeaders", "domainName", "path"}),
}
"""What the event has always shown; timeouts of the whole response and of buckets came later."""


def chosen_origin(
    returned: object, origin: Origin, request: Request, judge: Judge | None = None
) -> Origin:
    """The origin a function chose: the one it was given, or another that it describes."""
    judge = judge or Judge()
    given = shown_origin(origin)
    if returned == given:
        return origin
    if not isinstance(returned, dict) or len({"custom", "s3"} & returned.keys()) != 1:
        raise rules.ORIGIN_KIND.refusal("its origin has not exactly one of custom and s3")
    kind = "custom" if "custom" in returned else "s3"
    fields, before = returned[kind], given.get(kind, {})
    if not isinstance(fields, dict):
        raise rules.ORIGIN_KIND.refusal(f"its origin.{kind} is no object")
    if lacking := _FIELDS[kind] - fields.keys():
        what = f"its origin.{kind} lacks {', '.join(sorted(lacking))}"
        judge.weigh(rules.ORIGIN_FIELDS, what)
    moved = origin
    if (domain := fields.get("domainName")) != before.get("domainName", ""):
        host = _domain(kind, domain)
        moved = replace(origin, host=host, folder="", app="", bucket=None)
        if kind == "s3":
            moved = Origin(origin.name, host=host, port=443, protocol="https")
        _check_host(host, request, judge)
    path = fields.get("path", "")
    if path != before.get("path"):
        _check_path(kind, path)
    moved = _custom(moved, fields) if kind == "custom" else _s3(moved, fields, before, judge)
    headers = origin.custom_headers
    if (named := fields.get("customHeaders", {})) != before.get("customHeaders"):
        headers = _custom_headers(named, request, judge)
    read_s = _seconds(
        rules.ORIGIN_READ_TIMEOUT, kind, fields, "readTimeout", origin.response_timeout_s
    )
    _check_completion(kind, fields, before, read_s)
    return replace(moved, path=path, custom_headers=headers, response_timeout_s=read_s)


def _check_host(domain: str, request: Request, judge: Judge) -> None:
    host = request.headers.get("host") or ""
    if host.partition(":")[0].lower() != domain.lower():
        what = f"it sends the request to {shown(domain)} with the Host {shown(host)}"
        judge.weigh(rules.HOST_OF_ORIGIN, what)


def _domain(kind: str, domain: object) -> str:
    what = f"its origin.{kind}.domainName is {shown(domain)}"
    if not isinstance(domain, str) or not _HOST_NAME.fullmatch(domain):
        raise rules.ORIGIN_DOMAIN.refusal(what)
    if len(domain) > _MAX_DOMAIN_CHARACTERS[kind]:
        raise rules.ORIGIN_DOMAIN_LENGTH.refusal(
            what, f"{_MAX_DOMAIN_CHARACTERS[kind]} characters are allowed"
        )
    if kind == "s3" and domain != domain.lower():
        raise rules.BUCKET_CASE.refusal(what)
    if kind == "custom" and _is_address(domain):
        raise rules.ORIGIN_DOMAIN.refusal(what)
    return domain


def _is_address(domain: str) -> bool:
    try:
        ip_address(domain)
    except ValueError:
        return False
    return True


def _check_path(kind: str, path: object) -> None:
    what = f"its origin.{kind}.path is {shown(path)}"
    if not isinstance(path, str) or not path.isascii() or NOT_IN_A_PATH.search(path):
        raise rules.ORIGIN_PATH.refusal(what)
    if path != "" and (not path.startswith("/") or path.endswith("/")):
        raise rules.ORIGIN_PATH.refusal(what)
    if len(path) > _MAX_PATH_CHARACTERS:
        raise rules.ORIGIN_PATH_LENGTH.refusal(what)


def _custom(origin: Origin, fields: Json) -> Origin:
    protocol = fields.get("protocol", origin.protocol)
    if protocol not in ("http", "https"):
        raise rules.ORIGIN_PROTOCOL.refusal(f"its origin.custom.protocol is {shown(protocol)}")
    port = fields.get("port", origin.port)
    given = port == origin.port  # a configured port may be any, as on a developer's machine
    if type(port) is not int or not (given or port in (80, 443) or 1024 <= port <= 65535):
        raise rules.ORIGIN_PORT.refusal(f"its origin.custom.port is {shown(port)}")
    versions = fields.get("sslProtocols", [])
    known = isinstance(versions, list) and all(
        isinstance(version, str) and version in _SSL_PROTOCOLS for version in versions
    )
    if not known:
        what = f"its origin.custom.sslProtocols is {shown(versions)}"
        raise rules.ORIGIN_SSL_PROTOCOLS.refusal(what)
    keepalive_s = _seconds(
        rules.ORIGIN_KEEPALIVE_TIMEOUT,
        "custom",
        fields,
        "keepaliveTimeout",
        origin.keepalive_timeout_s,
    )
    return replace(origin, protocol=protocol, port=port, keepalive_timeout_s=keepalive_s)


def _s3(origin: Origin, fields: Json, before: Json, judge: Judge) -> Origin:
    method = fields.get("authMethod", "none")
    if method not in ("none", _IDENTITY):
        raise rules.BUCKET_AUTH_METHOD.refusal(f"its origin.s3.authMethod is {shown(method)}")
    region = fields.get("region", "")
    if not isinstance(region, str):
        raise rules.BUCKET_REGION.refusal(f"its origin.s3.region is {shown(region)}")
    if method == _IDENTITY and not region:
        judge.weigh(rules.IDENTITY_REGION, f"its origin.s3 has {_IDENTITY} and no region")
    if method == _IDENTITY and not before:
        judge.weigh(rules.IDENTITY_MOVED, f"it replaced a custom origin by a bucket with {method}")
    return replace(origin, region=region or origin.region)


def _seconds(rule: Rule, kind: str, fields: Json, name: str, before: float) -> float:
    seconds = fields.get(name, before)
    if seconds in (before, int(before)) and type(seconds) is not bool:
        return before
    if type(seconds) not in (int, float) or not 1 <= seconds <= 120:
        raise rule.refusal(f"its origin.{kind}.{name} is {shown(seconds)}")
    return float(seconds)


def _check_completion(kind: str, fields: Json, before: Json, read_s: float) -> None:
    """What a function left alone is let be, whatever it made of readTimeout."""
    seconds = fields.get("responseCompletionTimeout", 0)
    if type(seconds) in (int, float) and (
        seconds in (0, before.get("responseCompletionTimeout")) or seconds >= read_s
    ):
        return
    what = f"its origin.{kind}.responseCompletionTimeout is {shown(seconds)}"
    raise rules.ORIGIN_COMPLETION_TIMEOUT.refusal(f"{what}, its readTimeout {read_s:g}")


def _custom_headers(returned: object, request: Request, judge: Judge) -> Headers:
    if not isinstance(returned, dict):
        raise rules.CUSTOM_HEADERS_MAP.refusal(
            f"its origin's customHeaders are {shown(returned)}, which is no object"
        )
    lines = []
    for name, entries in returned.items():
        for key, value in entries_of(str(name), entries, judge):
            if is_disallowed_custom_header(key.lower()):
                what = f"its origin's customHeaders have {key}, which may not be one"
                raise rules.CUSTOM_HEADER_DENIED.refusal(what)
            if key.lower() in request.headers:
                what = f"{key} stands in headers and in its origin's customHeaders"
                raise rules.CUSTOM_HEADER_TWICE.refusal(what)
            lines.append((key, octets(value)))
    _check_quota(lines, judge)
    return Headers(lines)


def _check_quota(lines: list[tuple[str, str]], judge: Judge) -> None:
    size = sum(len(name) + len(value) for name, value in lines)
    if len(lines) > CUSTOM_HEADERS or size > CUSTOM_HEADERS_CHARACTERS:
        what = f"its origin has {len(lines)} customHeaders of {size:,} characters together"
        judge.weigh(rules.CUSTOM_HEADERS_QUOTA, what)
    for name, value in lines:
        if len(name) > CUSTOM_NAME_CHARACTERS or len(value) > CUSTOM_VALUE_CHARACTERS:
            what = f"its customHeader {shown(name)} has {len(name) + len(value):,} characters"
            judge.weigh(rules.CUSTOM_HEADERS_QUOTA, what)

"""What a response headers policy does to a response that leaves a behavior.

CloudFront: "Understand response headers policies".
"""

from __future__ import annotations

import re

from ..http.headers import Headers
from ..http.message import Request
from .policies import Cors, ResponseHeadersPolicy

CORS_FIELDS = frozenset(
    {
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-expose-headers",
        "access-control-max-age",
    }
)


def with_policy(policy: ResponseHeadersPolicy, request: Request, headers: Headers) -> Headers:
    """`headers` after `policy`: removals first, then what it adds or overrides."""
    removed = {name.lower() for name in policy.remove}
    headers = headers.without(*removed)
    for field in policy.headers:
        if field.override or field.name.lower() not in headers:
            headers = headers.with_(field.name, field.value)
    if "server" in removed and "server" not in headers:
        headers = headers.with_("Server", "CloudFront")  # as it does with Date, once it is sent
    if policy.cors is not None:
        headers = _with_cors(policy.cors, request, headers)
    return headers


def _with_cors(cors: Cors, request: Request, headers: Headers) -> Headers:
    origin = request.headers.get("origin")
    allowed = None if origin is None else allowed_origin(cors, origin)
    if "*" not in cors.allow_origins:
        headers = _varying_by_origin(headers)
    if allowed is None or (not cors.override and CORS_FIELDS & headers.names()):
        return headers
    lines = [("Access-Control-Allow-Origin", allowed)]
    if cors.allow_credentials:
        lines.append(("Access-Control-Allow-Credentials", "true"))
    if cors.expose_headers:
        lines.append(("Access-Control-Expose-Headers", ", ".join(cors.expose_headers)))
    if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
        if cors.allow_methods:
            lines.append(("Access-Control-Allow-Methods", ", ".join(cors.allow_methods)))
        if said := allowed_headers(cors, request):
            lines.append(("Access-Control-Allow-Headers", said))
        if cors.max_age_s is not None:
            lines.append(("Access-Control-Max-Age", str(cors.max_age_s)))
    for name, value in lines:
        headers = headers.with_(name, value)
    return headers


def allowed_headers(cors: Cors, request: Request) -> str:
    """What Access-Control-Allow-Headers answers to a preflight.

    Browsers know a star alone and no other, so that names with one in them (`x-amz-*`) become
    those that were asked for. In place of a star there is at least one character.
    """
    said = [name for name in cors.allow_headers if name == "*" or "*" not in name]
    patterns = [_header_pattern(name) for name in cors.allow_headers if name not in said]
    asked = (request.headers.get("access-control-request-headers") or "").split(",")
    for name in map(str.strip, asked):
        if name not in said and any(pattern.fullmatch(name) for pattern in patterns):
            said.append(name)
    return ", ".join(said)


def _header_pattern(name: str) -> re.Pattern[str]:
    return re.compile(re.escape(name).replace(r"\*", ".+"), re.IGNORECASE)


def _varying_by_origin(headers: Headers) -> Headers:
    vary = headers.get("vary")
    if vary is None:
        return headers.with_("Vary", "Origin")
    named = {name.strip().lower() for name in vary.split(",")}
    return headers if {"origin", "*"} & named else headers.with_("Vary", f"{vary}, Origin")


def allowed_origin(cors: Cors, origin: str) -> str | None:
    """What Access-Control-Allow-Origin answers to `origin`; None if it is not allowed."""
    if "*" in cors.allow_origins:
        return "*"
    for pattern in cors.allow_origins:
        if _origin_pattern(pattern).fullmatch(origin):
            return origin
    return None


def _origin_pattern(pattern: str) -> re.Pattern[str]:
    """`*` may be the leftmost label or the port; a pattern without a scheme matches either."""
    scheme, separator, rest = pattern.rpartition("://")
    host, colon, port = rest.partition(":")
    host_part = re.escape(host.removeprefix("*."))
    if host.startswith("*."):
        host_part = rf"[^/:]+\.{host_part}"
    port_part = (r":\d+" if port == "*" else re.escape(f":{port}")) if colon else ""
    if separator:
        return re.compile(re.escape(f"{scheme}://") + host_part + port_part)
    return re.compile(rf"https?://{host_part}" + (port_part or r"(:\d+)?"))

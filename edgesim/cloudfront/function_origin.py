"""Where a CloudFront Function sends a request: what its calls of the helper methods come to.

CloudFront: "Helper methods for origin modification". A call arrives as the method's name and what
it was given. The cache key stays what it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from ..errors import InvalidFunctionResult, suggestion
from ..http.headers import Headers
from .distribution import Behavior, Distribution
from .function_rules import ORIGIN
from .lambda_event import Json, octets
from .lambda_fields import shown
from .origin import FAILOVER_CODES, Failover, Origin, Route
from .restrictions import BAD_VALUE_CHARACTER, FIELD_NAME, NOT_IN_A_PATH
from .restrictions import is_disallowed_custom_header as is_disallowed

_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?")
_PATH = re.compile(r"(/[^/].*)?(?<!/)", re.DOTALL)
_SSL_PROTOCOLS = frozenset({"TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3"})
_SELECTION = ("default", "media-quality-score")
_TLS_FIELDS = frozenset({"hostHeader", "sni", "allowedCertificateNames"})
_FIELDS = _TLS_FIELDS | {
    "domainName",
    "originPath",
    "customHeaders",
    "connectionAttempts",
    "originShield",
    "originAccessControlConfig",
    "timeouts",
    "customOriginConfig",
    "mTLSConfig",
}
_ACCESS_CONTROL = {
    "signingBehavior": ("always", "never", "no-override"),
    "signingProtocol": ("sigv4",),
    "originType": ("s3", "mediapackagev2", "mediastore", "lambda"),
}
_MAX_NAMES, _MAX_NAME_CHARACTERS, _MAX_PATH_CHARACTERS = 20, 64, 255


def chosen_route(distribution: Distribution, behavior: Behavior, call: Json) -> Route:
    """Where the request goes after `call`, the last of its kind that the function made.

    Raises `InvalidFunctionResult` for whatever CloudFront would answer with a 502.
    """
    given, method = call.get("given"), call.get("method")
    if method == "selectRequestOriginById":
        route = _by_id(distribution, call.get("id"))
        if given is None:
            return route
        return replace(route, origin=_overridden(route.origin, _object(given, _TLS_FIELDS)))
    if method == "createRequestOriginGroup":
        return _group(distribution, _object(given, None))
    origin = _overridden(behavior.origin, _object(given, _FIELDS))
    return Route(origin, behavior.failover)  # of a group, the primary alone


def _refuse(field: str, value: object, hint: str) -> InvalidFunctionResult:
    return ORIGIN.refusal(f"{field} is {shown(value)}", hint)


def _object(given: object, fields: frozenset[str] | None) -> Json:
    if not isinstance(given, dict):
        raise _refuse("what it gave the helper method", given, "give it an object")
    for name in given:
        if fields is not None and name not in fields:
            raise ORIGIN.refusal(f"there is no field {shown(name)}", suggestion(name, fields))
    return given


def _by_id(distribution: Distribution, name: object) -> Route:
    route = distribution.routes.get(name) if isinstance(name, str) else None
    if route is None:
        known = suggestion(str(name), distribution.routes)
        raise ORIGIN.refusal(f"no origin or origin group has the id {shown(name)}", known)
    return route


def _group(distribution: Distribution, given: Json) -> Route:
    members = given.get("originIds")
    if not isinstance(members, list) or len(members) != 2:
        raise _refuse("originIds", members, "two objects with an originId each")
    selection = given.get("selectionCriteria", "default")
    if selection not in _SELECTION:
        raise _refuse("selectionCriteria", selection, " or ".join(map(repr, _SELECTION)))
    origins = []
    for member in members:
        one = _object(member, frozenset({"originId", "originOverrides"}))
        route = _by_id(distribution, one.get("originId"))
        if route.failover is not None:
            raise _refuse("originId", one["originId"], "a group has origins, no other groups")
        overrides = _object(one.get("originOverrides", {}), _FIELDS)
        if route.origin.client_certificate:
            raise _refuse("originId", one["originId"], "a group has no origin with mutual TLS")
        origins.append(_overridden(route.origin, overrides))
    criteria = _object(given.get("failoverCriteria"), frozenset({"statusCodes"}))
    codes = criteria.get("statusCodes")
    known = isinstance(codes, list) and codes and set(map(str, codes)) <= _CODES
    if not isinstance(codes, list) or not known:
        raise _refuse("failoverCriteria.statusCodes", codes, f"some of {', '.join(sorted(_CODES))}")
    return Route(origins[0], Failover(origins[1], frozenset(map(int, codes))))


_CODES = {str(code) for code in FAILOVER_CODES}


def _overridden(origin: Origin, given: Json) -> Origin:
    """`origin` with the fields that were given; all others are inherited."""
    changed = origin
    if "domainName" in given:
        host = _domain(given["domainName"])
        changed = replace(changed, host=host, folder="", app="", host_header=host)
    if "hostHeader" in given:
        changed = replace(changed, host_header=_host_header(given))
    if "originPath" in given:
        changed = replace(changed, path=_path(given["originPath"]))
    if "customHeaders" in given:
        changed = replace(changed, custom_headers=_custom_headers(given["customHeaders"]))
    if "connectionAttempts" in given:
        attempts = _integer("connectionAttempts", given["connectionAttempts"], 1, 3)
        changed = replace(changed, connection_attempts=attempts)
    if "timeouts" in given:
        changed = _timeouts(changed, given["timeouts"])
    if "customOriginConfig" in given:
        changed = _custom_config(changed, given["customOriginConfig"])
    _check_rest(given)
    if given.get("mTLSConfig") == "off":
        changed = replace(changed, client_certificate="")
    return changed


def _domain(domain: object) -> str:
    if not isinstance(domain, str) or not _HOST_NAME.fullmatch(domain) or len(domain) > 253:
        raise _refuse("domainName", domain, "a host name; a port goes into customOriginConfig")
    try:
        ip_address(domain)
    except ValueError:
        return domain
    raise _refuse("domainName", domain, "a host name, no address; try localhost")


def _host_header(given: Json) -> str:
    host = given["hostHeader"]
    if not isinstance(host, str) or not _HOST_NAME.fullmatch(host.partition(":")[0]):
        raise _refuse("hostHeader", host, "a host name")
    access = given.get("originAccessControlConfig")
    if isinstance(access, dict) and access.get("enabled"):
        hint = "leave out hostHeader, or switch the access control off with { enabled: false }"
        raise _refuse("hostHeader beside an origin access control", host, hint)
    return host


def _path(path: object) -> str:
    fits = isinstance(path, str) and _PATH.fullmatch(path) and len(path) <= _MAX_PATH_CHARACTERS
    if not isinstance(path, str) or not fits or NOT_IN_A_PATH.search(path):
        hint = "'' or '/…' without a slash at the end, at most 255 characters"
        raise _refuse("originPath", path, hint)
    return octets(path)


def _custom_headers(given: object) -> Headers:
    if not isinstance(given, dict):
        raise _refuse("customHeaders", given, "an object: { 'x-name': 'value' }")
    for name, value in given.items():
        if name != name.lower() or not FIELD_NAME.fullmatch(name):
            raise _refuse("a name in customHeaders", name, "lower case letters, digits and -")
        if is_disallowed(name):
            raise _refuse("a name in customHeaders", name, "CloudFront allows it nobody")
        if not isinstance(value, str) or BAD_VALUE_CHARACTER.search(value):
            raise _refuse(f"customHeaders[{name!r}]", value, "a string without control characters")
    return Headers((name, octets(value)) for name, value in given.items())


def _integer(field: str, value: object, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise _refuse(field, value, f"an integer from {low} to {high}")
    return value


def _timeouts(origin: Origin, given: object) -> Origin:
    names = {
        "readTimeout": 120,
        "keepAliveTimeout": 120,
        "connectionTimeout": 10,
        "responseCompletionTimeout": 3600,
    }
    fields = _object(given, frozenset(names))
    seconds = {
        name: _integer(f"timeouts.{name}", value, 1, names[name]) for name, value in fields.items()
    }
    read = seconds.get("readTimeout", origin.response_timeout_s)
    whole = seconds.get("responseCompletionTimeout", read)
    if whole < read:
        raise _refuse("timeouts.responseCompletionTimeout", whole, f"at least the {read:g} of read")
    return replace(
        origin,
        response_timeout_s=float(read),
        keepalive_timeout_s=float(seconds.get("keepAliveTimeout", origin.keepalive_timeout_s)),
        connection_timeout_s=float(seconds.get("connectionTimeout", origin.connection_timeout_s)),
    )


def _custom_config(origin: Origin, given: object) -> Origin:
    known = frozenset({"port", "protocol", "sslProtocols", "ipAddressType"})
    fields = _object(given, known)
    for name in ("port", "protocol", "sslProtocols"):
        if name not in fields:
            raise _refuse(f"customOriginConfig.{name}", None, "it is required there")
    port, protocol, versions = fields["port"], fields["protocol"], fields["sslProtocols"]
    _integer("customOriginConfig.port", port, 1, 65_535)
    if protocol not in ("http", "https"):
        raise _refuse("customOriginConfig.protocol", protocol, "'http' or 'https'")
    if not isinstance(versions, list) or not set(map(str, versions)) <= _SSL_PROTOCOLS:
        hint = f"a list from {', '.join(sorted(_SSL_PROTOCOLS))}"
        raise _refuse("customOriginConfig.sslProtocols", versions, hint)
    if fields.get("ipAddressType", "ipv4") not in ("ipv4", "ipv6", "dualstack"):
        hint = "'ipv4', 'ipv6' or 'dualstack'"
        raise _refuse("customOriginConfig.ipAddressType", fields["ipAddressType"], hint)
    return replace(origin, port=port, protocol=protocol)


def _check_rest(given: Json) -> None:
    """Fields that change nothing here, and that CloudFront would refuse all the same."""
    checks: dict[str, Callable[[Any], bool]] = {
        "sni": lambda value: isinstance(value, str),
        "allowedCertificateNames": _are_names,
        "originShield": lambda value: isinstance(value, dict) and "enabled" in value,
        "originAccessControlConfig": _is_access_control,
        "mTLSConfig": lambda value: value in ("inherit", "off"),
    }
    for field, fits in checks.items():
        if field in given and not fits(given[field]):
            raise _refuse(field, given[field], "see the table of fields in the guide")


def _are_names(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= _MAX_NAMES
        and all(isinstance(one, str) and len(one) <= _MAX_NAME_CHARACTERS for one in value)
    )


def _is_access_control(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("enabled"), bool):
        return False
    return all(value.get(name, allowed[0]) in allowed for name, allowed in _ACCESS_CONTROL.items())

"""May this response be stored? (RFC 9111 §3)"""

from __future__ import annotations

from enum import StrEnum

from ..http.message import Request, Response
from .directives import delta_seconds, fields_named, parse_cache_control
from .freshness import (
    HEURISTIC_STATUSES,
    StoredResponse,
    age_value,
    date_value,
    explicit_lifetime,
    heuristic_lifetime,
)
from .vary import selecting_fields

UNDERSTOOD_STATUSES = HEURISTIC_STATUSES | {302, 303, 307, 400, 403, 500, 502, 503, 504}
"""Final statuses whose meaning for a cache we know (RFC 9111 §3 asks this of must-understand)."""

MUST_REVALIDATE = frozenset({"must-revalidate", "proxy-revalidate", "s-maxage"})
"""Directives that forbid a stale answer (RFC 9111 §5.2.2.2, §5.2.2.8, §5.2.2.10)."""


class NotStored(StrEnum):
    """Why a response was not kept; shown in the trace and in Cache-Status."""

    METHOD = "method"
    STATUS = "status"
    REQUEST_NO_STORE = "request-no-store"
    NO_STORE = "no-store"
    PRIVATE = "private"
    AUTHORIZATION = "authorization"
    VARY_STAR = "vary-star"
    NO_LIFETIME = "no-lifetime"
    TOO_LARGE = "too-large"
    ENDLESS = "endless"
    DISABLED = "caching-disabled"


def stored_form(
    request: Request, response: Response, request_time: float, response_time: float
) -> StoredResponse | NotStored:
    """`response` as a shared cache keeps it, or why it may not (RFC 9111 §3).

    It is kept without the fields that a qualified `private` or `no-cache` names
    (§5.2.2.7, §5.2.2.4).
    """
    refusal = _refusal(request, response)
    if refusal is not None:
        return refusal
    directives = parse_cache_control(response.headers.get("cache-control"))
    lifetime = explicit_lifetime(response.headers, response_time)
    if lifetime is None:
        lifetime = heuristic_lifetime(response, response_time)
    validators = {"etag", "last-modified"} & response.headers.names()
    if lifetime is None or (lifetime == 0 and not validators):
        return NotStored.NO_LIFETIME
    withheld = fields_named(directives.get("private")) | fields_named(directives.get("no-cache"))
    strict = bool(MUST_REVALIDATE & directives.keys())
    return StoredResponse(
        response.with_headers(response.headers.without("age", *withheld)),
        request_time=request_time,
        response_time=response_time,
        date_value=date_value(response.headers, response_time),
        age_value=age_value(response.headers),
        lifetime=lifetime,
        origin_status=response.status,
        selecting=selecting_fields(request, response),
        always_validate=directives.get("no-cache") == "",
        stale_while_revalidate=(
            0 if strict else delta_seconds(directives.get("stale-while-revalidate", ""))
        ),
        stale_if_error=0 if strict else stale_if_error(directives),
    )


def stale_if_error(directives: dict[str, str]) -> int | None:
    """Seconds for which the origin lets an error be hidden (RFC 5861 §4); None if silent."""
    argument = directives.get("stale-if-error")
    return None if argument is None else delta_seconds(argument)


def _refusal(request: Request, response: Response) -> NotStored | None:
    directives = parse_cache_control(response.headers.get("cache-control"))
    if request.method != "GET":
        return NotStored.METHOD
    if response.status not in UNDERSTOOD_STATUSES:
        return NotStored.STATUS
    if "no-store" in parse_cache_control(request.headers.get("cache-control")):
        return NotStored.REQUEST_NO_STORE
    if "no-store" in directives and "must-understand" not in directives:
        return NotStored.NO_STORE
    if directives.get("private") == "":
        return NotStored.PRIVATE
    shareable = {"public", "s-maxage", "must-revalidate"} & directives.keys()
    if "authorization" in request.headers and not shareable:
        return NotStored.AUTHORIZATION
    if "*" in (response.headers.get("vary") or ""):
        return NotStored.VARY_STAR
    return None

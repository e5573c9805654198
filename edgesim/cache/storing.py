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
    may_be_guessed,
)
from .locations import target_named
from .ranges import held
from .targeted import governing
from .vary import selecting_fields

UNDERSTOOD_STATUSES = HEURISTIC_STATUSES | {206, 302, 303, 307, 400, 403, 500, 502, 503, 504}
"""Final statuses whose meaning for a cache we know: must-understand asks for it (RFC 9111 §3)."""

MUST_REVALIDATE = frozenset({"must-revalidate", "proxy-revalidate", "s-maxage"})
"""Directives that forbid a stale answer (RFC 9111 §5.2.2.2, §5.2.2.8, §5.2.2.10)."""


class NotStored(StrEnum):
    """Why a response was not kept; shown in the trace and in Cache-Status."""

    METHOD = "method"
    STATUS = "status"
    PARTIAL = "partial"
    REQUEST_NO_STORE = "request-no-store"
    NO_STORE = "no-store"
    PRIVATE = "private"
    AUTHORIZATION = "authorization"
    VARY_STAR = "vary-star"
    NO_LIFETIME = "no-lifetime"
    TOO_LARGE = "too-large"
    ENDLESS = "endless"
    DISABLED = "caching-disabled"
    FAILOVER = "failover"


def stored_form(
    request: Request, response: Response, request_time: float, response_time: float
) -> StoredResponse | NotStored:
    """`response` as a shared cache keeps it, or why it may not (RFC 9111 §3).

    It is kept without the fields that a qualified `private` or `no-cache` names
    (§5.2.2.7, §5.2.2.4). What CDN-Cache-Control says comes before Cache-Control and Expires
    (RFC 9213 §2.2).
    """
    governed = response.with_headers(governing(response.headers))
    directives = parse_cache_control(governed.headers.get("cache-control"))
    refusal = _refusal(request, governed, directives)
    if refusal is not None:
        return refusal
    lifetime = _lifetime(governed, response_time)
    if lifetime is None:
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


def _lifetime(governed: Response, response_time: float) -> int | None:
    """Seconds of freshness; None if it could neither be used nor asked after."""
    headers = governed.headers
    lifetime = explicit_lifetime(headers, response_time)
    if lifetime is None:
        lifetime = heuristic_lifetime(governed, response_time)
    if lifetime:
        return lifetime
    silent = lifetime is None and not may_be_guessed(governed)
    return 0 if headers.has_any(("etag", "last-modified")) and not silent else None


def _answers_gets(request: Request, governed: Response) -> bool:
    """Whether the answer to a POST is what a GET would bring (RFC 9110 §9.3.3)."""
    location = target_named(request, governed.headers.get("content-location"))
    told = request.method == "POST" and location == request.target and governed.status == 200
    return told and explicit_lifetime(governed.headers, 0.0) is not None


def stale_if_error(directives: dict[str, str]) -> int | None:
    """Seconds for which the origin lets an error be hidden (RFC 5861 §4); None if silent."""
    argument = directives.get("stale-if-error")
    return None if argument is None else delta_seconds(argument)


def _refusal(request: Request, response: Response, directives: dict[str, str]) -> NotStored | None:
    understands = "must-understand" in directives
    if request.method != "GET" and not _answers_gets(request, response):
        return NotStored.METHOD
    if response.status < 200 or response.status == 304:
        return NotStored.STATUS
    if understands and response.status not in UNDERSTOOD_STATUSES:
        return NotStored.STATUS
    if response.status == 206 and held(response) is None:
        return NotStored.PARTIAL
    if "no-store" in parse_cache_control(request.headers.get("cache-control")):
        return NotStored.REQUEST_NO_STORE
    if "no-store" in directives and not understands:
        return NotStored.NO_STORE
    if directives.get("private") == "":
        return NotStored.PRIVATE
    shareable = {"public", "s-maxage", "must-revalidate"} & directives.keys()
    if "authorization" in request.headers and not shareable:
        return NotStored.AUTHORIZATION
    if "*" in (response.headers.get("vary") or ""):
        return NotStored.VARY_STAR
    return None

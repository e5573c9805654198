"""Which requests a staging distribution gets.

CloudFront: "Use CloudFront continuous deployment to safely test CDN configuration changes".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..http.headers import Headers
from ..http.message import Request

STICKY_COOKIE = "aws-cf-cd-session"
"""Ours: AWS sets a cookie for sessions and does not document its name."""
HEADER_PREFIX = "aws-cf-cd-"
"""How the name of the header begins that sends a request to staging."""
MAX_WEIGHT = 0.15

_SESSION = re.compile(r"(staging|primary)\.(\d{1,12})\.(\d{1,12})")


@dataclass(frozen=True, slots=True)
class Stickiness:
    """How long a viewer stays with the distribution it got first."""

    idle_ttl_s: int
    maximum_ttl_s: int


@dataclass(frozen=True, slots=True)
class ContinuousDeployment:
    """By `header`, whose value must be the same, or by `weight`, a part of all requests."""

    staging: str
    """The file that has the staging distribution."""
    header: tuple[str, str] | None = None
    weight: float = 0.0
    stickiness: Stickiness | None = None


@dataclass(frozen=True, slots=True)
class Routing:
    """Where a request goes, and a Set-Cookie for its response."""

    staging: bool
    cookie: str = ""


def routed(policy: ContinuousDeployment, request: Request, now: float, chance: float) -> Routing:
    """Whether `request` is for the staging distribution; `chance` is from 0 up to 1."""
    if policy.header is not None:
        name, value = policy.header
        return Routing(request.headers.get(name.lower()) == value)
    sticky = policy.stickiness
    if sticky is None:
        return Routing(chance < policy.weight)
    session = _session(request, sticky, now)
    staging, began = (chance < policy.weight, int(now)) if session is None else session
    value = f"{'staging' if staging else 'primary'}.{began}.{int(now)}"
    return Routing(staging, f"{STICKY_COOKIE}={value}; Path=/; Max-Age={sticky.idle_ttl_s}")


def _session(request: Request, sticky: Stickiness, now: float) -> tuple[bool, int] | None:
    """Where the viewer's session is, and since when; None if there is none, or it is over."""
    for pair in (request.headers.get("cookie") or "").split(";"):
        name, _, value = pair.strip().partition("=")
        match = _SESSION.fullmatch(value) if name == STICKY_COOKIE else None
        if match is None:
            continue
        began, seen = int(match[2]), int(match[3])
        idle_s, lasted_s = now - seen, now - began
        if 0 <= idle_s <= sticky.idle_ttl_s and lasted_s <= sticky.maximum_ttl_s:
            return match[1] == "staging", began
    return None


def without_session(request: Request) -> Request:
    """`request` without the cookie that is between the viewer and us."""
    cookie = request.headers.get("cookie")
    if cookie is None or STICKY_COOKIE not in cookie:
        return request
    lines = []
    for name, value in request.headers:
        if name.lower() == "cookie":
            pairs = [pair.strip() for pair in value.split(";")]
            kept = [pair for pair in pairs if pair.partition("=")[0] != STICKY_COOKIE]
            if kept:
                lines.append((name, "; ".join(kept)))
        else:
            lines.append((name, value))
    return request.with_headers(Headers(lines))

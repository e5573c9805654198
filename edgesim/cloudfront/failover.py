"""When another origin is asked instead (CloudFront: "… with CloudFront origin failover")."""

from __future__ import annotations

from dataclasses import replace

from ..cache.rules import CACHED_METHODS
from ..errors import EdgesimError, OriginError, OriginTimeout
from ..http.message import Request
from .distribution import Behavior

_NO_CONNECTION = frozenset({"OriginConnectError", "OriginDnsError"})


def standby(
    behavior: Behavior, request: Request, status: int, failure: EdgesimError | None
) -> Behavior | None:
    """`behavior` with its secondary origin if that is to be asked now, else None.

    `status` is the origin's own; `failure` is why there is none. Every request starts at the
    primary again. OPTIONS fails over only where it is cached, other methods never.
    """
    failover = behavior.failover
    if failover is None:
        return None
    if request.method not in CACHED_METHODS and not (
        request.method == "OPTIONS" and behavior.rules.covers(request)
    ):
        return None
    if _criterion(status, failure) not in failover.status_codes:
        return None
    return replace(behavior, origin=failover.origin, failover=None)


def _criterion(status: int, failure: EdgesimError | None) -> int:
    """The status that has to be listed: 503 if there was no connection, 504 if it took too long."""
    if isinstance(failure, OriginTimeout):
        return 504
    if isinstance(failure, OriginError) and failure.code in _NO_CONNECTION:
        return 503
    return status

"""What a real-time log tells of a request besides the standard one, or tells otherwise.

CloudFront: "Use real-time access logs". What nobody here can know stays empty: the server's
address, what media players say of themselves, what the origin took for its last byte.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..cloudfront.distribution import Distribution
from ..cloudfront.realtime_log import MAX_HEADER_BYTES
from ..http.message import Viewer
from .ports import Visited

AS_IN_THE_STANDARD_LOG = {
    "cs-user-agent": "cs(User-Agent)",
    "cs-referer": "cs(Referer)",
    "cs-host": "x-host-header",
    "x-host-header": "cs(Host)",
}
"""By other names; the two hosts have changed places."""


def realtime_fields(
    standard: Mapping[str, str],
    visit: Visited,
    viewer: Viewer,
    distribution: Distribution,
    ended: float,
) -> Mapping[str, str]:
    """The values of a record, of which a configuration chooses some.

    `standard` are those of the standard log, `ended` is in seconds since 1970.
    """
    request, served = visit.request, visit.served
    lines = [f"{name}:{value}" for name, value in request.headers]
    names = [name for name, _ in request.headers]
    behavior, tenant, place = served.behavior, distribution.tenant, viewer.place
    return {
        **standard,
        **{name: standard[other] for name, other in AS_IN_THE_STANDARD_LOG.items()},
        "timestamp": f"{ended:.3f}",
        "cs-uri-stem": request.target,
        "cs-cookie": _cut(request.headers.get("cookie") or ""),
        "cs-accept": _cut(request.headers.get("accept") or ""),
        "cs-accept-encoding": _cut(request.headers.get("accept-encoding") or ""),
        "cs-headers": _cut("\n".join(lines)),
        "cs-header-names": _cut("\n".join(names)),
        "cs-headers-count": str(len(names)),
        "c-ip-version": "IPv6" if ":" in viewer.ip else "IPv4",
        "c-country": place.country if place is not None else "",
        "asn": place.asn if place is not None else "",
        "cache-behavior-path-pattern": behavior.path_pattern if behavior is not None else "",
        "origin-fbl": f"{served.origin_s:.3f}" if served.origin_s else "",
        "distribution-tenant-id": tenant.id if tenant is not None else "",
    }


def _cut(text: str) -> str:
    return text[:MAX_HEADER_BYTES]

"""The `CloudFront-*` fields that tell an origin about a viewer.

CloudFront: "Add CloudFront request headers". They are there only if a policy of the behavior asks
for them, and then whatever the viewer sent under their names is gone. The fingerprints JA3 and JA4
are never there: they are made of a TLS ClientHello, which nobody shows us.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

from ..http.headers import Headers
from ..http.message import Request, Viewer, ViewerPlace
from .devices import device_kinds
from .distribution import Behavior
from .managed_policies import CLOUDFRONT_HEADERS_2022_06
from .policies import CachePolicy, Choice, OriginRequestPolicy

MAX_HEADER_ORDER = 7680
"""Characters of CloudFront-Viewer-Header-Order; the rest is cut off."""

FINGERPRINTS = frozenset({"cloudfront-viewer-ja3-fingerprint", "cloudfront-viewer-ja4-fingerprint"})
"""What may be asked for, and is never sent."""

_NOTHING: frozenset[str] = frozenset()
_DEVICES = ("Android", "Desktop", "IOS", "Mobile", "SmartTV", "Tablet")
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))

KNOWN = (
    CLOUDFRONT_HEADERS_2022_06
    | FINGERPRINTS
    | {
        "cloudfront-error-args",
        "cloudfront-error-uri",
        "cloudfront-viewer-header-count",
        "cloudfront-viewer-header-order",
    }
)
"""All that a policy may ask for, lower case."""


def asked_for(policy: CachePolicy | None, orp: OriginRequestPolicy | None) -> frozenset[str]:
    """The fields that the two policies of a behavior name, lower case.

    A policy that takes all headers but some takes those that CloudFront could add, too: the guide
    says so of AllViewerExceptHostHeader, though not in the list of its settings.
    """
    keyed = policy is not None and policy.headers
    passed_on = orp is not None and orp.headers.choice not in (Choice.NONE, Choice.ALL)
    if not keyed and not passed_on and (orp is None or not orp.cloudfront_headers):
        return _NOTHING  # as most behaviors, without looking anything up
    return _named(policy, orp)


@lru_cache(maxsize=256)
def _named(policy: CachePolicy | None, orp: OriginRequestPolicy | None) -> frozenset[str]:
    names = policy.headers.names if policy is not None else frozenset()
    if orp is not None:
        names |= orp.cloudfront_headers
        if orp.headers.choice is Choice.LISTED:
            names |= orp.headers.names
        elif orp.headers.choice is Choice.ALL_EXCEPT:
            names |= CLOUDFRONT_HEADERS_2022_06 - orp.headers.names
    return names & KNOWN


def keyed_by_viewer(behavior: Behavior) -> bool:
    """Whether two viewers who send the same bytes may get different stored responses."""
    return bool(asked_for(behavior.cache_policy, None))


def described(
    behavior: Behavior,
    request: Request,
    viewer: Viewer,
    arrived: Request,
    *,
    erring: Request | None = None,
) -> Request:
    """`request` with the fields that `behavior` asks for; `arrived` is what the viewer sent.

    `erring` is the request that failed where `request` asks for the page in its place.
    """
    wanted = asked_for(behavior.cache_policy, behavior.origin_request_policy)
    if not wanted:
        return request
    agent = arrived.headers.get("user-agent") or ""
    lines = list(_viewer_lines(wanted, viewer, agent))
    lines += [line for line in _message_lines(arrived, erring) if line[0].lower() in wanted]
    return request.with_headers(Headers([*request.headers.without(*wanted), *lines]))


def _message_lines(arrived: Request, erring: Request | None) -> Iterator[tuple[str, str]]:
    order = ":".join(name for name, _ in arrived.headers)[:MAX_HEADER_ORDER]
    yield "CloudFront-Viewer-Header-Order", order
    yield "CloudFront-Viewer-Header-Count", str(len(arrived.headers))
    if erring is not None:
        yield "CloudFront-Error-Uri", erring.path
        yield "CloudFront-Error-Args", erring.query


@lru_cache(maxsize=1024)
def _viewer_lines(
    wanted: frozenset[str], viewer: Viewer, user_agent: str
) -> tuple[tuple[str, str], ...]:
    lines = [*_device(user_agent), *_connection(viewer)]
    if viewer.place is not None:
        lines += _place(viewer.place)
    return tuple((name, value) for name, value in lines if value and name.lower() in wanted)


def _device(user_agent: str) -> Iterator[tuple[str, str]]:
    kinds = device_kinds(user_agent)
    for kind in _DEVICES:
        yield f"CloudFront-Is-{kind}-Viewer", str(kind.lower() in kinds).lower()


def _connection(viewer: Viewer) -> Iterator[tuple[str, str]]:
    major, _, minor = viewer.http_version.partition(".")
    yield "CloudFront-Forwarded-Proto", viewer.scheme
    yield "CloudFront-Viewer-Address", f"{viewer.ip}:{viewer.port}"
    yield "CloudFront-Viewer-Http-Version", f"{major}.{minor or '0'}"
    yield "CloudFront-Viewer-TLS", viewer.tls


def _place(place: ViewerPlace) -> Iterator[tuple[str, str]]:
    """What is not known of a place is not sent. Coordinates have five decimals."""
    yield "CloudFront-Viewer-ASN", place.asn
    yield "CloudFront-Viewer-Country", place.country
    yield "CloudFront-Viewer-Country-Name", _encoded(place.country_name)
    yield "CloudFront-Viewer-Country-Region", place.region
    yield "CloudFront-Viewer-Country-Region-Name", _encoded(place.region_name)
    yield "CloudFront-Viewer-City", _encoded(place.city)
    yield "CloudFront-Viewer-Postal-Code", _encoded(place.postal_code)
    yield "CloudFront-Viewer-Time-Zone", place.time_zone
    if place.country == "US":
        yield "CloudFront-Viewer-Metro-Code", place.metro_code
    if place.city or place.latitude or place.longitude:
        yield "CloudFront-Viewer-Latitude", f"{place.latitude:.5f}"
        yield "CloudFront-Viewer-Longitude", f"{place.longitude:.5f}"


def _encoded(name: str) -> str:
    """What is not ASCII is percent-encoded."""
    return name if name.isascii() else quote(name, safe=_PRINTABLE)

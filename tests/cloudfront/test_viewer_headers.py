"""CloudFront: "Add CloudFront request headers"."""

from __future__ import annotations

from typing import Any

import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import Behavior
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.managed_policies import CACHE_POLICIES, ORIGIN_REQUEST_POLICIES
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import (
    EVERYTHING,
    CachePolicy,
    OriginRequestPolicy,
    all_except,
    listed,
)
from edgesim.cloudfront.viewer_headers import (
    FINGERPRINTS,
    KNOWN,
    MAX_HEADER_ORDER,
    asked_for,
    described,
)
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Viewer, ViewerPlace
from tests.conftest import World

ORIGIN = Origin("o", host="o.test")
NEW_YORK = ViewerPlace(
    "New York",
    "US",
    "United States",
    "NY",
    "New York",
    "10001",
    40.7128,
    -74.006,
    "America/New_York",
    "501",
    "64496",
)
TLS = "TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake"
VIEWER = Viewer("198.51.100.10", 46532, "https", "1.1", NEW_YORK, TLS)
SENT = Headers(
    [
        ("Host", "v.test"),
        ("User-Agent", "Mozilla/5.0 (iPhone) Mobile/15E148"),
        ("Accept", "*/*"),
        ("CloudFront-Viewer-Country", "XX"),
    ]
)


def asking(*names: str, key: tuple[str, ...] = ()) -> Behavior:
    return Behavior(
        "*",
        ORIGIN,
        cache_policy=CachePolicy(headers=listed(*key)),
        origin_request_policy=OriginRequestPolicy(headers=listed(*names)),
    )


VALUES = [
    ("Forwarded-Proto", "https", "how the viewer came"),
    ("Is-Android-Viewer", "false", "both true and false are said"),
    ("Is-Desktop-Viewer", "false", ""),
    ("Is-IOS-Viewer", "true", ""),
    ("Is-Mobile-Viewer", "true", ""),
    ("Is-SmartTV-Viewer", "false", ""),
    ("Is-Tablet-Viewer", "false", ""),
    ("Viewer-Address", "198.51.100.10:46532", "address and port"),
    ("Viewer-ASN", "64496", ""),
    ("Viewer-City", "New York", ""),
    ("Viewer-Country", "US", "whatever the viewer sent under this name"),
    ("Viewer-Country-Name", "United States", ""),
    ("Viewer-Country-Region", "NY", ""),
    ("Viewer-Country-Region-Name", "New York", ""),
    ("Viewer-Header-Count", "4", "of what the viewer sent"),
    ("Viewer-Header-Order", "Host:User-Agent:Accept:CloudFront-Viewer-Country", ""),
    ("Viewer-Http-Version", "1.1", ""),
    ("Viewer-Latitude", "40.71280", "five decimals"),
    ("Viewer-Longitude", "-74.00600", "west is negative"),
    ("Viewer-Metro-Code", "501", "in the United States"),
    ("Viewer-Postal-Code", "10001", ""),
    ("Viewer-Time-Zone", "America/New_York", ""),
    ("Viewer-TLS", TLS, ""),
    ("Viewer-JA3-Fingerprint", None, "nobody shows us the ClientHello"),
    ("Viewer-JA4-Fingerprint", None, "nobody shows us the ClientHello"),
    ("Error-Uri", None, "of fetches for error pages only"),
    ("Error-Args", None, "of fetches for error pages only"),
]


@pytest.mark.parametrize(("name", "value", "why"), VALUES, ids=[row[0] for row in VALUES])
def test_the_value(name: str, value: str | None, why: str) -> None:
    field = f"cloudfront-{name.lower()}"
    request = Request("GET", "/", SENT)
    told = described(asking(field), request, VIEWER, request).headers
    assert told.get(field) == value, why
    others = {n for n in told.names() if n.startswith("cloudfront-")} - {field}
    assert others <= {"cloudfront-viewer-country"}, "and nothing else that nobody asked for"


def test_every_field_has_its_row() -> None:
    assert {f"cloudfront-{name.lower()}" for name, _, _ in VALUES} == KNOWN


def test_nothing_is_added_unasked() -> None:
    request = Request("GET", "/", SENT)
    assert described(Behavior("*", ORIGIN), request, VIEWER, request) is request


UNKNOWN = [
    (Viewer(), "country", None, "a viewer that is nowhere"),
    (Viewer(), "tls", None, "plain HTTP"),
    (Viewer(place=ViewerPlace("", "DE")), "city", None, "a country is all that is known"),
    (Viewer(place=ViewerPlace("", "DE")), "latitude", None, "no coordinates"),
    (Viewer(place=ViewerPlace("X", "DE", metro_code="1")), "metro-code", None, "US only"),
    (Viewer(place=ViewerPlace("Zürich", "CH")), "city", "Z%C3%BCrich", "percent-encoded"),
    (Viewer(place=ViewerPlace("São Tomé", "ST")), "city", "S%C3%A3o Tom%C3%A9", "spaces stay"),
    (Viewer("2001:db8::1", 443), "address", "2001:db8::1:443", "IPv6 without brackets"),
    (Viewer(http_version="2"), "http-version", "2.0", "always with its minor number"),
]


@pytest.mark.parametrize(("viewer", "name", "value", "why"), UNKNOWN)
def test_what_is_not_known_is_not_sent(
    viewer: Viewer, name: str, value: str | None, why: str
) -> None:
    field = f"cloudfront-viewer-{name}"
    request = Request("GET", "/", Headers([(field, "the viewer's own")]))
    assert described(asking(field), request, viewer, request).headers.get(field) == value, why


def test_the_order_of_headers_is_cut() -> None:
    field = "cloudfront-viewer-header-order"
    request = Request("GET", "/", Headers([("A" * 5000, ""), ("B" * 5000, "")]))
    value = described(asking(field), request, VIEWER, request).headers.get(field)
    assert value is not None
    assert len(value) == MAX_HEADER_ORDER


ASKED = [
    (None, None, 0, "RFC9111 asks for nothing"),
    (CachePolicy(headers=listed("host", "cloudfront-viewer-city")), None, 1, "only ours"),
    (CachePolicy(), ORIGIN_REQUEST_POLICIES["AllViewer"], 0, "the viewer's alone"),
    (
        CachePolicy(),
        ORIGIN_REQUEST_POLICIES["AllViewerAndCloudFrontHeaders-2022-06"],
        21,
        "the list in the policy's name",
    ),
    (
        CachePolicy(),
        ORIGIN_REQUEST_POLICIES["AllViewerExceptHostHeader"],
        21,
        "all but Host, so those too",
    ),
    (
        CachePolicy(),
        OriginRequestPolicy(headers=all_except("host", "cloudfront-viewer-city")),
        20,
        "but not what it excepts",
    ),
    (CachePolicy(), OriginRequestPolicy(headers=all_except()), 21, "nothing at all"),
    (CACHE_POLICIES["Amplify"], None, 1, "the country is in its key"),
]


@pytest.mark.parametrize(("policy", "orp", "count", "why"), ASKED)
def test_who_asks(
    policy: CachePolicy | None, orp: OriginRequestPolicy | None, count: int, why: str
) -> None:
    assert len(asked_for(policy, orp)) == count, why
    assert not FINGERPRINTS & asked_for(policy, orp)


def test_viewers_of_two_countries_get_two_stored_responses() -> None:
    world = World(policy=CachePolicy(headers=listed("cloudfront-viewer-country")))
    world.origin.headers = {"Cache-Control": "max-age=60"}
    countries = ("US", "DE", "US")
    for country in countries:
        world.get("/", viewer=Viewer(place=ViewerPlace("", country)))
    sent = [one.headers.get("cloudfront-viewer-country") for one in world.origin.requests]
    assert sent == ["US", "DE"], "once for each, and the origin is told which"


def test_only_origin_facing_lambda_functions_see_them() -> None:
    """CloudFront: "Add CloudFront request headers", they come after viewer-request."""
    seen: dict[str, Any] = {}

    def look(event: Any) -> Any:
        cf = event["Records"][0]["cf"]
        seen[cf["config"]["eventType"]] = "cloudfront-viewer-country" in cf["request"]["headers"]
        return cf.get("response", cf["request"])

    orp = OriginRequestPolicy(cloudfront_headers=frozenset({"cloudfront-viewer-country"}))
    world = World(dict.fromkeys(Trigger, look), policy=CachePolicy(), origin_request_policy=orp)
    world.get("/", viewer=Viewer(place=ViewerPlace("", "DE")))
    assert seen == {
        "viewer-request": False,
        "origin-request": True,
        "origin-response": True,
        "viewer-response": False,
    }
    assert world.origin.last().headers.get("cloudfront-viewer-country") == "DE"


def test_the_fetch_of_an_error_page_tells_what_failed() -> None:
    behavior = asking("cloudfront-error-uri", "cloudfront-error-args")
    request, page = Request("GET", "/a?b=1", SENT), Request("GET", "/404.html")
    headers = described(behavior, page, VIEWER, request, erring=request).headers
    assert headers.get("cloudfront-error-uri") == "/a"
    assert headers.get("cloudfront-error-args") == "b=1"


def test_an_all_viewer_policy_sends_them_on() -> None:
    rules = CloudFrontCaching(CachePolicy())
    orp = OriginRequestPolicy(
        headers=EVERYTHING, cloudfront_headers=frozenset({"cloudfront-is-mobile-viewer"})
    )
    world = World(policy=CachePolicy(), rules=rules, origin_request_policy=orp)
    world.get("/", User_Agent="Mozilla/5.0 (iPhone) Mobile/15E148")
    assert world.origin.last().headers.get("cloudfront-is-mobile-viewer") == "true"

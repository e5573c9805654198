"""CloudFront: "Cache behavior settings", "Require HTTPS for communication between viewers …"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edgesim.cloudfront.access import allowed, check_size, looks_at_viewer, refused, rooted
from edgesim.cloudfront.distribution import ALL_METHODS, READ_METHODS, Behavior, Distribution
from edgesim.cloudfront.geo_restriction import GeoRestriction
from edgesim.cloudfront.key_groups import KeyGroup
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import CachePolicy, OriginRequestPolicy, listed
from edgesim.errors import BadRequest, ViewerError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer, ViewerPlace

ORIGIN = Origin("o", host="o.test")
HOST = Headers([("Host", "v.test")])

ROOTS = [
    ("index.html", "/", "/index.html", "exactly /"),
    ("index.html", "/?a=1", "/index.html?a=1", "the query stays"),
    ("index.html", "/sub/", "/sub/", "not for folders below"),
    ("index.html", "//", "//", "exactly one slash"),
    ("", "/", "/", "no default root object"),
]


@pytest.mark.parametrize(("name", "target", "expected", "why"), ROOTS)
def test_rooted(name: str, target: str, expected: str, why: str) -> None:
    distribution = Distribution((), default_root_object=name)
    request = rooted(distribution, Request("POST", target, HOST, b"body"))
    assert request == Request("POST", expected, HOST, b"body"), why


ALLOWED = [
    # RFC9111  allowed      method      let in  why
    (True, ALL_METHODS, "PROPFIND", True, "the RFCs have no list: what is unknown is passed on"),
    (True, ALL_METHODS, "M-SEARCH", True, "RFC 9110 §9.1"),
    (True, ALL_METHODS, "CONNECT", False, "a cache is no tunnel, RFC 9110 §9.3.6"),
    (True, ALL_METHODS, "TRACE", False, "it would show the viewer our own fields, §9.3.8"),
    (True, READ_METHODS, "POST", False, "the behavior says which, if not all"),
    (False, ALL_METHODS, "PROPFIND", False, "CloudFront takes seven methods"),
    (False, ALL_METHODS, "DELETE", True, "this is one of them"),
]


@pytest.mark.parametrize(("strict", "methods", "method", "let_in", "why"), ALLOWED)
def test_allowed(
    strict: bool, methods: frozenset[str], method: str, let_in: bool, why: str
) -> None:
    policy = None if strict else CachePolicy()
    behavior = Behavior("*", ORIGIN, cache_policy=policy, allowed_methods=methods)
    assert allowed(behavior, method) is let_in, why


SIZES = [
    (Request("GET", "/" + "a" * 8191), None, "8,192 bytes are allowed"),
    (Request("GET", "/" + "a" * 8192), 414, "one more is not"),
    (Request("GET", "/", Headers([("A", "x" * 32_762)])), None, "32,768 bytes are allowed"),
    (Request("GET", "/", Headers([("A", "x" * 32_763)])), 494, "one more is not"),
]


@pytest.mark.parametrize(("request_", "status", "why"), SIZES, ids=[row[2] for row in SIZES])
def test_check_size(request_: Request, status: int | None, why: str) -> None:
    if status is None:
        check_size(request_)
        return
    with pytest.raises(BadRequest) as caught:
        check_size(request_)
    assert caught.value.status == status, why


def enter(
    behavior: Behavior,
    request: Request,
    viewer: Viewer,
    https_port: int | None = None,
    **settings: Any,
) -> Response | None:
    distribution = Distribution((behavior,), **settings)
    return refused(distribution, behavior, request, viewer, 0.0, https_port)


HTTP, HTTPS, OLD = Viewer(), Viewer(scheme="https"), Viewer(http_version="1.0")

DOORS = [
    # protocol policy      method     viewer  answer  why
    ("allow-all", "GET", HTTP, None, "let in"),
    ("https-only", "GET", HTTPS, None, "let in"),
    ("https-only", "GET", HTTP, 403, "refused"),
    ("redirect-to-https", "GET", HTTPS, None, "let in"),
    ("redirect-to-https", "GET", HTTP, 301, "for good"),
    ("redirect-to-https", "HEAD", HTTP, 301, "for good"),
    ("redirect-to-https", "POST", HTTP, 307, "with its body"),
    ("redirect-to-https", "DELETE", HTTP, 307, "with its method"),
    ("redirect-to-https", "OPTIONS", HTTP, 307, "with its method"),
    ("redirect-to-https", "POST", OLD, 403, "HTTP/1.0 knows no 307"),
    ("redirect-to-https", "GET", OLD, 301, "HTTP/1.0 knows 301"),
]


@pytest.mark.parametrize(("policy", "method", "viewer", "answer", "why"), DOORS)
def test_protocols(policy: str, method: str, viewer: Viewer, answer: int | None, why: str) -> None:
    behavior = Behavior("*", ORIGIN, viewer_protocol_policy=policy, allowed_methods=ALL_METHODS)
    request = Request(method, "/a?b=1", HOST)
    if answer == 403:
        with pytest.raises(ViewerError):
            enter(behavior, request, viewer)
        return
    response = enter(behavior, request, viewer)
    assert (None if response is None else response.status) == answer, why
    if response is not None:
        assert response.headers.get("location") == "https://v.test/a?b=1", why


METHODS = [
    ("GET", b"", "", "let in"),
    ("GET", b"x", "InvalidRequest", "a GET with a body"),
    ("POST", b"x", "InvalidRequestMethod", "not among the allowed ones"),
    ("TRACE", b"", "InvalidRequestMethod", "never among them"),
    ("get", b"", "InvalidRequestMethod", "methods have case, RFC 9110 §9.1"),
]


@pytest.mark.parametrize(("method", "body", "code", "why"), METHODS)
def test_methods(method: str, body: bytes, code: str, why: str) -> None:
    behavior, request = Behavior("*", ORIGIN), Request(method, "/", HOST, body)
    if not code:
        assert enter(behavior, request, HTTP) is None, why
        return
    with pytest.raises(ViewerError) as caught:
        enter(behavior, request, HTTP)
    assert (caught.value.code, caught.value.status) == (code, 403), why


REDIRECTS = [
    # Host                port    Location                    why
    ("v.test", None, "https://v.test/a", "as it came"),
    ("v.test:8080", None, "https://v.test:8080/a", "nobody has said where TLS is"),
    ("v.test:8080", 8443, "https://v.test:8443/a", "where TLS is"),
    ("v.test", 443, "https://v.test/a", "the usual port is not said"),
    ("[::1]:8080", 8443, "https://[::1]:8443/a", "an address of IPv6"),
    ("[::1]", 8443, "https://[::1]:8443/a", "and without a port"),
]


@pytest.mark.parametrize(("host", "https_port", "location", "why"), REDIRECTS)
def test_a_redirect_leads_to_the_port_that_speaks_tls(
    host: str, https_port: int | None, location: str, why: str
) -> None:
    behavior = Behavior("*", ORIGIN, viewer_protocol_policy="redirect-to-https")
    response = enter(behavior, Request("GET", "/a", Headers([("Host", host)])), HTTP, https_port)
    assert response is not None
    assert response.headers.get("location") == location, why


ATHENS = Viewer(place=ViewerPlace("Athens", "GR"))
NOT_GREECE = GeoRestriction(frozenset({"GR"}), allows=False)
SIGNED = Behavior("*", ORIGIN, trusted_key_groups=(KeyGroup("g", ()),))
PLAIN = Behavior("*", ORIGIN)

ORDER = [
    # what else is wrong                         settings                  code, why
    ("/" + "a" * 8192, PLAIN, {"enabled": False}, "InvalidRequest", 414, "size comes first"),
    ("/", PLAIN, {"enabled": False}, "InvalidRequest", 403, "a disabled one serves nobody"),
    (
        "/",
        Behavior("*", ORIGIN, viewer_protocol_policy="https-only"),
        {"geo_restriction": NOT_GREECE},
        "ClientGeoBlocked",
        403,
        "the country comes before the protocol",
    ),
    (
        "/",
        replace(SIGNED, viewer_protocol_policy="https-only"),
        {},
        "InvalidRequest",
        403,
        "the protocol comes before the signature",
    ),
    ("/", SIGNED, {}, "MissingKey", 403, "and then the signature"),
]


@pytest.mark.parametrize(("target", "behavior", "settings", "code", "status", "why"), ORDER)
def test_the_order_of_the_doors(
    target: str, behavior: Behavior, settings: dict[str, Any], code: str, status: int, why: str
) -> None:
    with pytest.raises(ViewerError) as caught:
        enter(behavior, Request("GET", target, HOST), ATHENS, **settings)
    assert (caught.value.code, caught.value.status) == (code, status), why


LOOKS = [
    (PLAIN, {}, False, "the same bytes get the same answer"),
    (PLAIN, {"geo_restriction": NOT_GREECE}, True, "of one country, and not of another"),
    (SIGNED, {}, True, "today, and not tomorrow"),
    (
        Behavior(
            "*", ORIGIN, cache_policy=CachePolicy(headers=listed("cloudfront-viewer-country"))
        ),
        {},
        True,
        "another stored response for another country",
    ),
    (
        Behavior(
            "*",
            ORIGIN,
            origin_request_policy=OriginRequestPolicy(headers=listed("cloudfront-viewer-city")),
        ),
        {},
        False,
        "what only the origin sees picks no stored response",
    ),
]


@pytest.mark.parametrize(("behavior", "settings", "looks", "why"), LOOKS)
def test_whether_an_answer_depends_on_the_viewer(
    behavior: Behavior, settings: dict[str, Any], looks: bool, why: str
) -> None:
    assert looks_at_viewer(Distribution((behavior,), **settings), behavior) is looks, why

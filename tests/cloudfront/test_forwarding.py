"""CloudFront: "Request and response behavior for custom origins", "Control origin requests"."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest

from edgesim.cache.rules import RFC9111
from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import READ_METHODS, Behavior
from edgesim.cloudfront.forwarding import (
    addressed,
    check_object_size,
    forwards_cookies,
    from_origin,
    shaped_for_origin,
)
from edgesim.cloudfront.managed_policies import CACHE_POLICIES, ORIGIN_REQUEST_POLICIES
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import (
    EVERYTHING,
    NOTHING,
    CachePolicy,
    OriginRequestPolicy,
    Selection,
    all_except,
    listed,
)
from edgesim.errors import OriginError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer

ORIGIN = Origin("app", host="origin.test")
PLAIN = CachePolicy()
VIEWER = Viewer("192.0.2.7", http_version="2.0")
VIA = "2.0 abc.cloudfront.net (CloudFront)"
ALL_VIEWER = ORIGIN_REQUEST_POLICIES["AllViewer"]
NOT_HOST = ORIGIN_REQUEST_POLICIES["AllViewerExceptHostHeader"]


def behavior(
    policy: CachePolicy | None = PLAIN,
    orp: OriginRequestPolicy | None = None,
    methods: frozenset[str] = READ_METHODS,
) -> Behavior:
    rules = CloudFrontCaching(policy or PLAIN, cached_methods=methods)
    return Behavior("*", ORIGIN, rules, policy, orp)


def sent(
    found: Behavior, target: str = "/", method: str = "GET", headers: Headers = Headers()
) -> Request:
    request = Request(method, target, headers, b"body")
    return shaped_for_origin(found, request, VIEWER, "id==", "abc.cloudfront.net")


KEPT = "kept"

HEADER_TABLE = [
    # field                     without policies, and with AllViewer; None: not sent
    ("Accept", None, KEPT, "removed"),
    ("Accept-Charset", None, KEPT, "removed"),
    ("Accept-Language", None, KEPT, "removed"),
    ("Accept-Encoding", None, KEPT, "both flags off: an ordinary field"),
    ("Authorization", None, KEPT, "GET: removed"),
    ("Cache-Control", KEPT, KEPT, "forwarded"),
    ("CloudFront-Viewer-Country", None, KEPT, "not unless configured"),
    ("Connection", None, None, "this connection's own"),
    ("Content-Length", KEPT, KEPT, "forwarded"),
    ("Content-MD5", KEPT, KEPT, "forwarded"),
    ("Content-Type", KEPT, KEPT, "forwarded"),
    ("Expect", None, None, "removed"),
    ("If-None-Match", KEPT, KEPT, "forwarded"),
    ("If-Modified-Since", KEPT, KEPT, "forwarded"),
    ("If-Range", KEPT, KEPT, "forwarded"),
    ("Max-Forwards", KEPT, KEPT, "forwarded"),
    ("Origin", None, KEPT, "the CORS policies exist for that"),
    ("Pragma", KEPT, KEPT, "forwarded"),
    ("Proxy-Authenticate", None, None, "removed"),
    ("Proxy-Authorization", None, None, "removed"),
    ("Proxy-Connection", None, None, "removed"),
    ("Range", KEPT, KEPT, "forwarded"),
    ("Referer", None, KEPT, "removed"),
    ("TE", None, None, "removed"),
    ("Trailer", None, None, "removed"),
    ("Upgrade", None, None, "removed unless it is a WebSocket"),
    ("User-Agent", "Amazon CloudFront", KEPT, "replaced"),
    ("Via", f"{KEPT}, {VIA}", f"{KEPT}, {VIA}", "CloudFront's own is added"),
    ("X-Amz-Cf-Id", "id==", "id==", "CloudFront's own"),
    ("X-Edge-Anything", None, None, "removed"),
    ("X-Forwarded-For", f"{KEPT},192.0.2.7", f"{KEPT},192.0.2.7", "the viewer's is added"),
    ("X-Forwarded-Proto", None, None, "removed"),
    ("X-HTTP-Method-Override", None, KEPT, "removed"),
    ("X-Real-IP", None, None, "removed"),
    ("X-Anything-Else", None, KEPT, "in policy mode nothing else is sent"),
    ("Host", "origin.test", KEPT, "the origin's own name"),
]


@pytest.mark.parametrize(("name", "plain", "all_viewer", "why"), HEADER_TABLE)
def test_request_headers(name: str, plain: str | None, all_viewer: str | None, why: str) -> None:
    headers = Headers([(name, KEPT)])
    assert sent(behavior(), headers=headers).headers.get(name.lower()) == plain, why
    got = sent(behavior(orp=ALL_VIEWER), headers=headers).headers.get(name.lower())
    assert got == all_viewer, why


ADDED = [
    ("host", "origin.test", "the origin's own name"),
    ("user-agent", "Amazon CloudFront", "CloudFront's own"),
    ("via", VIA, "with the viewer's version"),
    ("x-forwarded-for", "192.0.2.7", "the viewer's address"),
    ("x-amz-cf-id", "id==", "the request's id"),
]


@pytest.mark.parametrize(("name", "value", "why"), ADDED)
def test_what_is_added_to_an_empty_request(name: str, value: str, why: str) -> None:
    assert sent(behavior()).headers.get(name) == value, why
    assert len(sent(behavior()).headers) == len(ADDED)


AUTHORIZATION = [
    # method, cached methods, policy, orp     sent   why
    ("GET", READ_METHODS, PLAIN, None, False, "removed"),
    ("HEAD", READ_METHODS, PLAIN, None, False, "removed"),
    ("GET", READ_METHODS, CachePolicy(headers=listed("authorization")), None, True, "in the key"),
    ("GET", READ_METHODS, PLAIN, ALL_VIEWER, True, "an all-viewer policy"),
    ("GET", READ_METHODS, PLAIN, NOT_HOST, True, "all but Host is all-viewer enough"),
    (
        "GET",
        READ_METHODS,
        PLAIN,
        OriginRequestPolicy(headers=all_except("authorization")),
        False,
        "all but this one",
    ),
    ("GET", READ_METHODS, CACHE_POLICIES["CachingDisabled"], None, False, "GET all the same"),
    ("OPTIONS", READ_METHODS, PLAIN, None, True, "OPTIONS that is not cached"),
    ("OPTIONS", READ_METHODS | {"OPTIONS"}, PLAIN, None, False, "OPTIONS that is cached"),
    *((m, READ_METHODS, PLAIN, None, True, "kept") for m in ("POST", "PUT", "PATCH", "DELETE")),
]


@pytest.mark.parametrize(("method", "methods", "policy", "orp", "there", "why"), AUTHORIZATION)
def test_authorization(
    method: str,
    methods: frozenset[str],
    policy: CachePolicy,
    orp: OriginRequestPolicy | None,
    there: bool,
    why: str,
) -> None:
    found = behavior(policy, orp, methods)
    headers = sent(found, method=method, headers=Headers([("Authorization", "x")])).headers
    assert ("authorization" in headers) is there, why


A, B, NOT_A, NOT_B = listed("a"), listed("b"), all_except("a"), all_except("b")

MATRIX = [
    # cache policy, origin request policy, of a, b, c  why; "Understand how … work together"
    (NOTHING, NOTHING, "", "defaults only"),
    (NOTHING, EVERYTHING, "abc", "all"),
    (NOTHING, B, "b", "those listed"),
    (NOTHING, NOT_B, "ac", "all but those"),
    (EVERYTHING, NOTHING, "abc", "what is in the key is sent"),
    (EVERYTHING, B, "abc", "all"),
    (EVERYTHING, NOT_B, "abc", "the cache policy beats the block list"),
    (A, NOTHING, "a", "what is in the key is sent"),
    (A, EVERYTHING, "abc", "all"),
    (A, B, "ab", "both"),
    (A, NOT_B, "ac", "all but those"),
    (B, NOT_B, "abc", "and what is in the key"),
    (NOT_A, NOTHING, "bc", "all but those"),
    (NOT_A, EVERYTHING, "abc", "all"),
    (NOT_A, A, "abc", "the list wins over the exception"),
    (NOT_A, B, "bc", "the list adds nothing here"),
    (NOT_A, NOT_B, "c", "names in either are left out"),
]


@pytest.mark.parametrize(("keyed", "also", "names", "why"), MATRIX)
def test_two_policies(keyed: Selection, also: Selection, names: str, why: str) -> None:
    orp = OriginRequestPolicy(query=also, cookies=also)
    found = behavior(CachePolicy(query=keyed, cookies=keyed), orp)
    request = sent(found, "/?a=1&b=2&c=3", headers=Headers([("Cookie", "a=1; b=2; c=3")]))
    assert [pair[0] for pair in request.query.split("&") if pair] == list(names), why
    cookies = request.headers.get("cookie") or ""
    assert [pair[0] for pair in cookies.split("; ") if pair] == list(names), why


HEADER_MATRIX = [row for row in MATRIX if row[0] in (NOTHING, A, B)]
"""Cache policies list headers or have none."""


@pytest.mark.parametrize(("keyed", "also", "names", "why"), HEADER_MATRIX)
def test_two_policies_for_headers(keyed: Selection, also: Selection, names: str, why: str) -> None:
    found = behavior(CachePolicy(headers=keyed), OriginRequestPolicy(headers=also))
    headers = sent(found, headers=Headers([("A", "1"), ("B", "2"), ("C", "3")])).headers
    assert sorted({"a", "b", "c"} & headers.names()) == list(names), why


ENCODINGS = [
    (CachePolicy(gzip=True, brotli=True), "gzip, br;q=1", None, "br,gzip", "normalised"),
    (CachePolicy(gzip=True), "br", None, "identity", "none that is wanted"),
    (CachePolicy(gzip=True), None, None, None, "no field"),
    (CachePolicy(gzip=True), "gzip, zstd", ALL_VIEWER, "gzip", "whatever the other policy says"),
    (PLAIN, "gzip, zstd", ALL_VIEWER, "gzip, zstd", "an ordinary field"),
    (PLAIN, "gzip", None, None, "an ordinary field"),
]


@pytest.mark.parametrize(("policy", "value", "orp", "expected", "why"), ENCODINGS)
def test_accept_encoding(
    policy: CachePolicy,
    value: str | None,
    orp: OriginRequestPolicy | None,
    expected: str | None,
    why: str,
) -> None:
    headers = Headers([] if value is None else [("Accept-Encoding", value)])
    got = sent(behavior(policy, orp), headers=headers).headers
    assert got.all("accept-encoding") == ([] if expected is None else [expected]), why


def test_cookie_lines_of_http_2_become_one() -> None:
    lines = Headers([("cookie", "b=2"), ("cookie", "a=1")])
    got = sent(behavior(CachePolicy(cookies=EVERYTHING)), headers=lines).headers
    assert got.all("cookie") == ["a=1; b=2"], "RFC 9113 §8.2.3"


def test_a_websocket_keeps_its_upgrade() -> None:
    upgrade = Headers([("Upgrade", "websocket"), ("Connection", "Upgrade")])
    headers = sent(behavior(), headers=upgrade).headers
    assert (headers.get("upgrade"), headers.get("connection")) == ("websocket", "Upgrade")


def test_the_policy_rfc_9111_forwards_everything_but_host() -> None:
    headers = Headers([("Host", "v"), ("Accept", "a"), ("Cookie", "a=1")])
    request = sent(behavior(None), "/a?b=1", headers=headers)
    assert request.target == "/a?b=1"
    assert [request.headers.get(n) for n in ("host", "accept", "cookie")] == [
        "origin.test",
        "a",
        "a=1",
    ]


def test_path_and_body_go_as_they_are() -> None:
    request = sent(behavior(), "/a//../%41?b=1", "POST")
    assert (request.target, request.body, request.method) == ("/a//../%41", b"body", "POST")


def test_addressed() -> None:
    origin = Origin("o", host="o.test", path="/v1", custom_headers=Headers([("X-Key", "k")]))
    request = addressed(origin, Request("GET", "/a?b", Headers([("x-key", "viewer's")])))
    assert request.target == "/v1/a?b", "OriginPath goes in front"
    assert request.headers.all("x-key") == ["k"], "custom headers overwrite"


DEVICE = OriginRequestPolicy(headers=listed("cloudfront-is-mobile-viewer"))
COOKIES = CachePolicy(cookies=EVERYTHING)
ACCEPT = CachePolicy(headers=listed("accept"))
ZERO = CachePolicy(min_ttl_s=0)

RESPONSES = [
    # policies              field             value     comes through   why
    (PLAIN, None, "Set-Cookie", "a=1", None, "cookies are not forwarded"),
    (COOKIES, None, "Set-Cookie", "a=1", "a=1", "cookies are in the key"),
    (PLAIN, ALL_VIEWER, "Set-Cookie", "a=1", "a=1", "cookies are forwarded"),
    (PLAIN, None, "Vary", "Accept-Encoding, Cookie", "Accept-Encoding, Cookie", "always kept"),
    (PLAIN, None, "Vary", "Accept, Origin", None, "not forwarded, nothing left"),
    (ACCEPT, None, "Vary", "Accept,, Origin", "Accept", "forwarded ones stay"),
    (PLAIN, ALL_VIEWER, "Vary", "Accept,, Origin", "Accept, Origin", "forwarded ones stay"),
    (PLAIN, None, "Vary", "User-Agent", None, "not forwarded"),
    (PLAIN, DEVICE, "Vary", "User-Agent", "User-Agent", "a device header is"),
    (PLAIN, None, "Vary", "*", None, "filtered where there is a minimum TTL"),
    (ZERO, None, "Vary", "*", "*", "it forbids storing where there is none"),
    (PLAIN, None, "Via", "1.1 origin", None, "CloudFront's own takes its place"),
    (PLAIN, None, "Trailer", "x", None, "removed"),
    (PLAIN, None, "Upgrade", "h2c", None, "removed"),
    (PLAIN, None, "Connection", "close", None, "this connection's own"),
    (PLAIN, None, "X-Anything", "1", "1", "everything else is passed"),
    (PLAIN, None, "Server", "nginx", "nginx", "the origin's is kept"),
    (PLAIN, None, "Date", "noon", "noon", "the origin's is kept"),
    (PLAIN, None, "Transfer-Encoding", "chunked", "chunked", "set if the origin used it"),
    (None, None, "Transfer-Encoding", "chunked", None, "RFC 9111: for one connection only"),
    (None, None, "Set-Cookie", "a=1", "a=1", "RFC 9111 takes nothing off"),
    (None, None, "Vary", "Anything", "Anything", "RFC 9111 takes nothing off"),
]


@pytest.mark.parametrize(("policy", "orp", "name", "value", "expected", "why"), RESPONSES)
def test_from_origin(
    policy: CachePolicy | None,
    orp: OriginRequestPolicy | None,
    name: str,
    value: str,
    expected: str | None,
    why: str,
) -> None:
    response = Response(200, Headers([(name, value)]))
    got = from_origin(behavior(policy, orp), response, 0.0)
    assert got.headers.get(name.lower()) == expected, why
    assert "date" in got.headers, "a missing Date is supplied"


LIMIT = 50 * 1024**3
OFF = CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=0)
SIZES = [
    (PLAIN, "GET", 200, str(LIMIT), True, "exactly as much"),
    (PLAIN, "GET", 200, str(LIMIT + 1), False, "one byte too many"),
    (PLAIN, "GET", 206, str(LIMIT + 1), True, "a part"),
    (PLAIN, "POST", 200, str(LIMIT + 1), True, "no cache is asked"),
    (OFF, "GET", 200, str(LIMIT + 1), True, "caching is off"),
    (None, "GET", 200, str(LIMIT + 1), True, "RFC 9111 has no such limit"),
    (PLAIN, "GET", 200, "many", True, "nobody knows"),
]


@pytest.mark.parametrize(("policy", "method", "status", "length", "passes", "why"), SIZES)
def test_the_largest_object(
    policy: CachePolicy | None, method: str, status: int, length: str, passes: bool, why: str
) -> None:
    response = Response(status, Headers([("Content-Length", length)]))
    rules = RFC9111() if policy is None else CloudFrontCaching(policy)
    asked = replace(behavior(policy), rules=rules)
    with nullcontext() if passes else pytest.raises(OriginError, match="53,687,091,201 bytes"):
        check_object_size(asked, Request(method, "/a"), response)


def test_a_switch_of_protocols_is_left_alone() -> None:
    response = Response(101, Headers([("Connection", "Upgrade")]))
    assert from_origin(behavior(), response, 0.0) is response


def test_forwards_cookies() -> None:
    assert not forwards_cookies(PLAIN, None)
    assert forwards_cookies(COOKIES, None)
    assert forwards_cookies(PLAIN, ALL_VIEWER)

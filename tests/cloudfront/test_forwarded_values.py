"""CloudFront: "Cache behavior settings" and the pages on query strings, cookies and headers."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import ALL_METHODS, Behavior
from edgesim.cloudfront.forwarded_values import Lifetimes, as_policies
from edgesim.cloudfront.forwarding import forwards_cookies, from_origin, shaped_for_origin
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import (
    DAY_S,
    EVERYTHING,
    NOTHING,
    YEAR_S,
    Choice,
    Selection,
)
from edgesim.errors import ConfigError
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer

USUAL = Lifetimes(min_ttl_s=0, default_ttl_s=DAY_S, max_ttl_s=YEAR_S)


def matching(*patterns: str) -> Selection:
    return Selection(Choice.MATCHING, frozenset(patterns))


def behavior(
    *,
    query: bool = False,
    keys: Iterable[str] = (),
    cookies: Selection = NOTHING,
    headers: Iterable[str] = (),
    lifetimes: Lifetimes = USUAL,
    compress: bool = False,
) -> Behavior:
    policy, orp = as_policies(
        query_string=query,
        query_string_cache_keys=keys,
        cookies=cookies,
        headers=headers,
        lifetimes=lifetimes,
    )
    rules = CloudFrontCaching(policy, cookies_forwarded=forwards_cookies(policy, orp))
    origin = Origin("app", host="origin.test")
    return Behavior("*", origin, rules, policy, orp, allowed_methods=ALL_METHODS, compress=compress)


def get(target: str = "/", method: str = "GET", **fields: str) -> Request:
    return Request(method, target, Headers((k.replace("_", "-"), v) for k, v in fields.items()))


def sent(one: Behavior, request: Request) -> Request:
    return shaped_for_origin(one, request, Viewer("192.0.2.7"), "id==", "abc.cloudfront.net")


NONE, ALL = behavior(), behavior(query=True)
KEYED = behavior(query=True, keys=["page"])
SESSION, EVERY_COOKIE = behavior(cookies=matching("session", "ab_*")), behavior(cookies=EVERYTHING)
ENCODED = behavior(headers=["Accept-Encoding"])
LISTED, ALL_HEADERS = behavior(headers=["Accept", "X-Variant"]), behavior(headers=["*"])

KEYS = [
    # behavior, one, other                                same   why
    (NONE, get("/?a=1"), get("/?a=2"), True, "no query string in the key"),
    (ALL, get("/?a=1"), get("/?a=2"), False, "all of it"),
    (ALL, get("/?a=1&b=2"), get("/?b=2&a=1"), False, "in the order it came"),
    (KEYED, get("/?page=1&u=1"), get("/?page=1&u=2"), True, "only those listed"),
    (KEYED, get("/?page=1"), get("/?page=2"), False, "and those do count"),
    (KEYED, get("/?PAGE=1"), get("/?PAGE=2"), True, "names have case"),
    (NONE, get(cookie="session=1"), get(cookie="session=2"), True, "no cookies"),
    (SESSION, get(cookie="session=1"), get(cookie="session=2"), False, "a name"),
    (SESSION, get(cookie="ab_x=1"), get(cookie="ab_x=2"), False, "a wildcard"),
    (SESSION, get(cookie="other=1"), get(cookie="other=2"), True, "nothing else"),
    (SESSION, get(cookie="session=1; ab_1=2"), get(cookie="ab_1=2; session=1"), True, "sorted"),
    (EVERY_COOKIE, get(cookie="x=1"), get(cookie="x=2"), False, "all of them"),
    (LISTED, get(accept="a"), get(accept="b"), False, "a header that is listed"),
    (LISTED, get(referer="a"), get(referer="b"), True, "none that is not"),
    (LISTED, get(x_else="a"), get(x_else="b"), True, "even though the origin gets to see it"),
    (NONE, get(accept_encoding="gzip"), get(), False, "gzip is told apart, always"),
    (NONE, get(accept_encoding="br, gzip"), get(accept_encoding="gzip"), True, "Brotli is not"),
    (NONE, get(accept_encoding="br"), get(), True, "Brotli is not"),
    (ENCODED, get(accept_encoding="br, gzip"), get(accept_encoding="gzip"), True, "listed or not"),
]


@pytest.mark.parametrize(("one", "request_", "other", "same", "why"), KEYS)
def test_key(one: Behavior, request_: Request, other: Request, same: bool, why: str) -> None:
    assert (one.rules.key(request_) == one.rules.key(other)) is same, why


TARGETS = [
    (NONE, "/a?page=1&u=2", "/a", "none goes to the origin"),
    (ALL, "/a?page=1&u=2", "/a?page=1&u=2", "all go"),
    (KEYED, "/a?page=1&u=2", "/a?page=1&u=2", "all go, whichever are in the key"),
    (KEYED, "/a?u=2", "/a?u=2", "also without one of those"),
]


@pytest.mark.parametrize(("one", "target", "forwarded", "why"), TARGETS)
def test_query_string(one: Behavior, target: str, forwarded: str, why: str) -> None:
    assert sent(one, get(target)).target == forwarded, why


COOKIES = [
    (NONE, None, "none"),
    (SESSION, "ab_1=2; session=1", "those that match, sorted by name"),
    (EVERY_COOKIE, "ab_1=2; other=3; session=1", "all"),
    (ALL_HEADERS, None, "all headers are no cookies"),
]


@pytest.mark.parametrize(("one", "cookie", "why"), COOKIES)
def test_cookies(one: Behavior, cookie: str | None, why: str) -> None:
    request = get(cookie="session=1; other=3; ab_1=2")
    assert sent(one, request).headers.get("cookie") == cookie, why
    answer = from_origin(one, Response(200, Headers([("Set-Cookie", "a=1")])), 0.0)
    assert ("set-cookie" in answer.headers) == (cookie is not None), "back where they go out"
    assert one.rules.validates() == one.rules.collapses() == (cookie is None)


KEPT, OWN = "kept", "Amazon CloudFront"
HEADER_TABLE = [
    # field, with no headers listed, all forwarded; "Request and response behavior …"
    ("Accept", None, KEPT, "removed"),
    ("Accept-Charset", None, KEPT, "removed"),
    ("Accept-Language", None, KEPT, "removed"),
    ("Authorization", None, KEPT, "GET: removed"),
    ("Cache-Control", KEPT, KEPT, "forwarded"),
    ("Content-Type", KEPT, KEPT, "forwarded"),
    ("Date", KEPT, KEPT, "forwarded"),
    ("Expect", None, None, "removed"),
    ("From", KEPT, KEPT, "forwarded"),
    ("Host", "origin.test", KEPT, "the origin's own"),
    ("If-None-Match", KEPT, KEPT, "forwarded"),
    ("Origin", KEPT, KEPT, "forwarded, as with no policy"),
    ("Pragma", KEPT, KEPT, "forwarded"),
    ("Referer", None, KEPT, "removed"),
    ("User-Agent", OWN, KEPT, "replaced"),
    ("Warning", KEPT, KEPT, "forwarded"),
    ("X-HTTP-Method-Override", None, KEPT, "removed"),
    ("X-Real-IP", None, None, "removed"),
    ("X-Forwarded-Proto", None, None, "removed"),
    ("X-Anything-Else", KEPT, KEPT, "forwarded: no policy is silent about it"),
]


@pytest.mark.parametrize(("name", "unlisted", "all_", "why"), HEADER_TABLE)
def test_request_headers(name: str, unlisted: str | None, all_: str | None, why: str) -> None:
    request = Request("GET", "/", Headers([(name, KEPT)]))
    assert sent(NONE, request).headers.get(name.lower()) == unlisted, why
    assert sent(ALL_HEADERS, request).headers.get(name.lower()) == all_, why


LISTED_HEADERS = ["Accept", "Authorization", "Host", "Referer", "User-Agent", "Origin"]


@pytest.mark.parametrize("name", LISTED_HEADERS)
def test_a_header_that_is_listed_is_sent_and_keyed(name: str) -> None:
    one = behavior(headers=[name])
    request, other = (Request("GET", "/", Headers([(name, value)])) for value in ("a", "b"))
    assert sent(one, request).headers.get(name.lower()) == "a"
    assert one.rules.key(request) != one.rules.key(other)


ENCODINGS = [
    (NONE, "gzip, br", "gzip", "normalised"),
    (NONE, "br", "identity", "gzip is all there is"),
    (NONE, None, None, "no field"),
    (ENCODED, "gzip, br", "gzip", "to list it changes nothing"),
    (ALL_HEADERS, "gzip, br", "gzip, br", "as the viewer sent it"),
]


@pytest.mark.parametrize(("one", "value", "forwarded", "why"), ENCODINGS)
def test_accept_encoding(one: Behavior, value: str | None, forwarded: str | None, why: str) -> None:
    request = get() if value is None else get(accept_encoding=value)
    assert sent(one, request).headers.get("accept-encoding") == forwarded, why


def test_a_post_keeps_its_authorization() -> None:
    request = get(method="POST", authorization="Basic eDp5")
    assert "authorization" in sent(NONE, request).headers


def test_all_headers_switch_caching_off() -> None:
    assert not ALL_HEADERS.rules.covers(get())
    assert ALL_HEADERS.skips_regional(get()), "a dynamic request"
    assert NONE.rules.covers(get())


VARY = [
    ("X-Anything", "X-Anything", "it is forwarded"),
    ("Accept", None, "it is not"),
    ("Accept-Encoding", "Accept-Encoding", "always kept"),
]


@pytest.mark.parametrize(("vary", "kept", "why"), VARY)
def test_vary(vary: str, kept: str | None, why: str) -> None:
    answer = from_origin(NONE, Response(200, Headers([("Vary", vary)])), 0.0)
    assert answer.headers.get("vary") == kept, why


def test_ttls_out_of_order_are_refused() -> None:
    with pytest.raises(ConfigError, match="out of order"):
        behavior(lifetimes=Lifetimes(min_ttl_s=9, default_ttl_s=8, max_ttl_s=YEAR_S))

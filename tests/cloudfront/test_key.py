from __future__ import annotations

import pytest

from edgesim.cloudfront.key import accepted_encodings, cache_key, selected_cookies, selected_query
from edgesim.cloudfront.policies import (
    EVERYTHING,
    NOTHING,
    CachePolicy,
    Selection,
    all_except,
    listed,
)
from edgesim.http.headers import Headers
from edgesim.http.message import Request


def get(target: str = "/", method: str = "GET", **fields: str) -> Request:
    return Request(method, target, Headers((k.replace("_", "-"), v) for k, v in fields.items()))


PLAIN = CachePolicy()
QUERY = CachePolicy(query=EVERYTHING)
A_ONLY = CachePolicy(query=listed("a"))
HEADERS = CachePolicy(headers=listed("x-one", "x-two"))
COOKIES = CachePolicy(cookies=EVERYTHING)
C_ONLY = CachePolicy(cookies=listed("c"))
GZIP = CachePolicy(gzip=True, brotli=True)

PAIRS = [
    # policy, one, other                                same   why; "Understand the cache key"
    (PLAIN, get("/a"), get("/A"), False, "the path has case"),
    (PLAIN, get("/a"), get("/a", "HEAD"), True, "GET and HEAD share entries"),
    (PLAIN, get("/a"), get("/a", "OPTIONS"), False, "OPTIONS has its own"),
    (PLAIN, get(host="a"), get(host="b"), True, "the viewer's Host is not in it"),
    (PLAIN, get("/a?x=1"), get("/a?x=2"), True, "no query unless the policy says so"),
    (PLAIN, get(cookie="c=1"), get(cookie="c=2"), True, "nor cookies"),
    (PLAIN, get(accept_encoding="gzip"), get(), True, "both flags off: an ordinary field"),
    (PLAIN, get("/%61"), get("/a"), False, "nothing is decoded"),
    (QUERY, get("/?a=1&b=2"), get("/?b=2&a=1"), False, "the order matters"),
    (QUERY, get("/?a=1"), get("/?A=1"), False, "names have case"),
    (QUERY, get("/?a=x"), get("/?a=X"), False, "values have case"),
    (QUERY, get("/?a="), get("/?a"), False, "empty is not missing"),
    (QUERY, get("/?a"), get("/"), False, "nor is it absent"),
    (QUERY, get("/?a=1&a=2"), get("/?a=2&a=1"), False, "repeated ones stay, in order"),
    (QUERY, get("/?a=1;b=2"), get("/?a=1&b=2"), False, "a semicolon divides nothing"),
    (QUERY, get("/?a=%20"), get("/?a=+"), False, "compared as they came"),
    (A_ONLY, get("/?a=1&b=2"), get("/?a=1&b=3"), True, "the others do not count"),
    (A_ONLY, get("/?b=2&a=1"), get("/?a=1"), True, "wherever they stand"),
    (A_ONLY, get("/?A=1"), get("/?A=2"), True, "names have case"),
    (HEADERS, get(x_one="1"), get(X_ONE="1"), True, "field names have no case"),
    (HEADERS, get(x_one="a"), get(x_one="A"), False, "their values have"),
    (HEADERS, get(x_one=""), get(), False, "an empty field is not a missing one"),
    (HEADERS, get(x_one="1", x_two="2"), get(x_two="2", x_one="1"), True, "order is irrelevant"),
    (HEADERS, get(x_one="1"), get(x_two="1"), False, "which one it was counts"),
    (HEADERS, get(x_three="1"), get(), True, "others do not count"),
    (COOKIES, get(cookie="a=1; b=2"), get(cookie="b=2; a=1"), True, "cookies are sorted"),
    (COOKIES, get(cookie="a=1"), get(cookie="A=1"), False, "their names have case"),
    (COOKIES, get(cookie="a=1"), get(), False, "a missing one"),
    (COOKIES, get(cookie="a=1; $Path=/"), get(cookie="a=1"), True, "names in $ are dropped"),
    (COOKIES, get(cookie="a=1; nonsense"), get(cookie="a=1"), True, "so is what is no pair"),
    (C_ONLY, get(cookie="c=1; d=2"), get(cookie="c=1; d=3"), True, "the others do not count"),
    (GZIP, get(accept_encoding="gzip, br"), get(accept_encoding="br,gzip"), True, "normalised"),
    (GZIP, get(accept_encoding="gzip"), get(accept_encoding="br"), False, "told apart"),
    (GZIP, get(accept_encoding="deflate"), get(), True, "neither is nothing"),
]


@pytest.mark.parametrize(("policy", "one", "other", "same", "why"), PAIRS)
def test_cache_key(policy: CachePolicy, one: Request, other: Request, same: bool, why: str) -> None:
    assert (cache_key(policy, one) == cache_key(policy, other)) is same, why


def test_cookie_lines_of_http_2_are_one_cookie_field() -> None:
    lines = Request("GET", "/", Headers([("cookie", "b=2"), ("cookie", "a=1")]))
    assert cache_key(COOKIES, lines) == cache_key(COOKIES, get(cookie="a=1; b=2")), (
        "RFC 9113 §8.2.3"
    )
    assert cache_key(C_ONLY, lines) == cache_key(C_ONLY, get(cookie="x=1"))


def test_the_first_member_is_what_invalidations_see() -> None:
    assert cache_key(QUERY, get("/a?b=1"))[0] == "/a?b=1"
    assert cache_key(PLAIN, get("/a?b=1"))[0] == "/a"


SHAPES = [
    # one, other                                              same   why
    (PLAIN, CachePolicy(name="other"), True, "a name changes nothing"),
    (PLAIN, CachePolicy(min_ttl_s=0, max_ttl_s=9), True, "nor do the TTLs: what is kept is kept"),
    (PLAIN, QUERY, False, "the query may be in it"),
    (QUERY, A_ONLY, False, "or part of the query"),
    (A_ONLY, CachePolicy(query=listed("b")), False, "or another part"),
    (A_ONLY, CachePolicy(query=all_except("a")), False, "or all the other parts"),
    (PLAIN, COOKIES, False, "cookies may be"),
    (PLAIN, CachePolicy(headers=listed("accept")), False, "headers may be"),
    (PLAIN, GZIP, False, "and encodings"),
    (GZIP, CachePolicy(gzip=True), False, "some or all"),
]


@pytest.mark.parametrize(("one", "other", "same", "why"), SHAPES)
def test_keys_of_another_shape_are_other_keys(
    one: CachePolicy, other: CachePolicy, same: bool, why: str
) -> None:
    """What an edit of the configuration leaves behind is not taken for something else."""
    assert (cache_key(one, get("/a")) == cache_key(other, get("/a"))) is same, why


QUERIES = [
    (NOTHING, "a=1", None, "none"),
    (EVERYTHING, "a=1&&b", "a=1&&b", "all, to the letter"),
    (EVERYTHING, "", None, "an empty one is none"),
    (listed("a"), "b=1&a=2&a", "a=2&a", "in the order of the request"),
    (listed("a"), "b=1", None, "nothing is left"),
    (listed("*"), "b=1", None, "a star is a name"),
    (all_except("a"), "b=1&a=2&c", "b=1&c", "all but those"),
]


@pytest.mark.parametrize(("selection", "query", "taken", "why"), QUERIES)
def test_selected_query(selection: Selection, query: str, taken: str | None, why: str) -> None:
    assert selected_query(selection, query) == taken, why


COOKIE_FIELDS = [
    (NOTHING, "a=1", None, "none"),
    (EVERYTHING, None, None, "no field"),
    (EVERYTHING, "b=2;a=1", "a=1; b=2", "sorted by name before they are sent on"),
    (EVERYTHING, "a=2; a=1", "a=2; a=1", "repeated ones stay, in order"),
    (listed("a"), "b=2; a=1", "a=1", "those listed"),
    (listed("a*"), "ab=2", None, "a star is a name"),
    (all_except("a"), "b=2; a=1", "b=2", "all but those"),
    (EVERYTHING, "nonsense", None, "nothing well-formed"),
]


@pytest.mark.parametrize(("selection", "cookie", "taken", "why"), COOKIE_FIELDS)
def test_selected_cookies(
    selection: Selection, cookie: str | None, taken: str | None, why: str
) -> None:
    assert selected_cookies(selection, cookie) == taken, why


BOTH, GZIP_ONLY = CachePolicy(gzip=True, brotli=True), CachePolicy(gzip=True)
BROTLI_ONLY, NEITHER = CachePolicy(brotli=True), CachePolicy()

ENCODINGS = [
    # policy, viewer's field           in the key   why
    (BOTH, "gzip, deflate, br", "br,gzip", "both"),
    (BOTH, "gzip", "gzip", "gzip only"),
    (BOTH, "br", "br", "br only"),
    (BOTH, "deflate", None, "neither"),
    (BOTH, None, None, "no field"),
    (GZIP_ONLY, "br, gzip", "gzip", "br is switched off"),
    (GZIP_ONLY, "br", None, "br is switched off"),
    (BROTLI_ONLY, "br, gzip", "br", "gzip is switched off"),
    (BROTLI_ONLY, "gzip", None, "gzip is switched off"),
    (NEITHER, "br, gzip", None, "both are switched off"),
    (BOTH, "GZIP;q=0.5", "gzip", "codings have no case, RFC 9110 §8.4.1"),
    (BOTH, "gzip;q=0, br", "br", "a weight of 0 refuses, §12.4.2"),
    (BOTH, "gzip; Q = 0.000, br", "br", "however it is written"),
    (BOTH, "gzip;q=0.001", "gzip", "a small weight does not"),
    (BOTH, "xgzip, brr", None, "whole names"),
]


@pytest.mark.parametrize(("policy", "value", "normal", "why"), ENCODINGS)
def test_accepted_encodings(
    policy: CachePolicy, value: str | None, normal: str | None, why: str
) -> None:
    request = get() if value is None else get(accept_encoding=value)
    assert accepted_encodings(policy, request) == normal, why

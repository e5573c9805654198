from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.reuse import Serve
from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import READ_METHODS
from edgesim.cloudfront.policies import CachePolicy
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

NOW = 1_000_000.0
POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)
RULES = CloudFrontCaching(POLICY)
OFF = CloudFrontCaching(CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=0))
OPTIONS_TOO = CloudFrontCaching(POLICY, cached_methods=READ_METHODS | {"OPTIONS"})
COOKIES = CloudFrontCaching(POLICY, cookies_forwarded=True)
MINIMUM = CloudFrontCaching(CachePolicy(min_ttl_s=5, default_ttl_s=60, max_ttl_s=3600))

COVERED = [
    (RULES, "GET", True, "always cacheable"),
    (RULES, "HEAD", True, "always cacheable"),
    (RULES, "OPTIONS", False, "only among the cached methods"),
    (OPTIONS_TOO, "OPTIONS", True, "among the cached methods"),
    (OPTIONS_TOO, "POST", False, "never"),
    (OFF, "GET", False, "CachingDisabled"),
]


@pytest.mark.parametrize(("rules", "method", "covered", "why"), COVERED)
def test_covers(rules: CloudFrontCaching, method: str, covered: bool, why: str) -> None:
    assert rules.covers(Request(method, "/")) is covered, why
    assert not rules.outdates(Request(method, "/"), Response(200)), "no method invalidates"


def test_cookies_end_collapsing_and_validation() -> None:
    assert (RULES.collapses(), RULES.validates()) == (True, True)
    assert (COOKIES.collapses(), COOKIES.validates()) == (False, False), "cookies are forwarded"


def headers(**fields: str) -> Headers:
    return Headers((name.replace("_", "-"), value) for name, value in fields.items())


NO_CACHE, ETAG = {"Cache_Control": "no-cache"}, {"ETag": '"1"'}

FORMS = [
    # rules, method, status, fields                  lifetime or reason   why
    (RULES, "GET", 200, {}, 60, "the default TTL"),
    (RULES, "GET", 200, NO_CACHE | ETAG, 0, "kept to be validated each time"),
    (RULES, "GET", 200, {"Cache_Control": "max-age=0"} | ETAG, 0, "kept to be validated"),
    (RULES, "GET", 200, NO_CACHE, "no-lifetime", "nothing to validate it by"),
    (
        COOKIES,
        "GET",
        200,
        NO_CACHE | ETAG,
        "no-lifetime",
        "no validation where cookies are forwarded",
    ),
    (RULES, "GET", 200, {"Cache_Control": "no-store"}, "no-store", "minimum 0"),
    (MINIMUM, "GET", 200, {"Cache_Control": "no-store"}, 5, "the minimum overrules"),
    (RULES, "HEAD", 200, {}, 60, "for other HEADs"),
    (RULES, "POST", 200, {}, "method", "never"),
    (RULES, "OPTIONS", 200, {}, "method", "not among the cached methods"),
    (OPTIONS_TOO, "OPTIONS", 200, {}, 60, "among the cached methods"),
    (RULES, "GET", 206, {"Content-Range": "bytes 3-1/9"}, "partial", "unreadable"),
    (RULES, "GET", 206, {}, "partial", "nobody knows which part it is"),
    (RULES, "GET", 304, {}, "status", "it stands for something else"),
    (RULES, "GET", 101, {}, "status", "no end of it"),
    (RULES, "GET", 404, {}, 10, "the error caching minimum TTL"),
    (RULES, "GET", 401, {}, "status", "not among the errors that are kept"),
    (RULES, "GET", 200, {"Vary": "Accept"}, 60, "Vary is never part of the key"),
    (RULES, "GET", 200, {"Vary": "*"}, "vary-star", "fetched anew each time"),
    (MINIMUM, "GET", 200, {"Vary": "*"}, 60, "with a minimum it has no say"),
]


@pytest.mark.parametrize(("rules", "method", "status", "fields", "outcome", "why"), FORMS)
def test_stored_form(
    rules: CloudFrontCaching,
    method: str,
    status: int,
    fields: dict[str, str],
    outcome: object,
    why: str,
) -> None:
    response = Response(status, headers(**fields))
    kept = rules.stored_form(Request(method, "/"), response, NOW - 1, NOW)
    assert (kept.lifetime if isinstance(kept, StoredResponse) else kept) == outcome, why


def kept_of(rules: CloudFrontCaching = RULES, status: int = 200, **fields: str) -> StoredResponse:
    kept = rules.stored_form(Request("GET", "/"), Response(status, headers(**fields)), NOW - 9, NOW)
    assert isinstance(kept, StoredResponse)
    return kept


def test_age_is_counted_from_the_fetch() -> None:
    kept = kept_of(Date="Thu, 01 Jan 1970 00:00:00 GMT", Age="4")
    assert kept.current_age(NOW + 10) == 14, "Date plays no part, an Age of the origin does"


def test_an_error_may_have_its_own_minimum() -> None:
    rules = CloudFrontCaching(POLICY, error_caching_min_ttl_s=7, error_caching={404: 3})
    assert kept_of(rules, 404).lifetime == 3, "ErrorCachingMinTTL of this status"
    assert kept_of(rules, 500).lifetime == 7
    assert (rules.spares_s(404), rules.spares_s(500)) == (3, 7)


def test_errors_of_s3_are_kept_for_a_second_at_least() -> None:
    """CloudFront: "How CloudFront processes HTTP 4xx and 5xx status codes from your origin"."""
    rules = CloudFrontCaching(
        POLICY, error_caching_min_ttl_s=0, error_caching={404: 3}, from_s3=True
    )
    assert (rules.spares_s(404), rules.spares_s(500)) == (3, 1)


COOKIE_FIELDS = [
    ("max-age=9", True, "cached and replayed"),
    ('no-cache="Set-Cookie", max-age=9', False, "the origin keeps it out"),
    ('no-cache="X-Set-Cookie-2"', True, "whole names"),
]


@pytest.mark.parametrize(("value", "there", "why"), COOKIE_FIELDS)
def test_set_cookie(value: str, there: bool, why: str) -> None:
    kept = kept_of(Cache_Control=value, Set_Cookie="a=1")
    assert ("set-cookie" in kept.response.headers) is there, why


def aged(seconds_past: float, **fields: Any) -> StoredResponse:
    made = NOW - 60 - seconds_past
    return StoredResponse(Response(200), made, made, made, 0, 60, **fields)


DECISIONS = [
    # stored                                     viewer's field        decision    why
    (aged(-1), {}, "serve", "fresh"),
    (aged(0), {}, "stale", "its lifetime is over"),
    (aged(-1), {"Cache_Control": "no-cache"}, "serve", "a reload does not get through"),
    (aged(-1), {"Pragma": "no-cache"}, "serve", "a reload does not get through"),
    (aged(5), {"Cache_Control": "max-stale"}, "stale", "nor does any other wish"),
    (aged(5, stale_while_revalidate=9), {}, "serve stale", "while it is refreshed"),
    (aged(9, stale_while_revalidate=9), {}, "stale", "its time is over"),
    (aged(3600, stale_while_revalidate=9999), {}, "stale", "at most the maximum TTL"),
    (aged(5, spared_until=NOW + 1), {}, "serve", "the origin just failed"),
    (aged(5, spared_until=NOW), {}, "stale", "it is asked again"),
    (aged(5, spared_until=NOW + 1, stale_if_error=5), {}, "stale", "no longer than stale-if-error"),
    (aged(-1, selecting=(("accept", "a"),)), {}, "serve", "Vary has no say"),
]


@pytest.mark.parametrize(("stored", "fields", "expected", "why"), DECISIONS)
def test_decide(stored: StoredResponse, fields: dict[str, str], expected: str, why: str) -> None:
    decision = RULES.decide((stored,), Request("GET", "/", headers(**fields)), NOW)
    if isinstance(decision, Serve):
        assert ("serve stale" if decision.stale else "serve") == expected, why
    else:
        assert decision.reason == expected, why


RESCUES = [
    (aged(5), True, "a stale copy is better than an error"),
    (aged(3599), True, "up to the maximum TTL"),
    (aged(3600), False, "and no longer"),
    (aged(4, stale_if_error=5), True, "as long as the origin said"),
    (aged(5, stale_if_error=5), False, "and no longer"),
    (aged(1, stale_if_error=0), False, "0 forbids it"),
    (aged(1, origin_status=404), False, "an error is no better than an error"),
]


@pytest.mark.parametrize(("stored", "rescued", "why"), RESCUES)
def test_rescues(stored: StoredResponse, rescued: bool, why: str) -> None:
    assert RULES.rescues(stored, NOW) is rescued, why


cache_control = st.lists(
    st.sampled_from(["no-store", "private", "no-cache", "public", "max-age=soon", "s-maxage=0"])
    | st.integers(0, 5000).map(lambda n: f"max-age={n}")
    | st.integers(0, 5000).map(lambda n: f"stale-while-revalidate={n}"),
    max_size=3,
).map(", ".join)


@given(cache_control, st.sampled_from([200, 301, 404, 500]), st.floats(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_nothing_is_fresh_beyond_its_lifetime(value: str, status: int, wait: float) -> None:
    response = Response(status, headers(Cache_Control=value, ETag='"1"'))
    kept = RULES.stored_form(Request("GET", "/"), response, NOW, NOW)
    if not isinstance(kept, StoredResponse):
        return
    assert kept.lifetime <= 3600
    decision = RULES.decide((kept,), Request("GET", "/"), NOW + wait)
    if isinstance(decision, Serve) and not decision.stale:
        assert wait < kept.lifetime


def test_only_a_304_renews_what_is_stored() -> None:
    stale = StoredResponse(Response(200), 0, 0, 0, 0, lifetime=60)
    assert RULES.renews(Request("GET", "/"), stale, Response(304))
    assert not RULES.renews(Request("HEAD", "/"), stale, Response(200)), "the guide is silent"

from __future__ import annotations

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.storing import stale_if_error, stored_form
from edgesim.http.dates import format_date
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

NOW = 1_000_000_000.0
GET = Request("GET", "/")
ETAG = {"ETag": '"1"'}


def cc(value: str, **fields: str) -> dict[str, str]:
    return {"Cache-Control": value, **{name.replace("_", "-"): v for name, v in fields.items()}}


def asked(method: str = "GET", **fields: str) -> Request:
    return Request(method, "/", Headers((k.replace("_", "-"), v) for k, v in fields.items()))


OLD = format_date(NOW - 1000)

STORED = [
    # request                 status  fields                           outcome   why
    (GET, 200, cc("max-age=60"), 60, "RFC 9111 §3"),
    (GET, 200, cc("max-age=9, s-maxage=60"), 60, "s-maxage for a shared cache, §5.2.2.10"),
    (GET, 200, {"Expires": format_date(NOW + 60)}, 60, "§5.3"),
    (GET, 200, {"Last-Modified": OLD}, 100, "a heuristic, §4.2.2"),
    (GET, 200, {}, "no-lifetime", "no word of the origin, nothing to guess from, §3"),
    (GET, 200, cc("max-age=0"), "no-lifetime", "stale at once, and no way to ask after it"),
    (GET, 200, cc("max-age=0", ETag='"1"'), 0, "stale at once, but it can be validated"),
    (
        GET,
        200,
        cc("no-cache, max-age=60"),
        60,
        "no-cache is stored, and never used unasked, §5.2.2.4",
    ),
    (GET, 200, cc("no-store, max-age=60"), "no-store", "§5.2.2.5"),
    (GET, 200, cc("no-store, must-understand, max-age=60"), 60, "§5.2.2.3"),
    (GET, 299, cc("must-understand, max-age=60"), "status", "a status we do not know, §5.2.2.3"),
    (GET, 200, cc("private, max-age=60"), "private", "not for a shared cache, §5.2.2.7"),
    (GET, 200, cc('private="x-a", max-age=60'), 60, "only that field is private, §5.2.2.7"),
    (GET, 206, cc("max-age=60"), "partial", "which part is not said, RFC 9110 §14.4"),
    (GET, 206, cc("max-age=60", Content_Range="bytes 0-1/9"), 60, "a part, §3.3"),
    (GET, 206, cc("max-age=60", Content_Range="bytes 0-1/*"), "partial", "of how much?"),
    (GET, 206, cc("max-age=60", Content_Range="lines 0-1/9"), "partial", "a unit unknown, §3.3"),
    (GET, 304, cc("max-age=60"), "status", "it stands for another response"),
    (GET, 103, cc("max-age=60"), "status", "not final, §3"),
    (GET, 299, cc("max-age=60"), 60, "of no unknown status has to be understood, §3"),
    (GET, 599, cc("max-age=60, no-store, must-understand"), "status", "but here, §5.2.2.3"),
    (GET, 599, cc("public", Last_Modified=OLD), 100, "public allows a heuristic, §4.2.2"),
    (GET, 200, ETAG, 0, "it may be kept and asked after, §3"),
    (GET, 299, ETAG, "no-lifetime", "not with a status nobody knows, §3"),
    (GET, 200, cc("no-cache", ETag='"1"'), 0, "likewise, §5.2.2.4"),
    (GET, 200, cc("no-store", CDN_Cache_Control="max-age=60"), 60, "RFC 9213 §2.2"),
    (GET, 200, cc("max-age=60", CDN_Cache_Control="no-store"), "no-store", "RFC 9213 §2.2"),
    (GET, 200, cc("max-age=60", CDN_Cache_Control="private"), "private", "RFC 9213 §2.2"),
    (asked("POST"), 200, cc("max-age=60", Content_Location="/"), 60, "as a GET's, RFC 9110 §9.3.3"),
    (asked("POST"), 200, cc("max-age=60", Content_Location="/b"), "method", "another's"),
    (asked("POST"), 200, {"Content-Location": "/", **ETAG}, "method", "lifetime is not said"),
    (asked("POST"), 201, cc("max-age=60", Content_Location="/"), "method", "about what was made"),
    (asked("PUT"), 200, cc("max-age=60", Content_Location="/"), "method", "POST alone, §9.3.4"),
    (GET, 404, cc("max-age=60"), 60, "errors too, if told"),
    (GET, 500, cc("max-age=60"), 60, "errors too, if told"),
    (GET, 302, cc("max-age=60"), 60, "redirects too, if told"),
    (GET, 302, {"Last-Modified": OLD}, "no-lifetime", "no heuristic for 302, RFC 9110 §15.1"),
    (asked("HEAD"), 200, cc("max-age=60"), "method", "only GET is kept, §3"),
    (asked("POST"), 200, cc("max-age=60"), "method", "only GET is kept, §3"),
    (asked(cache_control="no-store"), 200, cc("max-age=60"), "request-no-store", "§5.2.1.5"),
    (asked(authorization="x"), 200, cc("max-age=60"), "authorization", "§3.5"),
    (asked(authorization="x"), 200, cc("public, max-age=60"), 60, "§3.5"),
    (asked(authorization="x"), 200, cc("s-maxage=60"), 60, "§3.5"),
    (asked(authorization="x"), 200, cc("must-revalidate, max-age=60"), 60, "§3.5"),
    (GET, 200, cc("max-age=60", Vary="*"), "vary-star", "no request selects it, §4.1"),
    (GET, 200, cc("max-age=60", Vary="Accept, *"), "vary-star", "§4.1"),
    (GET, 200, cc("max-age=60", Vary="Accept"), 60, "§4.1"),
]


@pytest.mark.parametrize(("request_", "status", "fields", "outcome", "why"), STORED)
def test_stored_form(
    request_: Request, status: int, fields: dict[str, str], outcome: int | str, why: str
) -> None:
    lines = [(name.replace("_", "-"), value) for name, value in fields.items()]
    kept = stored_form(request_, Response(status, Headers(lines)), NOW, NOW)
    assert (kept.lifetime if isinstance(kept, StoredResponse) else kept) == outcome, why


def kept_of(**fields: str) -> StoredResponse:
    headers = Headers((name.replace("_", "-"), value) for name, value in fields.items())
    kept = stored_form(asked(accept="a"), Response(200, headers), NOW, NOW + 1)
    assert isinstance(kept, StoredResponse)
    return kept


def test_what_is_kept_with_it() -> None:
    kept = kept_of(
        Cache_Control="max-age=60, stale-while-revalidate=5, stale-if-error=7",
        Age="3",
        Vary="Accept",
        Date=format_date(NOW - 2),
    )
    assert (kept.request_time, kept.response_time) == (NOW, NOW + 1)
    assert (kept.age_value, kept.date_value) == (3, NOW - 2), "RFC 9111 §4.2.3"
    assert (kept.stale_while_revalidate, kept.stale_if_error) == (5, 7), "RFC 5861"
    assert kept.selecting == (("accept", "a"),), "RFC 9111 §4.1"
    assert "age" not in kept.response.headers, "it is counted anew, §5.1"


def test_what_cdn_cache_control_says_is_kept_and_the_fields_go_on() -> None:
    kept = kept_of(Cache_Control="max-age=9", CDN_Cache_Control="max-age=60, no-cache")
    assert kept.always_validate
    assert kept.response.headers.get("cache-control") == "max-age=9", "others' caches go by it"


FORBIDDEN_STALE = ["must-revalidate", "proxy-revalidate", "s-maxage=60"]


@pytest.mark.parametrize("directive", FORBIDDEN_STALE)
def test_directives_that_forbid_stale_answers(directive: str) -> None:
    kept = kept_of(Cache_Control=f"max-age=60, {directive}, stale-while-revalidate=5")
    assert (kept.stale_while_revalidate, kept.stale_if_error) == (0, 0), "§5.2.2.2, .8, .10"


WITHHELD = [
    ('max-age=60, private="Set-Cookie"', "§5.2.2.7: not to be stored by a shared cache"),
    ('max-age=60, no-cache="set-cookie, x-b"', "§5.2.2.4: not to be used without validation"),
]


@pytest.mark.parametrize(("value", "why"), WITHHELD)
def test_fields_that_are_not_kept(value: str, why: str) -> None:
    kept = kept_of(Cache_Control=value, Set_Cookie="a=1", X_A="1")
    assert "set-cookie" not in kept.response.headers, why
    assert "x-a" in kept.response.headers
    assert not kept.always_validate, "the rest may be used"


def test_stale_if_error_of_a_silent_origin_is_none() -> None:
    assert stale_if_error({}) is None
    assert stale_if_error({"stale-if-error": "soon"}) == 0

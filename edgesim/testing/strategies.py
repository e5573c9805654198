"""Hypothesis strategies for what comes to an edge: requests of viewers, events of functions.

Hypothesis is not among edgesim's own requirements: `pip install hypothesis`.
"""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import strategies as st

from ..cloudfront.distribution import Behavior, Distribution
from ..cloudfront.function import Association, Function, Trigger
from ..cloudfront.lambda_event import Json
from ..cloudfront.moment import Moment, moment_at
from ..cloudfront.origin import Origin
from ..cloudfront.policies import EVERYTHING, OriginRequestPolicy
from ..http.headers import Headers
from ..http.message import Request, Response, Viewer

HOSTS = ("www.example.com", "d111111abcdef8.cloudfront.net", "shop.localhost")

USER_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.14.1",
    "",
)

_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
_TOKENS = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789_-", min_size=1, max_size=8)
_IT = Function("it")
_ALL_VIEWER = OriginRequestPolicy(headers=EVERYTHING, cookies=EVERYTHING, query=EVERYTHING)


def paths() -> st.SearchStrategy[str]:
    """Paths as they stand on a request line: percent-encoded, perhaps with dots and doubles."""
    names = st.sampled_from(["", ".", "..", "index.html", "a.b.c", "%2F", "%", "caf%C3%A9", "*"])
    segments = st.one_of(names, _WORDS.map(lambda word: quote(word, safe="")))
    return st.lists(segments, max_size=5).map(lambda parts: f"/{'/'.join(parts)}")


def queries() -> st.SearchStrategy[str]:
    """Query strings: empty ones, names without values, names that come twice."""
    values = _WORDS.map(lambda word: quote(word, safe="~*'()!"))
    pair = st.one_of(
        _TOKENS,
        st.tuples(_TOKENS, values).map("=".join),
        st.sampled_from(["", "=", "a==b", "q=1+2", "a[]=1"]),
    )
    return st.lists(pair, max_size=4).map("&".join)


def cookies() -> st.SearchStrategy[str]:
    """A Cookie field's value, with names that come twice and quoted values."""
    value = st.one_of(_TOKENS, st.sampled_from(["", '"quoted"', "a=b", "%7B%22a%22%3A1%7D"]))
    pairs = st.lists(st.tuples(_TOKENS, value).map("=".join), min_size=1, max_size=4)
    return pairs.map("; ".join)


PLAIN_FIELDS = (
    ("Accept", st.sampled_from(["*/*", "text/html", "image/avif,image/webp,*/*;q=0.8", ""])),
    ("Accept-Encoding", st.sampled_from(["gzip, deflate, br", "gzip", "identity", "br;q=0"])),
    (
        "Accept-Language",
        st.sampled_from(["de-DE,de;q=0.9", "en", "*", "fr-CH, fr;q=0.9"]),
    ),
    ("Authorization", st.sampled_from(["Basic dXNlcjpwYXNz", "Basic", "Bearer ", "Bearer a.b.c"])),
    ("Cookie", cookies()),
    ("Origin", st.sampled_from(["https://www.example.com", "null"])),
    ("Range", st.sampled_from(["bytes=0-0", "bytes=-5", "bytes=5-"])),
    ("Referer", st.sampled_from(["https://www.example.com/a?b=c", "about:blank"])),
    ("User-Agent", st.sampled_from(USER_AGENTS)),
    ("X-Own", st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20)),
)
"""Fields that viewers send, and odd but lawful values of theirs."""


@st.composite
def viewer_requests(
    draw: st.DrawFn, methods: tuple[str, ...] = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE")
) -> Request:
    """Requests that CloudFront lets in, from the usual to the odd."""
    method = draw(st.sampled_from(methods))
    query = draw(queries())
    target = draw(paths()) + (f"?{query}" if query or draw(st.booleans()) else "")
    lines = [("Host", draw(st.sampled_from(HOSTS)))]
    for name, values in draw(st.lists(st.sampled_from(PLAIN_FIELDS), max_size=6, unique=True)):
        spelled = draw(st.sampled_from([name, name.lower(), name.upper()]))
        lines.append((spelled, draw(values)))
    body = draw(st.binary(max_size=64)) if method in ("POST", "PUT", "PATCH") else b""
    if body:
        lines.append(("Content-Length", str(len(body))))
    return Request(method, target, Headers(lines), body)


def viewers() -> st.SearchStrategy[Viewer]:
    """Who sends it: from documentation networks, of both kinds of address."""
    ips = st.sampled_from(["192.0.2.1", "198.51.100.200", "2001:db8::1", "2001:db8:ffff::8a2e"])
    return st.builds(Viewer, ips, st.integers(1024, 65535), st.sampled_from(["http", "https"]))


@st.composite
def origin_responses(draw: st.DrawFn) -> Response:
    """Responses of an origin, errors and redirects among them."""
    status = draw(st.sampled_from([200, 200, 203, 204, 301, 302, 304, 400, 403, 404, 500, 503]))
    lines = [("Date", "Thu, 01 Jan 2026 00:00:00 GMT")]
    fields = [
        ("Cache-Control", ["max-age=60", "no-store", "private", "s-maxage=5, max-age=0", ""]),
        ("Content-Type", ["text/html; charset=utf-8", "application/json", "image/png"]),
        ("ETag", ['"abc"', 'W/"abc"']),
        ("Location", ["/elsewhere", "https://www.example.com/"]),
        ("Server", ["nginx"]),
        ("Set-Cookie", ["id=1; Path=/; HttpOnly", "theme=dark"]),
        ("Vary", ["Accept-Encoding", "*"]),
    ]
    for name, values in draw(st.lists(st.sampled_from(fields), max_size=6)):
        lines.append((name, draw(st.sampled_from(values))))
    return Response(status, Headers(lines))


@st.composite
def moments(
    draw: st.DrawFn, trigger: Trigger, *, function: Function = _IT, include_body: bool = False
) -> Moment:
    """Moments of `trigger` at a distribution that forwards nearly everything.

    The event is of the kind that `function` is given.
    """
    origins = [
        Origin("app", host="origin.example.com", port=443, protocol="https", path="/v1"),
        Origin("bucket", folder="bucket"),
    ]
    association = Association(function, include_body=include_body)
    behavior = Behavior(
        "*",
        draw(st.sampled_from(origins)),
        origin_request_policy=_ALL_VIEWER,
        functions={trigger: association},
    )
    request, response = draw(viewer_requests()), draw(origin_responses())
    return moment_at(Distribution((behavior,)), trigger, request, draw(viewers()), response)


def lambda_events(trigger: Trigger | str, *, include_body: bool = False) -> st.SearchStrategy[Json]:
    """Events that a Lambda@Edge function at `trigger` may be given."""
    return moments(Trigger(trigger), include_body=include_body).map(lambda one: one.event)

"""What a request looks like to an origin, and what of its response goes on.

CloudFront: "Request and response behavior for custom origins", "Understand how origin request
policies and cache policies work together".
"""

from __future__ import annotations

from ..errors import OriginError
from ..http.dates import format_date
from ..http.headers import Headers, end_to_end
from ..http.message import Request, Response, Viewer, is_websocket
from .distribution import Behavior
from .key import accepted_encodings, cookies, selected_cookies, selected_query
from .origin import Origin
from .policies import EVERYTHING, NOTHING, CachePolicy, Choice, OriginRequestPolicy, Selection

USER_AGENT = "Amazon CloudFront"

ALWAYS_SENT = frozenset(
    {
        "cache-control",
        "content-encoding",
        "content-length",
        "content-md5",
        "content-type",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "pragma",
        "range",
        "via",
        "x-forwarded-for",
    }
)
"""Sent on whatever the policies say. The guide is silent on some; these keep bodies, ranges and
validation working, and Origin is not among them (the CORS policies exist for that)."""

NEVER_SENT = frozenset({"expect", "x-forwarded-proto", "x-real-ip"})
"""Removed from every viewer's request, besides `X-Edge-*` and `X-Amz-Cf-*`."""

DEVICE_HEADERS = frozenset(
    f"cloudfront-is-{kind}-viewer"
    for kind in ("android", "desktop", "ios", "mobile", "smarttv", "tablet")
)
"""Made from User-Agent, so that Vary may name it where one of them goes to the origin."""

MAX_OBJECT_BYTES = 50 * 1024**3
"""Of what is cached (CloudFront: "Quotas")."""

S3_FIELDS = ("x-amz-id-2", "x-amz-request-id")
"""Taken off what a bucket answers."""

WEBSOCKET_FIELDS = (("Upgrade", "websocket"), ("Connection", "Upgrade"))


def shaped_for_origin(
    behavior: Behavior, request: Request, viewer: Viewer, request_id: str, via: str
) -> Request:
    """`request` as CloudFront sends it on, before any origin-request function."""
    orp = behavior.origin_request_policy
    if behavior.cache_policy is None:
        policy = CachePolicy(name="RFC9111", query=EVERYTHING, cookies=EVERYTHING)
        orp = orp or OriginRequestPolicy(
            headers=Selection(Choice.ALL_EXCEPT, frozenset({"host"})), cookies=EVERYTHING
        )
    else:
        policy = behavior.cache_policy
    cached = behavior.rules.covers(request)
    lines = _selected_headers(policy, orp, request, cached=cached)
    cookie = selected_cookies(
        _either(policy.cookies, orp.cookies if orp else NOTHING), cookies(request.headers)
    )
    if cookie is not None:
        lines.append(("Cookie", cookie))
    headers = Headers(lines)
    if behavior.origin.is_bucket:  # a bucket is found by its own name alone
        headers = headers.without("host")
    if behavior.origin.host_header:
        headers = Headers([("Host", behavior.origin.host_header), *headers.without("host")])
    elif "host" not in headers:
        headers = Headers([("Host", behavior.origin.authority), *headers])
    if "user-agent" not in headers:
        headers = headers.plus(("User-Agent", USER_AGENT))
    headers = headers.with_(
        "X-Forwarded-For", _appended(headers, "x-forwarded-for", viewer.ip, ",")
    )
    headers = headers.with_(
        "Via", _appended(headers, "via", f"{viewer.http_version} {via} (CloudFront)", ", ")
    )
    headers = headers.with_("X-Amz-Cf-Id", request_id)
    if is_websocket(request):
        headers = headers.plus(*WEBSOCKET_FIELDS)
    query = selected_query(_either(policy.query, orp.query if orp else NOTHING), request.query)
    target = request.path if query is None else f"{request.path}?{query}"
    if query is None and request.target.endswith("?") and policy.query.choice is Choice.ALL:
        target = request.target
    return Request(request.method, target, headers, request.body)


def _selected_headers(
    policy: CachePolicy, orp: OriginRequestPolicy | None, request: Request, *, cached: bool
) -> list[tuple[str, str]]:
    allowed = orp.headers if orp else NOTHING
    keyed = policy.headers.names
    asked = keyed | (orp.cloudfront_headers if orp else frozenset())
    lines = []
    encoding_keyed = policy.gzip or policy.brotli
    everything = allowed.choice in (Choice.ALL, Choice.ALL_EXCEPT)
    for name, value in end_to_end(request.headers):
        lower = name.lower()
        if lower in NEVER_SENT or lower.startswith(("x-edge-", "x-amz-cf-")) or lower == "cookie":
            continue
        if lower == "accept-encoding" and encoding_keyed:
            continue
        if lower == "authorization" and (cached or request.method in ("GET", "HEAD")):
            taken = lower in keyed or (everything and allowed.takes(lower))
        elif lower == "authorization":
            taken = True
        else:
            taken = lower in ALWAYS_SENT or lower in asked or allowed.takes(lower)
        if taken:
            lines.append((name, value))
    if encoding_keyed and "accept-encoding" in request.headers:
        lines.append(("Accept-Encoding", accepted_encodings(policy, request) or "identity"))
    return lines


def _either(one: Selection, other: Selection) -> Selection:
    """What at least one policy takes; of two lists of exceptions, each name in either is left out.

    CloudFront: "Understand how origin request policies and cache policies work together".
    """
    if Choice.ALL in (one.choice, other.choice):
        return EVERYTHING
    if not one:
        return other
    if not other:
        return one
    if one.choice is other.choice:
        return Selection(one.choice, one.names | other.names)
    excepted, taken = (one, other) if one.choice is Choice.ALL_EXCEPT else (other, one)
    return Selection(Choice.ALL_EXCEPT, excepted.names - taken.names)


def forwards_cookies(policy: CachePolicy, orp: OriginRequestPolicy | None) -> bool:
    return bool(policy.cookies) or (orp is not None and bool(orp.cookies))


def _appended(headers: Headers, name: str, value: str, separator: str) -> str:
    before = headers.get(name)
    return value if before is None else f"{before}{separator}{value}"


def addressed(origin: Origin, request: Request) -> Request:
    """`request` with what the origin's own settings add: its path, its custom headers."""
    headers = request.headers
    for name, value in origin.custom_headers:
        headers = headers.with_(name, value)
    return Request(request.method, f"{origin.path}{request.target}", headers, request.body)


def check_object_size(behavior: Behavior, request: Request, response: Response) -> None:
    """Raises `OriginError` for a whole object that is too large for any cache that is asked.

    CloudFront: "Quotas": a part of it, asked for with Range, may be cached all the same.
    """
    length = response.headers.get("content-length") or ""
    if response.status != 200 or not length.isdecimal() or int(length) <= MAX_OBJECT_BYTES:
        return
    if behavior.cache_policy is not None and behavior.rules.covers(request):
        what = f"the origin's object has {int(length):,} bytes, above {MAX_OBJECT_BYTES:,}"
        hint = "ask for it in parts, with Range; or give its path a behavior with caching disabled"
        raise OriginError(what, where=behavior.origin.name, hint=hint, code="OriginError")


def from_origin(behavior: Behavior, response: Response, now: float) -> Response:
    """`response` without what CloudFront takes off, before any origin-response function.

    Vary may name nothing that is not forwarded, and cookies come back only where they go out.
    A response without a Date gets `now`.
    """
    headers = end_to_end(response.headers).without("via")
    if response.status == 101:
        return response
    if behavior.origin.is_bucket:
        headers = headers.without(*S3_FIELDS)
    if "date" not in headers:
        headers = headers.plus(("Date", format_date(now)))
    policy = behavior.cache_policy
    if policy is None:
        return response.with_headers(headers)
    if not forwards_cookies(policy, behavior.origin_request_policy):
        headers = headers.without("set-cookie")
    if "transfer-encoding" in response.headers:
        headers = headers.plus(("Transfer-Encoding", "chunked"))  # for as long as it is stored
    vary = headers.get("vary")
    if vary is not None:
        kept = ", ".join(name for name in map(str.strip, vary.split(",")) if _kept(name, behavior))
        headers = headers.with_("Vary", kept) if kept else headers.without("vary")
    return response.with_headers(headers)


def _kept(vary_name: str, behavior: Behavior) -> bool:
    """`*` stays where it forbids storing, that is, where the minimum TTL is 0."""
    name = vary_name.lower()
    if name in ("", "accept-encoding", "cookie"):
        return bool(name)
    policy, orp = behavior.cache_policy, behavior.origin_request_policy
    keyed = policy.headers.names if policy is not None else frozenset()
    if name == "*":
        return policy is not None and policy.min_ttl_s == 0
    if name in keyed or (orp is not None and orp.headers.takes(name)):
        return True
    added = orp.cloudfront_headers | orp.headers.names if orp is not None else frozenset()
    return name == "user-agent" and bool(DEVICE_HEADERS & (keyed | added))

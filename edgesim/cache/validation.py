"""Validation: ours of a stale response, and the viewer's of its own (RFC 9111 §4.3)."""

from __future__ import annotations

from ..http.dates import parse_date
from ..http.headers import Headers
from ..http.message import Request, Response
from .freshness import StoredResponse

CONDITIONS = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
"""The viewer's conditions, which a cache evaluates itself (RFC 9110 §13.1)."""

KEPT_ON_304 = frozenset({"content-encoding", "content-length", "content-range", "content-type"})
"""Fields that describe stored bytes, so that a 304 does not change them (RFC 9111 §3.2)."""

NOT_MODIFIED_FIELDS = frozenset(
    {
        "age",
        "cache-control",
        "content-location",
        "date",
        "etag",
        "expires",
        "last-modified",
        "set-cookie",
        "vary",
    }
)
"""What a 304 repeats of the response it stands for (RFC 9110 §15.4.5)."""


def unconditional(request: Request) -> Request:
    """`request` without the viewer's conditions, so that what comes back can be stored."""
    headers = request.headers.without(*CONDITIONS)
    return request if headers is request.headers else request.with_headers(headers)


def conditional(request: Request, stale: StoredResponse | None) -> Request:
    """`request`, asking only for news if `stale` has a validator (§4.3.1).

    What is stored whole is asked after as a whole, also for a range of it.
    """
    if stale is None:
        return request
    headers = request.headers
    if stale.response.status != 206:
        headers = headers.without("range", "if-range")
    if (etag := stale.response.headers.get("etag")) is not None:
        headers = headers.with_("If-None-Match", etag)
    if (modified := stale.response.headers.get("last-modified")) is not None:
        headers = headers.with_("If-Modified-Since", modified)
    return request.with_headers(headers)


def vouched_for(request: Request, stale: StoredResponse, answer: Response) -> bool:
    """Whether the answer to a HEAD is about `stale`, and so renews it (§4.3.5)."""
    if request.method != "HEAD" or answer.status != 200 or stale.response.status != 200:
        return False
    stored, told = stale.response.headers, answer.headers
    same = ("etag", "last-modified", "content-length")
    return all(told.get(name) in (None, stored.get(name)) for name in same)


def freshened(stale: StoredResponse, answer: Response) -> Response:
    """`stale` with what a 304 says anew (§4.3.4, §3.2)."""
    renewed = [line for line in answer.headers if line[0].lower() not in KEPT_ON_304]
    names = {name.lower() for name, _ in renewed}
    kept = stale.response.headers.without(*names)
    return stale.response.with_headers(kept.plus(*renewed))


def weakly_equal(one: str, other: str) -> bool:
    """Weak comparison of entity tags (RFC 9110 §8.8.3.2)."""
    return one.removeprefix("W/") == other.removeprefix("W/")


def entity_tags(value: str) -> list[str]:
    """The members of a list of entity tags; a comma may stand inside the quotes."""
    tags, rest = [], value.strip()
    while rest:
        start = rest.find('"')
        end = rest.find('"', start + 1)
        if start < 0 or end < 0:
            tags += [tag.strip() for tag in rest.split(",") if tag.strip()]
            break
        tags.append(rest[: end + 1].strip(" ,\t"))
        rest = rest[end + 1 :].lstrip(" ,\t")
    return tags


def answered_condition(request: Request, response: Response) -> Response:
    """304 or 412 where the viewer's conditions ask for it, else `response` (RFC 9110 §13.2.2)."""
    headers = request.headers
    if response.status not in (200, 206) or not headers.has_any(CONDITIONS):
        return response
    etag = response.headers.get("etag")
    modified = parse_date(response.headers.get("last-modified") or "")
    wanted = headers.get("if-match")
    unwanted = (
        _later(modified, headers.get("if-unmodified-since"))
        if wanted is None
        else not _matches_strongly(wanted, etag)
    )
    if unwanted:
        return Response(412, response.headers.only({"date", "etag", "age", "vary"}))
    if request.method not in ("GET", "HEAD"):
        return response
    if (known := headers.get("if-none-match")) is not None:
        tags = entity_tags(known)
        same = etag is not None and any(weakly_equal(tag, etag) for tag in tags)
        return not_modified(response) if same or "*" in tags else response
    since = parse_date(headers.get("if-modified-since") or "")
    if "last-modified" not in response.headers:
        modified = parse_date(response.headers.get("date") or "")  # RFC 9111 §4.3.2
    if since is not None and modified is not None and modified <= since:
        return not_modified(response)
    return response


def not_modified(response: Response) -> Response:
    """A 304 that stands for `response` (RFC 9110 §15.4.5)."""
    return Response(304, response.headers.only(NOT_MODIFIED_FIELDS))


def _matches_strongly(wanted: str, etag: str | None) -> bool:
    if wanted.strip() == "*":
        return True
    return etag is not None and not etag.startswith("W/") and etag in entity_tags(wanted)


def _later(modified: float | None, limit: str | None) -> bool:
    moment = parse_date(limit or "")
    return moment is not None and modified is not None and modified > moment


def range_still_applies(headers: Headers, response: Response) -> bool:
    """Whether If-Range lets a range be cut from `response` (RFC 9110 §13.1.5)."""
    condition = headers.get("if-range")
    if condition is None:
        return True
    if condition.startswith('"'):
        return condition == response.headers.get("etag")
    if condition.startswith("W/"):
        return False
    return condition == response.headers.get("last-modified")

"""Stored parts: what is asked of the next hop, and how an answer goes together with them.

RFC 9111 §3.4, RFC 9110 §15.3.7.3.
"""

from __future__ import annotations

from ..http.message import Request, Response
from .freshness import Selecting, StoredResponse
from .ranges import cut, held

COMPLETED_BYTES = 64 * 1024
"""More than this is not asked for by itself: what is still arriving cannot be put together."""


_TOLD = "content-range"


def answers(stored: StoredResponse, request: Request) -> bool:
    """Whether a stored part has all that `request` asks for; anything complete has."""
    response = stored.response
    return response.status != 206 or cut(request, response) is not response


def told_apart(response: Response) -> Selecting:
    """What several parts of one representation are kept apart by; nothing if it is whole."""
    told = response.headers.get(_TOLD)
    return ((_TOLD, told),) if response.status == 206 else ()


def outdone(old: StoredResponse, new: StoredResponse) -> bool:
    """Whether `old` is one of several parts, and `new` has it all or is of something else."""
    if not any(name == _TOLD for name, _ in old.selecting):
        return False
    mine, theirs = held(old.response), held(new.response)
    if mine is None or theirs is None or mine.complete != theirs.complete:
        return True
    within = theirs.start <= mine.start and mine.stop <= theirs.stop
    return within or not _same(old.response, new.response)


def _same(one: Response, other: Response) -> bool:
    """Whether both are of one representation: not without a validator."""
    names = ("etag", "last-modified")
    mine, theirs = ([one_of.headers.get(name) for name in names] for one_of in (one, other))
    return mine == theirs and any(value is not None for value in mine)


def completing(request: Request, part: StoredResponse | None) -> Request:
    """`request`, asking only for what `part` lacks of the whole.

    Only with a strong validator: without one the two could not be put together.
    """
    if part is None or request.method != "GET" or "range" in request.headers:
        return request
    source, etag = held(part.response), strong_etag(part.response)
    if source is None or etag is None or not _exact(part.response):
        return request
    if source.complete - (source.stop - source.start) > COMPLETED_BYTES:
        return request
    if source.start == 0:
        missing = f"bytes={source.stop}-"
    elif source.stop == source.complete:
        missing = f"bytes=0-{source.start - 1}"
    else:
        return request
    headers = request.headers.with_("Range", missing).with_("If-Range", etag)
    return request.with_headers(headers)


def combined(part: StoredResponse | None, answer: Response) -> Response:
    """`answer` together with `part` where they touch and are of one representation.

    The fields are those of `answer`, and of `part` where it has none.
    """
    if part is None or answer.status != 206 or strong_etag(answer) is None:
        return answer
    old, new = held(part.response), held(answer)
    mine, theirs = part.response.body, answer.body
    if old is None or new is None or not isinstance(mine, bytes) or not isinstance(theirs, bytes):
        return answer
    same = strong_etag(part.response) == strong_etag(answer) and old.complete == new.complete
    touching = old.start <= new.stop and new.start <= old.stop
    if not (same and touching and _exact(part.response) and _exact(answer)):
        return answer
    start, stop = min(old.start, new.start), max(old.stop, new.stop)
    before, after = mine[: max(0, new.start - old.start)], mine[max(0, new.stop - old.start) :]
    body = before + theirs + after
    kept = part.response.headers.without(*answer.headers.names())
    headers = kept.plus(*answer.headers).without("content-length", "content-range")
    if len(body) == old.complete:
        return Response(200, headers, body)
    told = f"bytes {start}-{stop - 1}/{old.complete}"
    return Response(206, headers.with_("Content-Range", told), body)


def strong_etag(response: Response) -> str | None:
    """The entity tag, if equal ones mean equal bytes (RFC 9110 §8.8.1)."""
    etag = response.headers.get("etag")
    return etag if etag is not None and etag.startswith('"') else None


def _exact(response: Response) -> bool:
    """Whether the body is as long as its Content-Range says."""
    source, body = held(response), response.body
    return (
        source is not None and isinstance(body, bytes) and len(body) == source.stop - source.start
    )

from __future__ import annotations

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.partial import (
    COMPLETED_BYTES,
    answers,
    combined,
    completing,
    outdone,
    told_apart,
)
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response

TEN = b"0123456789"


def part(first: int, last: int, etag: str | None = '"1"', **fields: str) -> Response:
    lines = [("Content-Range", f"bytes {first}-{last}/10"), *fields.items()]
    if etag is not None:
        lines.append(("ETag", etag))
    return Response(206, Headers(lines), TEN[first : last + 1])


def stored(response: Response) -> StoredResponse:
    return StoredResponse(response, 0, 0, 0, 0, 60)


def get(**fields: str) -> Request:
    return Request("GET", "/", Headers((k.replace("_", "-"), v) for k, v in fields.items()))


MISSING = [
    # stored             request                    asked for     why
    (part(0, 4), get(), "bytes=5-", "the rest, RFC 9111 §3.3"),
    (part(5, 9), get(), "bytes=0-4", "what comes before"),
    (part(3, 5), get(), None, "both ends are missing: one request for all"),
    (part(0, 4), get(Range="bytes=7-8"), "bytes=7-8", "somebody wants another part"),
    (
        part(0, 4, None),
        get(),
        None,
        "without a validator they could not be joined, RFC 9110 §15.3.7.3",
    ),
    (part(0, 4, 'W/"1"'), get(), None, "nor with a weak one"),
    (Response(206, part(0, 4).headers, b"012"), get(), None, "it is not what it says it is"),
    (part(0, 4), Request("HEAD", "/"), None, "a HEAD has no parts, RFC 9110 §14.2"),
]


@pytest.mark.parametrize(("kept", "request_", "asked", "why"), MISSING)
def test_completing(kept: Response, request_: Request, asked: str | None, why: str) -> None:
    wanted = completing(request_, stored(kept))
    assert wanted.headers.get("range") == asked, why
    by_us = asked is not None and "range" not in request_.headers
    assert (wanted.headers.get("if-range") == '"1"') is by_us, (
        "or the whole, if it changed, §13.1.5"
    )


def test_a_large_rest_is_not_asked_for_by_itself() -> None:
    length = COMPLETED_BYTES + 2
    told = Headers([("Content-Range", f"bytes 0-0/{length}"), ("ETag", '"1"')])
    assert "range" not in completing(get(), stored(Response(206, told, b"0"))).headers


COMBINED = [
    # stored      answer        status  body        why; RFC 9110 §15.3.7.3
    (part(0, 4), part(5, 9), 200, TEN, "together they are the whole"),
    (part(5, 9), part(0, 4), 200, TEN, "in either order"),
    (part(0, 6), part(3, 9), 200, TEN, "overlapping"),
    (part(2, 4), part(5, 6), 206, TEN[2:7], "a larger part"),
    (part(2, 7), part(3, 4), 206, TEN[2:8], "what lies within adds nothing"),
    (part(0, 3), part(5, 9), 206, TEN[5:], "a gap: the new one alone"),
    (part(0, 4), part(5, 9, '"2"'), 206, TEN[5:], "of another representation"),
    (part(0, 4, 'W/"1"'), part(5, 9, 'W/"1"'), 206, TEN[5:], "weakly the same is not enough"),
    (part(0, 4, None), part(5, 9, None), 206, TEN[5:], "nobody says they are the same"),
    (part(0, 4), Response(200, body=b"new"), 200, b"new", "the whole, anew"),
    (part(0, 4), Response(404), 404, b"", "gone"),
]


@pytest.mark.parametrize(("kept", "answer", "status", "body", "why"), COMBINED)
def test_combined(kept: Response, answer: Response, status: int, body: bytes, why: str) -> None:
    result = combined(stored(kept), answer)
    assert (result.status, result.body) == (status, body), why
    assert ("content-range" in result.headers) is (status == 206)


def test_fields_of_the_newer_response_win() -> None:
    old, new = part(0, 4, A="1", B="1"), part(5, 9, A="2")
    headers = combined(stored(old), new).headers
    assert (headers.get("a"), headers.get("b")) == ("2", "1"), "RFC 9111 §3.4"


def test_without_a_part_nothing_changes() -> None:
    request, answer = get(), part(0, 4)
    assert completing(request, None) is request
    assert combined(None, answer) is answer


def test_answers() -> None:
    assert answers(stored(Response(200, body=TEN)), get()), "whole responses answer all"
    assert answers(stored(part(0, 4)), get(Range="bytes=0-4"))
    assert not answers(stored(part(0, 4)), get())
    assert not answers(stored(part(0, 4)), get(Range="bytes=0-4", If_Range='"2"')), (
        "it wants the whole if this is not its representation, RFC 9110 §13.1.5"
    )


def one_of_several(response: Response) -> StoredResponse:
    return StoredResponse(response, 0, 0, 0, 0, 60, selecting=told_apart(response))


WHOLE = Response(200, Headers([("ETag", '"1"')]), TEN)
OUTDONE = [
    # stored      what comes    outdone  why
    (part(0, 4), WHOLE, True, "the whole has it all"),
    (part(2, 3), part(0, 4), True, "a larger part has it as well"),
    (part(0, 4), part(2, 3), False, "a smaller one has not"),
    (part(0, 4), part(3, 6), False, "half of it"),
    (part(0, 4), part(8, 9), False, "another part of the same"),
    (part(0, 4), part(8, 9, '"2"'), True, "of something else"),
    (part(0, 4, None), part(8, 9, None), True, "nobody says it is of the same"),
    (
        part(0, 4, None, **{"Last-Modified": "x"}),
        part(8, 9, None, **{"Last-Modified": "x"}),
        False,
        "a date says so",
    ),
    (WHOLE, part(0, 4), False, "it is no part"),
]


@pytest.mark.parametrize(("old", "new", "expected", "why"), OUTDONE)
def test_outdone(old: Response, new: Response, expected: bool, why: str) -> None:
    assert outdone(one_of_several(old), one_of_several(new)) is expected, why


def test_a_part_that_stands_alone_is_no_business_of_the_others() -> None:
    assert not outdone(stored(part(0, 4)), stored(WHOLE)), "RFC 9111 keeps one of each variant"

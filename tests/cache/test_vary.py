from __future__ import annotations

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.vary import matches, selected, selecting_fields
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response


def varying(request: Request, vary: str | None, response_time: float = 0) -> StoredResponse:
    response = Response(200, Headers([] if vary is None else [("Vary", vary)]))
    selecting = selecting_fields(request, response)
    return StoredResponse(response, 0, response_time, 0, 0, 60, selecting=selecting)


def get(**fields: str) -> Request:
    return Request("GET", "/", Headers((k.replace("_", "-"), v) for k, v in fields.items()))


MATCHES = [
    # Vary            asked then                 asked now                   same   why
    (None, get(), get(accept="a"), True, "nothing to tell them apart"),
    ("Accept", get(accept="a"), get(accept="a"), True, "RFC 9111 §4.1"),
    ("Accept", get(accept="a"), get(accept="b"), False, "§4.1"),
    ("accept", get(Accept="a"), get(ACCEPT="a"), True, "names have no case"),
    ("Accept", get(), get(), True, "absent both times"),
    ("Accept", get(), get(accept=""), False, "absent is not empty"),
    ("Accept", get(accept="a,b"), get(accept="a ,  b"), True, "white space between members"),
    ("Accept", get(accept="a,b"), get(accept="b,a"), False, "order is not ours to judge"),
    (
        "Accept-Language",
        get(accept_language="en, de"),
        get(accept_language="de, EN;q=1.0"),
        True,
        "order and case mean nothing, RFC 9110 §12.5.4",
    ),
    (
        "Accept-Language",
        get(accept_language="en, de"),
        get(accept_language="en, de;q=0.5"),
        False,
        "weights do, §12.4.2",
    ),
    (
        "Accept-Encoding",
        get(accept_encoding="gzip, br"),
        get(accept_encoding="br,gzip"),
        True,
        "nor here, §12.5.3",
    ),
    ("A, B", get(a="1", b="2"), get(b="2", a="1"), True, "each of them"),
    ("A, B", get(a="1", b="2"), get(a="1", b="3"), False, "each of them"),
    ("*", get(), get(), False, "never the same, §4.1"),
    ("A, *", get(a="1"), get(a="1"), False, "nor with a star among others"),
    ("A,, ", get(a="1"), get(a="1"), True, "empty members name nothing"),
]


@pytest.mark.parametrize(("vary", "then", "now", "same", "why"), MATCHES)
def test_matches(vary: str | None, then: Request, now: Request, same: bool, why: str) -> None:
    assert matches(varying(then, vary), now) is same, why


def test_of_several_that_fit_the_newest_is_taken() -> None:
    old, new = varying(get(), None, 1), varying(get(), None, 2)
    assert selected((old, new), get()) is new, "RFC 9111 §4.1"
    assert selected((new, old), get()) is new
    assert selected((varying(get(), "*"),), get()) is None

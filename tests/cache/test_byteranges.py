from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest

from edgesim.cache.byteranges import Span, ascending, several
from edgesim.http.headers import Headers
from edgesim.http.message import Response

ORDERS: list[tuple[list[Span], bool, str]] = [
    ([(0, 2), (5, 7)], True, "one after the other"),
    ([(0, 2), (2, 4)], True, "touching is not overlapping"),
    ([(0, 3), (2, 4)], False, "overlapping, RFC 9110 §14.2"),
    ([(5, 7), (0, 2)], False, "backwards"),
    ([(0, 2), (0, 2)], False, "twice the same"),
    ([(0, 2)], True, "one alone"),
]


@pytest.mark.parametrize(("spans", "expected", "why"), ORDERS)
def test_ascending(spans: list[Span], expected: bool, why: str) -> None:
    assert ascending(spans) is expected, why


def parts_of(response: Response) -> list[tuple[Any, Any, Any]]:
    """What a reader of MIME makes of it: type, Content-Range and bytes of each part."""
    head = f"Content-Type: {response.headers.get('content-type')}\r\n\r\n".encode()
    assert isinstance(response.body, bytes)
    message = BytesParser(policy=HTTP).parsebytes(head + response.body)
    return [
        (part["content-type"], part["content-range"], part.get_payload(decode=True))
        for part in message.iter_parts()
    ]


def test_each_part_says_what_it_is() -> None:
    whole = Response(
        200, Headers([("Content-Type", "text/plain"), ("ETag", '"1"'), ("Content-Length", "10")])
    )
    made = several(whole, b"0123456789", [(0, 2), (7, 10)])
    assert made.status == 206
    assert parts_of(made) == [
        ("text/plain", "bytes 0-1/10", b"01"),
        ("text/plain", "bytes 7-9/10", b"789"),
    ], "RFC 9110 §15.3.7.2"
    assert "content-range" not in made.headers, "the parts have it, §15.3.7.2"
    assert made.headers.get("etag") == '"1"', "and so are validators kept, §15.3.7"
    assert "content-length" not in made.headers, "it was the whole's"


def test_a_part_without_a_type_has_none() -> None:
    assert b"Content-Type" not in bytes(several(Response(200), b"01234", [(0, 1)]).body)  # type: ignore[arg-type]


def test_the_boundary_is_nowhere_in_the_body() -> None:
    body = b"--edgesim-0\r\n--edgesim-1\r\n"
    made = several(Response(200), body, [(0, 5), (6, len(body))])
    assert (made.headers.get("content-type") or "").endswith("boundary=edgesim-2")
    assert [part for _, _, part in parts_of(made)] == [body[:5], body[6:]]

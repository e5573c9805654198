from __future__ import annotations

import pytest

from edgesim.cache.freshness import StoredResponse
from edgesim.cache.store import ENTRY_BYTES, MAX_VARIANTS, Store
from edgesim.http.headers import Headers
from edgesim.http.message import Response


def stored(body: bytes = b"", selecting: str = "") -> StoredResponse:
    fields = (("accept", selecting),) if selecting else ()
    return StoredResponse(Response(200, body=body), 0, 0, 0, 0, 60, selecting=fields)


A, B, C = ("/a",), ("/b",), ("/c",)


def test_a_store_counts_keys_heads_and_bodies() -> None:
    store = Store()
    kept = StoredResponse(Response(200, Headers([("ab", "cde")]), b"12345678"), 0, 0, 0, 0, 60)
    store.put(A, kept)
    assert store.size_bytes == kept.size_bytes == ENTRY_BYTES + 2 + 5 + 8
    store.forget(A)
    assert (store.size_bytes, len(store), kept.live) == (0, 0, False)


def test_the_least_recently_used_goes_first() -> None:
    store = Store(capacity_bytes=3 * (ENTRY_BYTES + 2))
    first, second, third, fourth = (stored() for _ in range(4))
    for key, kept in ((A, first), (B, second), (C, third)):
        store.put(key, kept)
    store.find(A)
    store.put(("/d",), fourth)
    assert [kept.live for kept in (first, second, third, fourth)] == [True, False, True, True]
    assert store.find(B) == ()
    assert store.size_bytes <= store.capacity_bytes


def test_what_is_larger_than_the_store_is_not_kept() -> None:
    store = Store(capacity_bytes=ENTRY_BYTES + 10)
    kept = stored(b"x" * 100)
    store.put(A, kept)
    assert (store.size_bytes, kept.live) == (0, False)


def test_a_response_replaces_the_one_for_the_same_fields() -> None:
    store = Store()
    old, other, new = stored(selecting="a"), stored(selecting="b"), stored(selecting="a")
    for kept in (old, other, new):
        store.put(A, kept)
    assert store.find(A) == (other, new), "oldest first, RFC 9111 §4.1"
    assert (old.live, other.live, new.live) == (False, True, True)
    assert store.size_bytes == other.size_bytes + new.size_bytes


def test_variants_are_bounded() -> None:
    store = Store()
    variants = [stored(selecting=str(n)) for n in range(MAX_VARIANTS + 3)]
    for kept in variants:
        store.put(A, kept)
    assert store.find(A) == tuple(variants[3:]), "the oldest make room"
    assert [kept.live for kept in variants[:4]] == [False, False, False, True]
    assert store.size_bytes == sum(kept.size_bytes for kept in variants[3:])


def test_settle_counts_a_body_that_has_arrived() -> None:
    store = Store()
    kept = stored()
    store.put(A, kept)
    kept.response = Response(200, body=b"x" * 100)
    store.settle(A, kept)
    assert store.size_bytes == ENTRY_BYTES + 2 + 100
    store.forget(A)
    store.settle(A, kept)
    assert store.size_bytes == 0, "nothing is counted that is no longer there"


def test_settle_makes_room() -> None:
    store = Store(capacity_bytes=2 * (ENTRY_BYTES + 10))
    old, new = stored(), stored()
    store.put(A, old)
    store.put(B, new)
    new.response = Response(200, body=b"x" * 20)
    store.settle(B, new)
    assert (old.live, new.live) == (False, True)


def test_drop_forgets_one_variant() -> None:
    store = Store()
    one, other = stored(selecting="a"), stored(selecting="b")
    store.put(A, one)
    store.put(A, other)
    store.drop(A, one)
    assert store.find(A) == (other,)
    store.drop(A, one)
    store.drop(A, other)
    assert (len(store), store.size_bytes) == (0, 0)


REFUSED = [
    # content-type, body bytes, reason, why
    ("text/html", 10, None, "an ordinary one"),
    ("text/html", 2000, "too-large", "larger than the whole store"),
    ("text/event-stream", 1, "endless", "it goes on for as long as somebody listens"),
    ("Multipart/X-Mixed-Replace; boundary=b", 1, "endless", "types have no case, RFC 9110 §8.3.1"),
]


@pytest.mark.parametrize(("kind", "length", "reason", "why"), REFUSED)
def test_refusal(kind: str, length: int, reason: str | None, why: str) -> None:
    response = Response(200, Headers([("Content-Type", kind)]), bytes(length))
    assert Store(capacity_bytes=1000).refusal(response) == reason, why


PATTERNS = [
    # pattern      forgotten                       why; CloudFront: "Invalidate files"
    ("/a", {"/a"}, "exactly that"),
    ("/a?x=1", {"/a?x=1"}, "the query belongs to it"),
    ("/a*", {"/a", "/a?x=1", "/a/b", "/ab"}, "a star at the end"),
    ("/a/*", {"/a/b"}, "a star behind a slash"),
    ("/*", {"/a", "/a?x=1", "/a/b", "/ab", "/A", "/*b"}, "everything"),
    ("/A", {"/A"}, "case counts"),
    ("/*b", {"/*b"}, "a star elsewhere is a star"),
    ("/a?", set(), "a question mark is no wildcard"),
    ("/.", set(), "nor is a dot"),
    ("/nothing", set(), "nothing is there"),
]


@pytest.mark.parametrize(("pattern", "forgotten", "why"), PATTERNS)
def test_invalidate(pattern: str, forgotten: set[str], why: str) -> None:
    store = Store()
    kept = {path: stored() for path in ("/a", "/a?x=1", "/a/b", "/ab", "/A", "/*b")}
    for path, response in kept.items():
        store.put((path, "more of the key"), response)
    assert store.invalidate(pattern) == len(forgotten), why
    assert {path for path, response in kept.items() if not response.live} == forgotten, why
    assert len(store) == len(kept) - len(forgotten)

from __future__ import annotations

from collections import OrderedDict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgesim.cache import eras
from edgesim.cache import store as store_module
from edgesim.cache.bans import invalidation_pattern
from edgesim.cache.freshness import StoredResponse
from edgesim.cache.store import ENTRY_BYTES, FIELD_BYTES, MAX_VARIANTS, Store
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
    assert store.size_bytes == kept.size_bytes == ENTRY_BYTES + FIELD_BYTES + 2 + 5 + 8
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


def test_a_large_store_forgets_at_once_and_gives_memory_back_bit_by_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_module, "AT_ONCE", 10)
    store = Store()
    kept = {number: stored() for number in range(100)}
    for number, response in kept.items():
        store.put((f"/{number}",), response)
    assert store.invalidate("/*") == 10, "so many were looked at"
    assert not any(response.live for response in kept.values())
    assert len(store) == 90
    store.put(A, stored())
    for _ in range(20):
        store.find(A)
    assert (len(store), len(store.find(A))) == (1, 1), "what came after is not concerned"
    assert store.size_bytes == store.find(A)[0].size_bytes


def test_what_is_large_pushes_out_the_oldest_eras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "AT_ONCE", 10)
    monkeypatch.setattr(eras, "KEYS_OF_AN_ERA", 4)
    store = Store(capacity_bytes=100 * (ENTRY_BYTES + 10))
    kept = [stored() for _ in range(100)]
    for number, response in enumerate(kept):
        store.put((f"/{number}",), response)
    large = stored(bytes(50 * ENTRY_BYTES))
    store.put(A, large)
    assert large.live
    assert store.size_bytes <= store.capacity_bytes
    alive = [response.live for response in kept]
    assert alive == sorted(alive), "the oldest"
    assert 45 <= sum(alive) <= 50, "and hardly more than it takes"
    assert len(store) == 91, "their memory is given back later"
    for _ in range(20):
        store.find(A)
    assert len(store) == 1 + sum(alive)


PATHS = ["/a", "/a?x=1", "/a/b", "/ab", "/b", "/c"]
PATTERN_CHOICES = ["/a", "/a*", "/a/*", "/*", "/b", "/nothing*"]
steps = st.lists(
    st.tuples(st.just("put"), st.sampled_from(PATHS), st.integers(0, 3000), st.sampled_from("xyz"))
    | st.tuples(st.just("find"), st.sampled_from(PATHS))
    | st.tuples(st.just("settle"), st.sampled_from(PATHS), st.integers(0, 3000))
    | st.tuples(st.just("drop"), st.sampled_from(PATHS))
    | st.tuples(st.just("forget"), st.sampled_from(PATHS))
    | st.tuples(st.just("forget_where"), st.sampled_from(PATHS))
    | st.tuples(st.just("invalidate"), st.sampled_from(PATTERN_CHOICES)),
    max_size=60,
)


class Model:
    """The same store, as slow as it is simple."""

    def __init__(self) -> None:
        self.kept: OrderedDict[str, list[StoredResponse]] = OrderedDict()

    def forget(self, doomed: set[str]) -> None:
        for path in doomed & self.kept.keys():
            del self.kept[path]

    def use(self, path: str) -> list[StoredResponse]:
        if path in self.kept:
            self.kept.move_to_end(path)
        return self.kept.get(path, [])


def play(store: Store, model: Model, step: tuple[object, ...]) -> None:
    path = str(step[1])
    key, known = (path,), model.use(path) if step[0] in ("put", "find", "settle", "drop") else []
    match step:
        case ("put", _, int(length), str(selecting)):
            response = stored(bytes(length), selecting)
            rest = [old for old in known if old.selecting != response.selecting]
            model.kept[path] = [*rest, response]
            model.kept.move_to_end(path)
            store.put(key, response)
        case ("find", _):
            assert list(store.find(key)) == known
        case ("settle", _, int(length)) if known:
            known[0].response = Response(200, body=bytes(length))
            store.settle(key, known[0])
        case ("drop", _) if known:
            store.drop(key, known.pop(0))
            model.forget({path} if not known else set())
        case ("forget", _):
            store.forget(key)
            model.forget({path})
        case ("forget_where", _):
            store.forget_where(path.__eq__)
            model.forget({path})
        case ("invalidate", _):
            store.invalidate(path)
            model.forget(set(filter(invalidation_pattern(path).fullmatch, model.kept)))


def evict(model: Model) -> None:
    """What the store evicted goes from the model as well, and must be the least recently used."""
    gone = [path for path, variants in model.kept.items() if not variants[-1].live]
    assert gone == list(model.kept)[: len(gone)], "the least recently used"
    model.forget(set(gone))


@pytest.mark.parametrize("slow", [False, True], ids=["at once", "in slices"])
@given(steps)
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_happens(
    monkeypatch: pytest.MonkeyPatch, slow: bool, script: list[tuple[object, ...]]
) -> None:
    """Never over the budget, nothing invalidated, counted exactly, the least recent out first."""
    for module, name in (
        (store_module, "AT_ONCE"),
        (store_module, "IN_PASSING"),
        (eras, "KEYS_OF_AN_ERA"),
    ):
        monkeypatch.setattr(module, name, 2 if slow else 1000)
    store, model = Store(capacity_bytes=5 * ENTRY_BYTES), Model()
    for step in script:
        before = set(model.kept)
        play(store, model, step)
        evict(model)
        if step[0] not in ("put", "settle"):
            assert set(model.kept) <= before
        assert store.size_bytes <= store.capacity_bytes
        live = {kept for variants in model.kept.values() for kept in variants}
        assert all(kept.live for kept in live)
        shelves = [shelf for shelf in store._shelves._all if shelf.era >= store._eras.oldest]
        parts = [kept.size_bytes for shelf in shelves for kept in shelf.variants]
        assert store.size_bytes == sum(parts) == sum(store._eras.bytes_in.values())
        assert {kept for shelf in shelves if shelf.holds() for kept in shelf.variants} == live
        assert [store._shelves[shelf.index] for shelf in store._shelves._all] == store._shelves._all
    for _ in range(100):
        store.tidy(10)
    assert store.size_bytes == sum(kept.size_bytes for v in model.kept.values() for kept in v)
    assert len(store) == len(model.kept), "all memory is given back"

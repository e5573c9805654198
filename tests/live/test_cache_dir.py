"""A store before and after a restart: the same directory, another `CacheDir`."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cache.bans import invalidation_pattern
from edgesim.cache.freshness import StoredResponse
from edgesim.cache.store import CacheKey, Store
from edgesim.errors import ConfigError, OriginError
from edgesim.http.headers import Headers
from edgesim.http.message import Response, Stream, size_bytes
from edgesim.live import cache_dir as module
from edgesim.live.body_files import BodyFile
from edgesim.live.cache_dir import BUDGET_BYTES, CacheDir
from edgesim.live.cache_index import BODIES, IN_ROW_BYTES, NAME, ROW_BYTES
from edgesim.live.recording import IN_MEMORY_BYTES, PIECE_BYTES, Recording

from .conftest import whole

A, B = ("/a", "gzip"), ("/b", "gzip")
LARGE = IN_MEMORY_BYTES + PIECE_BYTES + 7


class Opened:
    """A directory, a store before it, and what a user was told."""

    def __init__(self, folder: Path, budget_bytes: int, capacity_bytes: int) -> None:
        self.told: list[str] = []
        self.directory = CacheDir(folder, self.told.append, budget_bytes)
        self.store = Store(capacity_bytes)
        self.directory.attach("pop", self.store)

    async def written(self) -> None:
        await self.directory.forgotten()


@asynccontextmanager
async def opened(
    folder: Path, budget_bytes: int = BUDGET_BYTES, capacity_bytes: int = 1 << 30
) -> AsyncIterator[Opened]:
    opened = Opened(folder, budget_bytes, capacity_bytes)
    try:
        yield opened
    finally:
        await opened.directory.close()


def stored(body: bytes | Stream = b"", selecting: str = "", **times: Any) -> StoredResponse:
    headers = Headers([("Content-Type", "text/plain"), ("ETag", '"1"')])
    chosen = (("accept", selecting),) if selecting else ()
    usual = {"request_time": 1.25, "response_time": 2.5, "date_value": 2.0, "age_value": 3}
    return StoredResponse(
        Response(200, headers, body), **(usual | {"lifetime": 60} | times), selecting=chosen
    )


async def recorded(body: bytes) -> Stream:
    """`body` as it comes from an origin and is kept, complete."""

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 100_000):
            yield body[at : at + 100_000]

    settled: asyncio.Future[Stream | bytes | None] = asyncio.get_running_loop().create_future()
    Recording(chunks(), len(body)).kept(settled.set_result, 1 << 30)
    outcome = await settled
    assert isinstance(outcome, Recording)
    return outcome


def bytes_of(length: int, salt: int = 0) -> bytes:
    return b"".join(b"%015d\n" % (n + salt) for n in range(length // 16 + 1))[:length]


def body_file(folder: Path) -> Path:
    (file,) = (folder / BODIES).iterdir()
    return file


# ---------------------------------------------------------------- what comes back is what was put

text = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=20)
finite = st.floats(allow_nan=False, allow_infinity=False)
responses = st.builds(
    Response,
    status=st.sampled_from([200, 206, 301, 404, 500]),
    headers=st.builds(Headers, st.lists(st.tuples(text, text), max_size=5)),
    body=st.binary(max_size=300)
    | st.sampled_from([IN_ROW_BYTES, IN_ROW_BYTES + 1, IN_MEMORY_BYTES, LARGE]).map(bytes_of),
    reason=text,
)
any_stored = st.builds(
    StoredResponse,
    responses,
    request_time=finite,
    response_time=st.floats(-1e15, 1e15),
    date_value=finite,
    age_value=st.integers(0, 2**31),
    lifetime=st.integers(0, 2**31),
    origin_status=st.sampled_from([200, 500]),
    selecting=st.lists(st.tuples(text, st.none() | text), max_size=2).map(tuple),
    always_validate=st.booleans(),
    stale_while_revalidate=st.integers(0, 2**31),
    stale_if_error=st.none() | st.integers(0, 2**31),
    spared_until=finite,
    tags=st.lists(text, max_size=2).map(tuple),
)
keys = st.tuples(st.text(max_size=10).map("/{}".format), text)


def content(one: StoredResponse) -> dict[str, object]:
    """All that a stored response says, apart from where it is kept and its body."""
    said = {field.name: getattr(one, field.name) for field in fields(one) if field.name != "place"}
    return said | {"response": (one.response.status, one.response.reason, one.response.headers)}


@given(st.lists(st.tuples(keys, any_stored), max_size=6))
@settings(max_examples=40, deadline=None)
def test_what_comes_back_is_what_was_put(script: list[tuple[CacheKey, StoredResponse]]) -> None:
    async def restart(folder: Path) -> None:
        async with opened(folder) as before:
            for key, one in script:
                before.store.put(key, one)
                if size_bytes(one.response.body) > IN_MEMORY_BYTES:
                    body = await recorded(await whole(one.response.body))
                    one.response = Response(
                        one.response.status, one.response.headers, body, one.response.reason
                    )
                    before.store.settle(key, one)
            expected = {key: before.store.find(key) for key, _ in script}
        async with opened(folder) as after:
            assert len(after.store) == 0, "nothing is loaded before it is asked for"
            for key, variants in expected.items():
                found = after.store.find(key)
                assert list(map(content, found)) == list(map(content, variants))
                for one, other in zip(found, variants, strict=True):
                    assert await whole(one.response.body) == await whole(other.response.body)
                    assert one.live
            assert after.told == []

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(restart(Path(folder) / "cache"))


PATHS = ["/a", "/a?x=1", "/a/b", "/b", "/ä"]
TAGGED = {"#one": ["/a", "/b"], "#two": ["/b"], "#o": []}
"""Which paths have a tag."""


def tags_at(path: str) -> tuple[str, ...]:
    return tuple(tag.removeprefix("#") for tag, paths in TAGGED.items() if path in paths)


steps = st.lists(
    st.tuples(st.just("put"), st.sampled_from(PATHS), st.sampled_from("xy"))
    | st.tuples(st.just("start"), st.sampled_from(PATHS), st.sampled_from("xy"))
    | st.tuples(st.just("settle"), st.sampled_from(PATHS))
    | st.tuples(st.just("drop"), st.sampled_from(PATHS))
    | st.tuples(st.just("forget"), st.sampled_from(PATHS))
    | st.tuples(st.just("forget_where"), st.sampled_from(PATHS))
    | st.tuples(st.just("invalidate"), st.sampled_from(["/a", "/a*", "/a/*", "/*", "/ä*", *TAGGED]))
    | st.tuples(st.just("find"), st.sampled_from(PATHS))
    | st.tuples(st.just("written"), st.just("/")),
    max_size=30,
)
Known = dict[str, dict[str, tuple[bytes, bool]]]
"""By path and variant: the body, and whether it is complete."""


def invalidated(pattern: str, known: Known) -> list[str]:
    matches, tagged = invalidation_pattern(pattern).fullmatch, TAGGED.get(pattern, ())
    return [path for path in known if matches(path) or path in tagged]


async def play(opened: Opened, known: Known, step: tuple[str, ...], number: int) -> None:
    what, path = step[0], step[1]
    store, key, body = opened.store, (path, "key"), b"%d" % number
    match what:
        case "put" | "start":
            variants = known.setdefault(path, {})
            variants.pop(step[2], None)
            variants[step[2]] = (body, what == "put")
            whole_or_not: Any = body if what == "put" else Arriving()
            store.put(key, stored(whole_or_not, step[2], tags=tags_at(path)))
        case "settle" | "drop":
            for one in store.find(key):
                if isinstance(one.response.body, bytes):
                    continue
                name = str(one.selecting[0][1])
                if what == "drop":
                    store.drop(key, one)
                    del known[path][name]
                else:
                    one.response = Response(200, one.response.headers, known[path][name][0])
                    store.settle(key, one)
                    known[path][name] = (known[path][name][0], True)
        case "forget":
            store.forget(key)
            known.pop(path, None)
        case "forget_where":
            store.forget_where(path.__eq__)
            known.pop(path, None)
        case "invalidate":
            store.invalidate(path)
            for gone in invalidated(path, known):
                del known[gone]
        case "find":
            store.find(key)
        case "written":
            await opened.written()


class Arriving:
    """A body that is not complete."""

    length: int | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        raise AssertionError

    def kept(self, settled: Any, limit_bytes: int) -> Stream:
        raise AssertionError

    def part(self, first: int, stop: int) -> Stream:
        raise AssertionError

    def coded(self, coder: Any) -> Stream:
        raise AssertionError


@pytest.mark.parametrize("capacity_bytes", [1 << 30, 4_000], ids=["roomy", "evicting"])
@given(st.lists(steps, min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_whatever_happens_and_however_often_it_restarts(
    capacity_bytes: int, scripts: list[list[tuple[str, ...]]]
) -> None:
    """What was complete is there, what was replaced, dropped or invalidated never comes back."""

    async def restarts(folder: Path) -> None:
        known: Known = {}
        for script in [*scripts, []]:
            async with opened(folder, capacity_bytes=capacity_bytes) as edge:
                for path in PATHS:
                    expected = [body for body, _ in known.get(path, {}).values()]
                    found = edge.store.find((path, "key"))
                    assert [one.response.body for one in found] == expected
                for number, step in enumerate(script):
                    await play(edge, known, step, number)
                    if capacity_bytes < 1 << 30:
                        # a body that is evicted while it arrives is nowhere
                        forget_evicted(edge.store, known)
                    for path in PATHS:
                        bodies = {body for body, _ in known.get(path, {}).values()}
                        for one in edge.store.find((path, "key")):
                            body = one.response.body
                            assert not isinstance(body, bytes) or body in bodies
                if capacity_bytes < 1 << 30:
                    forget_evicted(edge.store, known)
            for path, variants in list(known.items()):
                known[path] = {name: one for name, one in variants.items() if one[1]}
            assert edge.told == []

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(restarts(Path(folder)))


def forget_evicted(store: Store, known: Known) -> None:
    live = {key[0] for key in store.keys_by_use()}
    for path, variants in list(known.items()):
        if path not in live:
            known[path] = {name: one for name, one in variants.items() if one[1]}


# ---------------------------------------------------------------- order, budget, what is under way


async def test_the_order_of_use_survives_a_clean_stop(tmp_path: Path) -> None:
    cost = ROW_BYTES + 1000
    async with opened(tmp_path) as edge:
        for number in range(20):
            edge.store.put((f"/{number}",), stored(bytes(500)))
        edge.store.find(("/3",))
    async with opened(tmp_path, budget_bytes=10 * cost) as edge:
        edge.store.put(("/20",), stored(bytes(500)))
        await edge.written()
        there = [number for number in range(21) if edge.store.find((f"/{number}",))]
        assert 3 in there, "it was used after the others had been put"
        assert [number for number in there if number != 3] == list(range(23 - len(there) - 1, 21))
        assert 8 <= len(there) <= 12


async def test_what_the_budget_has_no_room_for_goes_with_its_file(tmp_path: Path) -> None:
    async with opened(tmp_path, budget_bytes=3 * LARGE) as edge:
        for number in range(5):
            body = await recorded(bytes_of(LARGE, number))
            edge.store.put((f"/{number}",), stored(body))
            edge.store.settle((f"/{number}",), edge.store.find((f"/{number}",))[0])
        edge.store.put(A, stored(bytes(4 * LARGE)))
        await edge.written()
        assert len(list((tmp_path / BODIES).iterdir())) == 2
    async with opened(tmp_path) as edge:
        assert [bool(edge.store.find((f"/{number}",))) for number in range(5)] == [
            False, False, False, True, True,
        ]  # fmt: skip
        assert edge.store.find(A) == (), "larger than the whole budget"


async def test_what_was_evicted_from_memory_is_found_on_the_disk(tmp_path: Path) -> None:
    async with opened(tmp_path, capacity_bytes=3000) as edge:
        edge.store.put(A, stored(b"1" * 500))
        edge.store.put(B, stored(b"2" * 500))
        await edge.written()
        assert len(edge.store) == 1
        assert edge.store.find(A)[0].response.body == b"1" * 500


@contextmanager
def held(directory: CacheDir) -> Iterator[None]:
    """Meanwhile the writer writes nothing."""
    go = threading.Event()
    directory._writer.submit(lambda _: go.wait())
    try:
        yield
    finally:
        go.set()


OVERTAKEN: list[tuple[Callable[[Store], object], str]] = [
    (lambda store: store.invalidate("/a*"), "an invalidation"),
    (lambda store: store.invalidate("#one"), "an invalidation of a tag that it has"),
    (lambda store: store.forget_where("/a".__eq__), "an edit of what made it"),
    (lambda store: store.forget(A), "a POST to the same path, RFC 9111 §4.4"),
    (lambda store: store.put(A, stored(Arriving())), "a response that is still arriving"),
]


@pytest.mark.parametrize(("overtake", "why"), OVERTAKEN, ids=[why for _, why in OVERTAKEN])
async def test_nothing_comes_back_while_a_change_waits_to_be_written(
    tmp_path: Path, overtake: Callable[[Store], object], why: str
) -> None:
    async with opened(tmp_path, capacity_bytes=3000) as edge:
        edge.store.put(A, stored(b"old", tags=("one",)))
        await edge.written()
        with held(edge.directory):
            overtake(edge.store)
            edge.store.put(B, stored(bytes(500)))  # which pushes A out of the memory
            edge.store.put(("/c",), stored(bytes(500)))
            assert edge.store.find(A) == (), why
        await edge.written()
        assert edge.store.find(A) == (), why


async def test_where_writing_cannot_keep_up_the_disk_has_less_and_nothing_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BEHIND", 3)
    async with opened(tmp_path) as edge:
        edge.store.put(("/5",), stored(b"old"))
        await edge.written()
        with held(edge.directory):
            for number in range(10):
                edge.store.put((f"/{number}",), stored(b"new"))
    async with opened(tmp_path) as edge:
        there = [len(edge.store.find((f"/{number}",))) for number in range(10)]
        assert there == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]


# ---------------------------------------------------------------- damage


async def kept_in(folder: Path, length: int) -> None:
    """Leave a directory with one response of that length, put under A."""
    async with opened(folder) as edge:
        edge.store.put(A, stored(b""))
        one = edge.store.find(A)[0]
        body = await recorded(bytes_of(length)) if length > IN_MEMORY_BYTES else bytes_of(length)
        one.response = Response(200, one.response.headers, body)
        edge.store.settle(A, one)


def cut(folder: Path) -> None:
    file = body_file(folder)
    file.write_bytes(file.read_bytes()[:-1])


def altered(folder: Path) -> None:
    file = body_file(folder)
    content = file.read_bytes()
    file.write_bytes(b"?" + content[1:])


def swapped(folder: Path) -> None:
    """Another body, as long as this one."""
    file = body_file(folder)
    file.write_bytes(bytes_of(file.stat().st_size, 1))


def in_the_index(query: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        connection = sqlite3.connect(folder / NAME)
        with connection:
            connection.execute(query)
        connection.close()

    return change


SMALL, MIDDLE = 100, IN_ROW_BYTES + 1
DAMAGED = [
    (MIDDLE, cut, "a file that lacks its last byte"),
    (MIDDLE, altered, "a byte is another"),
    (MIDDLE, swapped, "another body"),
    (MIDDLE, lambda folder: body_file(folder).unlink(), "a file that is gone"),
    (LARGE, cut, "a large file that lacks its last byte"),
    (SMALL, in_the_index("UPDATE stored SET body = x'00'"), "another body in the row"),
    (SMALL, in_the_index("UPDATE stored SET head = replace(head, '200', '201')"), "another head"),
    (MIDDLE, in_the_index("UPDATE stored SET length = length - 1"), "another length"),
    (MIDDLE, in_the_index("UPDATE stored SET seals = x''"), "no seals"),
]


@pytest.mark.parametrize(("length", "damage", "why"), DAMAGED, ids=[why for *_, why in DAMAGED])
async def test_what_is_damaged_is_ignored_with_one_message(
    tmp_path: Path, length: int, damage: Callable[[Path], None], why: str
) -> None:
    await kept_in(tmp_path, length)
    damage(tmp_path)
    async with opened(tmp_path) as edge:
        assert edge.store.find(A) == (), why
        assert edge.store.find(A) == ()
        (said,) = edge.told
        assert str(tmp_path) in said
        assert "is not used" in said
        edge.store.put(A, stored(b"new"))
    async with opened(tmp_path) as edge:
        assert edge.store.find(A)[0].response.body == b"new"
        assert edge.told == []


async def test_a_large_body_breaks_off_before_its_damaged_piece_and_is_forgotten(
    tmp_path: Path,
) -> None:
    await kept_in(tmp_path, LARGE)
    file = body_file(tmp_path)
    content = bytearray(file.read_bytes())
    content[PIECE_BYTES + 5] ^= 1
    file.write_bytes(content)
    async with opened(tmp_path) as edge:
        body = edge.store.find(A)[0].response.body
        assert isinstance(body, BodyFile)
        assert await whole(body.part(3, 9)) == bytes_of(9)[3:], "a part that is as it was"
        pieces = aiter(body)
        assert await anext(pieces) == bytes_of(PIECE_BYTES)
        with pytest.raises(OriginError, match="damaged"):
            await anext(pieces)
        assert edge.store.find(A) == ()
        assert len(edge.told) == 1
    assert list((tmp_path / BODIES).iterdir()) == []


async def test_a_part_of_a_large_body_is_read_from_any_place(tmp_path: Path) -> None:
    await kept_in(tmp_path, LARGE)
    async with opened(tmp_path) as edge:
        body, expected = edge.store.find(A)[0].response.body, bytes_of(LARGE)
        assert isinstance(body, BodyFile)
        for first, stop in ((0, 1), (PIECE_BYTES - 1, PIECE_BYTES + 1), (LARGE - 9, LARGE)):
            assert await whole(body.part(first, stop)) == expected[first:stop]


async def test_another_tier_keeps_the_same_file_under_a_second_name(tmp_path: Path) -> None:
    await kept_in(tmp_path, LARGE)
    async with opened(tmp_path) as edge:
        body = edge.store.find(A)[0].response.body
        edge.store.put(B, stored(body))
        edge.store.settle(B, edge.store.find(B)[0])
        edge.store.forget(A)
    async with opened(tmp_path) as edge:
        assert await whole(edge.store.find(B)[0].response.body) == bytes_of(LARGE)
        assert body_file(tmp_path).stat().st_nlink == 1


FOREIGN: list[tuple[Callable[[Path], object], str]] = [
    (lambda index: index.write_bytes(b"hello" * 1000), "no database"),
    (lambda index: index.write_bytes(index.read_bytes()[:5000]), "half of one"),
    (lambda index: in_the_index("PRAGMA user_version = 1")(index.parent), "another version"),
    (lambda index: in_the_index("PRAGMA application_id = 1")(index.parent), "somebody else's"),
    (lambda index: in_the_index("DROP TABLE stored")(index.parent), "its table is missing"),
]


@pytest.mark.parametrize(("harm", "why"), FOREIGN, ids=[why for _, why in FOREIGN])
async def test_an_index_that_is_none_is_set_aside_with_one_message(
    tmp_path: Path, harm: Callable[[Path], object], why: str
) -> None:
    await kept_in(tmp_path, SMALL)
    harm(tmp_path / NAME)
    async with opened(tmp_path) as edge:
        assert edge.store.find(A) == (), why
        assert len(edge.told) == 1
        assert (tmp_path / f"{NAME}.damaged").exists()
        edge.store.put(A, stored(b"new"))
    async with opened(tmp_path) as edge:
        assert edge.store.find(A)[0].response.body == b"new"
        assert edge.told == []


async def test_files_that_no_row_has_are_removed_and_others_are_left_alone(tmp_path: Path) -> None:
    await kept_in(tmp_path, MIDDLE)
    strays = ["0123456789abcdef.body", "0123456789abcdef.body.part"]
    for name in [*strays, "notes.txt"]:
        (tmp_path / BODIES / name).write_bytes(b"?")
    async with opened(tmp_path) as edge:
        await edge.written()
        left = {path.name for path in (tmp_path / BODIES).iterdir()}
        assert not left & set(strays)
        assert "notes.txt" in left
        assert len(left) == 2
        assert edge.store.find(A)


@pytest.mark.parametrize("who", ["writer", "reader"])
async def test_a_disk_that_fails_is_given_up_and_nothing_of_it_comes_back(
    tmp_path: Path, who: str
) -> None:
    """An invalidation could not be written: what it concerned must not be there next time."""
    await kept_in(tmp_path, SMALL)
    async with opened(tmp_path) as edge:
        in_the_index("DROP TABLE stored")(tmp_path)
        if who == "writer":
            edge.store.invalidate("/a")
            await edge.written()
        assert edge.store.find(A) == ()
        edge.store.put(B, stored(b"memory"))
        assert edge.store.find(B)[0].response.body == b"memory"
        (said,) = edge.told
        assert "nothing is kept there" in said
    async with opened(tmp_path) as edge:
        assert edge.store.find(A) == edge.store.find(B) == ()


# ---------------------------------------------------------------- one process at a time


async def test_two_cannot_share_a_directory(tmp_path: Path) -> None:
    async with opened(tmp_path):
        with pytest.raises(ConfigError, match="another edgesim") as refused:
            CacheDir(tmp_path, print)
        assert "--cache-dir" in refused.value.hint
        assert refused.value.where == str(tmp_path)
    async with opened(tmp_path):
        pass


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot keep anything there"):
        CacheDir(tmp_path / "file", print)


async def test_a_directory_of_our_own_is_private_and_ignored_by_git(tmp_path: Path) -> None:
    async with opened(tmp_path / "new" / "cache"):
        assert (tmp_path / "new/cache").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "new/cache/.gitignore").read_text() == "*\n"
    async with opened(tmp_path):
        assert not (tmp_path / ".gitignore").exists(), "one that was there may hold other things"

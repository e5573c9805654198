from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from edgesim.cloudfront.origin import Origin
from edgesim.errors import OriginError
from edgesim.http.message import Response
from edgesim.live.folder import content_type, fetch_file
from edgesim.live.origins import OriginClients

from .conftest import get, whole

MOMENT = 1_700_000_000
LARGE = bytes(range(256)) * 4096


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "docs").mkdir(parents=True)
    (site / "index.html").write_bytes(b"<h1>hello</h1>")
    (site / "docs" / "a b+c.txt").write_bytes(b"text")
    (site / "café.txt").write_bytes(b"coffee")
    (site / "large.bin").write_bytes(LARGE)
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "site-backup").mkdir()
    (tmp_path / "site-backup" / "old.txt").write_bytes(b"secret")
    (site / "inside.txt").symlink_to("docs/a b+c.txt")
    (site / "outside.txt").symlink_to(tmp_path / "secret.txt")
    (site / "circle.txt").symlink_to("circle.txt")
    os.mkfifo(site / "pipe")
    for file in (site / "index.html", site / "large.bin"):
        os.utime(file, (MOMENT, MOMENT))
    return site


def fetched(site: Path, target: str, method: str = "GET", **headers: str) -> Response:
    return fetch_file(site, get(target, method, **headers))


def test_a_file_has_what_s3_says_of_it(site: Path) -> None:
    response = fetched(site, "/index.html?ignored=1")
    etag = f'"{MOMENT * 10**9:x}-e"'
    assert (response.status, response.body) == (200, b"<h1>hello</h1>")
    assert list(response.headers) == [
        ("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT"),
        ("ETag", etag),
        ("Accept-Ranges", "bytes"),
        ("Content-Type", "text/html"),
        ("Content-Length", "14"),
    ]
    head = fetched(site, "/index.html", "HEAD")
    assert (head.headers, head.body) == (response.headers, b"")


KEYS = [
    ("/docs/a%20b+c.txt", b"text", "percent-decoded; a plus is a plus"),
    ("/caf%C3%A9.txt", b"coffee", "UTF-8"),
    ("/caf\u00c3\u00a9.txt", b"coffee", "raw UTF-8"),
    ("/inside.txt", b"text", "a link that stays inside"),
]


@pytest.mark.parametrize(("target", "content", "why"), KEYS, ids=lambda value: ascii(value)[:20])
def test_keys_that_name_a_file(site: Path, target: str, content: bytes, why: str) -> None:
    assert fetched(site, target).body == content, why


NO_KEYS = [
    ("/", "a folder is not a key; default_root_object is what handles it"),
    ("/docs", "a folder"),
    ("/docs/", "a folder"),
    ("/missing.txt", "nothing"),
    ("//index.html", "the key would begin with a slash"),
    ("/docs//a%20b+c.txt", "a doubled slash is part of a key"),
    ("/./index.html", "keys have no dot segments"),
    ("/docs/../index.html", "keys have no dot segments"),
    ("/../secret.txt", "outside"),
    ("/%2e%2e/secret.txt", "outside"),
    ("/..%2fsecret.txt", "outside"),
    ("/../site-backup/old.txt", "a neighbour whose name begins alike"),
    ("/outside.txt", "a link that leads out"),
    ("/circle.txt", "a link to itself"),
    ("/index.html%00.txt", "a zero byte"),
    ("/pipe", "not a file"),
    ("/index.html/x", "below a file"),
    ("/" + "x" * 5000, "longer than a name may be"),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("target", "why"), NO_KEYS, ids=lambda value: str(value)[:24])
def test_keys_that_name_none(site: Path, target: str, why: str, method: str) -> None:
    response = fetched(site, target, method)
    assert (response.status, response.headers.get("content-type")) == (404, "application/xml"), why
    if method == "GET":
        assert isinstance(response.body, bytes)
        assert b"<Error><Code>NoSuchKey</Code>" in response.body
    else:
        assert response.body == b""


def test_the_missing_key_is_escaped(site: Path) -> None:
    assert b"<Key>&lt;b&gt;&amp;</Key>" in fetched(site, "/%3Cb%3E&").body  # type: ignore[operator]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_not_allowed(site: Path, method: str) -> None:
    response = fetched(site, "/index.html", method)
    assert (response.status, response.headers.get("allow")) == (405, "HEAD, GET")
    assert b"MethodNotAllowed" in response.body  # type: ignore[operator]


CONDITIONS = [
    ({"If_None_Match": "*"}, 304, b"", None),
    ({"If_Modified_Since": "Tue, 14 Nov 2023 22:13:20 GMT"}, 304, b"", None),
    ({"If_Modified_Since": "Tue, 14 Nov 2023 22:13:19 GMT"}, 200, b"<h1>hello</h1>", None),
    ({"If_Match": '"other"'}, 412, b"", None),
    ({"Range": "bytes=0-3"}, 206, b"<h1>", "bytes 0-3/14"),
    ({"Range": "bytes=-5"}, 206, b"</h1>", "bytes 9-13/14"),
    ({"Range": "bytes=99-"}, 416, b"", "bytes */14"),
    ({"Range": "bytes=0-3", "If_Range": '"other"'}, 200, b"<h1>hello</h1>", None),
]


@pytest.mark.parametrize(("headers", "status", "body", "content_range"), CONDITIONS)
def test_conditions_and_ranges(
    site: Path, headers: dict[str, str], status: int, body: bytes, content_range: str | None
) -> None:
    response = fetched(site, "/index.html", **headers)
    assert (response.status, response.body) == (status, body)
    assert response.headers.get("content-range") == content_range
    if status in (206, 416):
        assert response.headers.get("content-length") == str(len(body))


TYPES = [
    ("a.html", "text/html"),
    ("a.css", "text/css"),
    ("a.js", "text/javascript"),
    ("a.MJS", "text/javascript"),
    ("a.json", "application/json"),
    ("a.svg", "image/svg+xml"),
    ("a.avif", "image/avif"),
    ("a.webp", "image/webp"),
    ("a.woff2", "font/woff2"),
    ("a.wasm", "application/wasm"),
    ("a.tar.gz", "application/gzip"),
    ("http:a.png", "image/png"),
    ("a", "binary/octet-stream"),
    ("a.unheard-of", "binary/octet-stream"),
]


@pytest.mark.parametrize(("name", "expected"), TYPES)
def test_content_types(name: str, expected: str) -> None:
    assert content_type(name) == expected


async def test_a_large_file_is_read_in_pieces_by_any_number_of_readers(site: Path) -> None:
    response = await OriginClients(site.parent).fetch(
        Origin("files", folder="site"), get("/large.bin")
    )
    body = response.body
    assert not isinstance(body, bytes)
    assert (body.length, response.headers.get("content-length")) == (len(LARGE), str(len(LARGE)))
    assert [await whole(body) for _ in range(2)] == [LARGE] * 2
    assert await whole(body.part(1000, 2000).part(10, 20)) == LARGE[1010:1020]

    part = fetched(site, "/large.bin", Range="bytes=1000-1999")
    assert part.headers.get("content-length") == "1000"
    assert await whole(part.body) == LARGE[1000:2000]


async def test_what_was_kept_does_not_change_with_the_file(site: Path) -> None:
    body: Any = fetched(site, "/large.bin").body
    settled: list[Any] = []
    kept = body.kept(settled.append, 10_000_000)
    assert await whole(kept) == LARGE
    (site / "large.bin").write_bytes(b"new")
    assert settled == [LARGE]
    assert await whole(kept) == LARGE


@pytest.mark.parametrize("changed", [b"short", bytes(len(LARGE))])
async def test_a_file_that_changes_under_a_reader_is_an_error(site: Path, changed: bytes) -> None:
    body: Any = fetched(site, "/large.bin").body
    reader = aiter(body)
    await anext(reader)
    (site / "large.bin").write_bytes(changed)
    with pytest.raises(OriginError, match="changed while it was read"):
        await anext(reader)

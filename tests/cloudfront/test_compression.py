"""Row by row: CloudFront: "Serve compressed files"."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import brotli
import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.compression import TYPES, Brotli, coding_for, compressed, gzip_coder
from edgesim.cloudfront.distribution import Behavior
from edgesim.cloudfront.managed_policies import CACHE_POLICIES
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import CachePolicy
from edgesim.edge import Served
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response, Viewer
from tests.conftest import World

BOTH = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600, gzip=True, brotli=True)
GZIP = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600, gzip=True)
BROTLI = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600, brotli=True)
NEITHER = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)
OFF = CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=0, gzip=True, brotli=True)
TEXT = b"All work and no play makes a page that compresses well. " * 40


class Row(NamedTuple):
    coding: str | None
    why: str
    policy: CachePolicy | None = BOTH
    accept: str | None = "gzip, deflate, br, zstd"
    method: str = "GET"
    status: int = 200
    length: int | None = 1_000
    kind: str | None = "text/html"
    headers: Mapping[str, str] = {}
    compress: bool = True


ROWS = [
    Row("br", "every condition is met, and Brotli comes first"),
    Row(None, "the behavior does not ask for it", compress=False),
    Row("gzip", "the policy has gzip alone", policy=GZIP),
    Row("br", "the policy has Brotli alone", policy=BROTLI),
    Row(None, "the policy has neither", policy=NEITHER),
    Row(None, "caching is off", policy=OFF),
    Row(None, "the RFCs' own cache compresses nothing", policy=None),
    Row("gzip", "the viewer takes gzip alone", accept="gzip"),
    Row("br", "the viewer takes Brotli alone", accept="br"),
    Row(None, "the viewer takes neither", accept="deflate, zstd"),
    Row(None, "the viewer says nothing", accept=None),
    Row("gzip", "a weight of 0 is a refusal", accept="br;q=0, gzip"),
    Row(None, "Brotli alone is no use under a policy of gzip", policy=GZIP, accept="br"),
    Row("br", "the viewer's order and weights play no part", accept="gzip;q=1, br;q=0.1"),
    Row("br", "403 is compressed", status=403),
    Row("br", "404 is compressed", status=404),
    *(Row(None, "no other status is", status=n) for n in (201, 203, 206, 301, 304, 400, 410, 500)),
    Row(None, "an origin that compresses keeps its coding", headers={"Content-Encoding": "gzip"}),
    Row(None, "identity is a Content-Encoding too", headers={"Content-Encoding": "identity"}),
    Row(None, "no Content-Length, no compression", length=None),
    Row(None, "chunks are passed through", headers={"Transfer-Encoding": "chunked"}),
    Row(None, "too small by a byte", length=999),
    Row("br", "the largest", length=10_000_000),
    Row(None, "too large by a byte", length=10_000_001),
    Row(None, "a HEAD has no body", method="HEAD"),
    Row(None, "a POST is not cached", method="POST"),
    Row("br", "parameters of the type play no part", kind="text/html; charset=utf-8"),
    Row("br", "nor does its case", kind="Text/HTML"),
    Row(None, "no type at all", kind=None),
    *(Row("br", "on the list", kind=kind) for kind in sorted(TYPES)),
    *(
        Row(None, "not on the list, whatever one might expect", kind=kind)
        for kind in (
            "application/manifest+json",
            "application/ld+json",
            "font/woff2",
            "image/png",
            "text/markdown",
            "text/event-stream",
            "application/octet-stream",
        )
    ),
    Row("br", "no-transform is not mentioned", headers={"Cache-Control": "no-transform"}),
]


class Sized:
    """A body of which nothing but the length matters."""

    def __init__(self, length: int) -> None:
        self.length = length


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.why[:40]} {row.kind} {row.status}")
def test_what_is_compressed(row: Row) -> None:
    rules: Any = {"rules": CloudFrontCaching(row.policy)} if row.policy else {}
    origin = Origin("app", host="x")
    behavior = Behavior("*", origin, cache_policy=row.policy, compress=row.compress, **rules)
    asked = Headers([] if row.accept is None else [("Accept-Encoding", row.accept)])
    said = Headers(row.headers.items())
    if row.kind is not None:
        said = said.plus(("Content-Type", row.kind))
    if row.length is not None:
        said = said.plus(("Content-Length", str(row.length)))
    answered = Response(row.status, said, Sized(row.length or 5_000))  # type: ignore[arg-type]
    assert coding_for(behavior, Request(row.method, "/", asked), answered, answered) == row.coding


def test_the_list_has_the_guides_48_types() -> None:
    assert len(TYPES) == 48


def test_managed_policies_that_compress() -> None:
    names = {p.name for p in CACHE_POLICIES.values() if p.gzip and p.brotli and p.caches}
    assert "CachingOptimized" in names
    assert not CACHE_POLICIES["CachingDisabled"].gzip


HEADS = [
    # before                                           after
    ([("ETag", '"x"')], {"etag": 'W/"x"'}, "a strong tag becomes weak"),
    ([("ETag", 'W/"x"')], {"etag": 'W/"x"'}, "a weak one stays"),
    ([("ETag", "x")], {"etag": None}, "what is no tag is removed"),
    ([], {"vary": "Accept-Encoding"}, "the next cache has to know"),
    ([("Vary", "Origin")], {"vary": "Origin, Accept-Encoding"}, "what it said before stays"),
    ([("Vary", "accept-encoding")], {"vary": "accept-encoding"}, "once is enough"),
    ([("Content-Length", "2240")], {"content-length": None}, "counted anew when it is sent"),
    ([], {"content-encoding": "gzip"}, "and said"),
]


@pytest.mark.parametrize(("before", "after", "why"), HEADS)
def test_what_becomes_of_the_head(
    before: list[tuple[str, str]], after: dict[str, str | None], why: str
) -> None:
    made = compressed(Response(200, Headers(before), TEXT), "gzip")
    assert {name: made.headers.get(name) for name in after} == after, why
    assert isinstance(made.body, bytes)
    assert gzip.decompress(made.body) == TEXT


def test_pieces_come_to_the_same_as_the_whole() -> None:
    for coder, undo in ((Brotli(), brotli.decompress), (gzip_coder(), gzip.decompress)):
        pieces = [coder.compress(TEXT[at : at + 100]) for at in range(0, len(TEXT), 100)]
        assert undo(b"".join([*pieces, coder.flush()])) == TEXT


# ------------------------------------------------------------------------ in a lifecycle


@pytest.fixture
def page() -> World:
    world = World(policy=BOTH, compress=True)
    world.origin.body = TEXT
    world.origin.headers = {
        "Content-Type": "text/html",
        "Content-Length": str(len(TEXT)),
        "Cache-Control": "max-age=60",
        "ETag": '"v1"',
    }
    return world


def plain(served: Served) -> bytes:
    body = served.response.body
    assert isinstance(body, bytes)
    match served.response.headers.get("content-encoding"):
        case "br":
            return bytes(brotli.decompress(body))
        case "gzip":
            return zlib.decompress(body, 31)
        case _:
            return body


def test_each_kind_of_viewer_has_its_own_copy(page: World) -> None:
    for accept, coding in (("gzip, br", "br"), ("gzip", "gzip"), ("zstd", None)):
        for result in ("Miss", "Hit"):
            served = page.get("/", accept_encoding=accept)
            assert served.result_type == result
            assert served.response.headers.get("content-encoding") == coding
            assert plain(served) == TEXT
    sent = [request.headers.get("accept-encoding") for request in page.origin.requests]
    assert sent == ["br,gzip", "gzip", "identity"]


def test_what_is_stored_is_compressed_at_every_tier(page: World) -> None:
    page.get("/", accept_encoding="gzip")
    page.tiers[0].store.invalidate("/*")
    served = page.get("/", accept_encoding="gzip")
    assert (served.result_type, plain(served)) == ("Hit", TEXT)
    assert served.response.headers.get("content-encoding") == "gzip"


def test_a_range_counts_compressed_bytes(page: World) -> None:
    whole = page.get("/", accept_encoding="gzip").response.body
    assert isinstance(whole, bytes)
    part = page.get("/", accept_encoding="gzip", range="bytes=2-5").response
    assert (part.status, part.body) == (206, whole[2:6])
    assert part.headers.get("content-range") == f"bytes 2-5/{len(whole)}"


def test_a_304_renews_the_compressed_copy_and_its_weak_tag(page: World) -> None:
    page.get("/", accept_encoding="gzip")
    page.pass_time(90)
    page.origin.headers["ETag"] = 'W/"v1"'  # this origin compares tags by letters
    stored = page.tiers[0].store.find(
        page.behavior.rules.key(Request("GET", "/", Headers([("Accept-Encoding", "gzip")])))
    )
    assert stored[-1].response.headers.get("etag") == 'W/"v1"'
    page.origin.headers["Vary"] = "Accept-Encoding"
    served = page.get("/", accept_encoding="gzip")
    assert (served.result_type, plain(served)) == ("RefreshHit", TEXT)
    assert served.response.headers.get("etag") == 'W/"v1"'


def test_what_was_stored_as_it_came_stays_so(page: World) -> None:
    page.origin.headers.pop("Content-Length")
    page.get("/", accept_encoding="gzip")
    page.origin.headers["Content-Length"] = str(len(TEXT))
    page.pass_time(90)
    served = page.get("/", accept_encoding="gzip")
    assert served.result_type == "RefreshHit"
    assert served.response.headers.get("content-encoding") is None
    assert served.response.headers.get("etag") == '"v1"'


def test_http_1_0_is_never_sent_anything_compressed(page: World) -> None:
    old = Viewer(http_version="1.0")
    served = page.get("/", accept_encoding="gzip", viewer=old)
    assert served.response.headers.get("content-encoding") is None
    assert "accept-encoding" not in page.origin.last().headers

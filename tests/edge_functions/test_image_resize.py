from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from PIL import Image

from edgesim.cloudfront.distribution import Origin, Trigger
from edgesim.http.message import Request, Response

from .examples import asked, example, get

RESIZE = example("image_resize")


def drawn(kind: str, *, mode: str = "RGB", size: tuple[int, int] = (1200, 800)) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, (200, 30, 60, 90)[: len(mode)]).save(out, kind)
    return out.getvalue()


def noise(side: int) -> bytes:
    """A picture that no format makes small."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 120).convert("RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()


@dataclass
class PictureOrigin:
    port: int
    pictures: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def origin(self) -> Origin:
        return Origin("app", host="127.0.0.1", port=self.port, path="/base")

    def resized(self, target: str) -> Request | Response:
        made = asked(RESIZE, Trigger.ORIGIN_REQUEST, get(target), origin=self.origin)
        assert isinstance(made, Request | Response)
        return made


@pytest.fixture
def server() -> Iterator[PictureOrigin]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there.asked.append((self.path, self.headers["Host"]))
            picture = there.pictures.get(self.path)
            self.send_response(200 if picture else 404)
            self.send_header("Cache-Control", "max-age=60")
            self.end_headers()
            self.wfile.write(picture or b"no")

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        there = PictureOrigin(listening.server_address[1])
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield there
        listening.shutdown()
        thread.join()


def opened(response: Request | Response) -> Image.Image:
    assert isinstance(response, Response)
    assert isinstance(response.body, bytes)
    return Image.open(io.BytesIO(response.body))


def test_a_picture_becomes_smaller_and_keeps_its_shape(server: PictureOrigin) -> None:
    server.pictures["/base/cat.jpg"] = drawn("JPEG")
    response = server.resized("/cat.jpg?w=300&format=webp")
    picture = opened(response)
    assert (picture.size, picture.format) == ((300, 200), "WEBP")
    assert response.headers.get("content-type") == "image/webp"
    assert response.headers.get("cache-control") == "max-age=60", "the origin's word"
    assert server.asked == [("/base/cat.jpg", "shop.test")]


@pytest.mark.parametrize(
    ("kind", "mode", "query", "size", "becomes"),
    [
        ("PNG", "RGBA", "w=100", (100, 67), ("PNG", "RGBA")),
        ("PNG", "RGBA", "w=100&format=jpeg", (100, 67), ("JPEG", "RGB")),
        ("JPEG", "RGB", "format=PNG", (1200, 800), ("PNG", "RGB")),
        ("JPEG", "RGB", "w=1900", (1200, 800), ("JPEG", "RGB")),
        ("JPEG", "RGB", "w=1", (16, 11), ("JPEG", "RGB")),
        ("GIF", "RGB", "w=60", (60, 40), ("JPEG", "RGB")),
    ],
)
def test_sizes_and_formats(
    server: PictureOrigin,
    kind: str,
    mode: str,
    query: str,
    size: tuple[int, int],
    becomes: tuple[str, str],
) -> None:
    server.pictures["/base/p"] = drawn(kind, mode=mode)
    picture = opened(server.resized(f"/p?{query}"))
    assert picture.size == size
    assert (picture.format, picture.mode) == becomes


def test_a_picture_that_is_too_large_loses_quality_until_it_fits(server: PictureOrigin) -> None:
    server.pictures["/base/noise"] = noise(1300)
    response = server.resized("/noise?format=jpeg")
    assert isinstance(response, Response)
    assert isinstance(response.body, bytes)
    assert 200_000 < len(response.body) < 1024 * 1024 * 3 / 4


@pytest.mark.parametrize(
    "target",
    [
        "/cat.jpg",
        "/cat.jpg?w=abc",
        "/cat.jpg?w=-5",
        "/cat.jpg?w=99999",
        "/cat.jpg?format=tiff",
        "/missing.jpg?w=100",
        "/text.jpg?w=100",
        "/noise?format=png",
    ],
)
def test_what_it_cannot_do_it_leaves_to_the_origin(server: PictureOrigin, target: str) -> None:
    server.pictures["/base/cat.jpg"] = drawn("JPEG")
    server.pictures["/base/text.jpg"] = b"this is no picture"
    server.pictures["/base/noise"] = noise(900)
    left = server.resized(target)
    assert isinstance(left, Request)
    assert left.target == target


def test_other_methods_and_buckets_are_left_alone() -> None:
    head = Request("HEAD", "/cat.jpg?w=100")
    assert asked(RESIZE, Trigger.ORIGIN_REQUEST, head, origin=Origin("app", host="x")) == head
    bucket = Origin("site", folder="/srv/site")
    get_it = get("/cat.jpg?w=100")
    assert asked(RESIZE, Trigger.ORIGIN_REQUEST, get_it, origin=bucket).target == get_it.target


def test_an_origin_that_is_not_there_gets_the_request_as_it_was() -> None:
    nobody = Origin("app", host="127.0.0.1", port=1025)
    request = get("/cat.jpg?w=100")
    assert asked(RESIZE, Trigger.ORIGIN_REQUEST, request, origin=nobody).target == request.target

"""The example behind a virtual edge, in its own configuration, before an origin with pictures."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from edgesim.bundled import bundled
from edgesim.testing.alone import EdgeFunction
from edgesim.testing.edge import VirtualEdge
from edgesim.testing.soundness import assert_sound
from edgesim.testing.story import EdgeResponse

from . import pictures
from .pictures import PictureOrigin, corners, edge_before, flat, noise, quarters, ramp, saved

FOLDER = bundled("edge_functions") / "python/image_resize"
CONFIG = "edge_functions/python/image_resize/edgesim.toml"
CHROMIUM = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


@pytest.fixture
def edge(server: PictureOrigin, tmp_path: Path) -> VirtualEdge:
    virtual = edge_before(server, FOLDER, tmp_path)
    virtual.origin().respond(text="the original")
    return virtual


def opened(response: EdgeResponse) -> Image.Image:
    assert response.status_code == 200, response.edge
    picture = Image.open(io.BytesIO(response.content))
    assert response.headers["content-type"] == f"image/{(picture.format or '').lower()}"
    return picture


def difference(one: Image.Image, other: Image.Image) -> float:
    """Of two pictures, in steps of 255, on average."""
    assert one.size == other.size
    stat = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return sum(stat.mean) / 3


def test_a_picture_becomes_smaller_and_is_kept(edge: VirtualEdge, server: PictureOrigin) -> None:
    server.pictures["/images/cat.jpg"] = flat("JPEG")
    response = edge.get("/images/cat.jpg?w=320&format=webp")
    picture = opened(response)
    assert (picture.size, picture.format) == ((320, 213), "WEBP")
    assert response.headers["cache-control"] == "max-age=60", "the origin's word"
    assert response.headers["vary"] == "Accept"
    assert server.asked == [("/images/cat.jpg", f"127.0.0.1:{server.port}")]
    again = edge.get("/images/cat.jpg?format=webp&w=320&utm_source=letter")
    assert again.edge.result_type == "Hit"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (CHROMIUM, "AVIF"),
        ("image/webp,*/*", "WEBP"),
        ("image/avif;q=0,image/webp", "WEBP"),
        ("image/avif;q=0.0, image/webp;q=0", "JPEG"),
        ("IMAGE/WebP ; q=0.5", "WEBP"),
        ("*/*", "JPEG"),
        ("image/*", "JPEG"),
        ("", "JPEG"),
    ],
)
def test_the_format_is_the_best_that_the_browser_names(
    edge: VirtualEdge, server: PictureOrigin, accept: str, kind: str
) -> None:
    server.pictures["/images/a.jpg"] = flat("JPEG")
    response = edge.get("/images/a.jpg?w=160", headers={"Accept": accept})
    assert opened(response).format == kind


NORMALISED = [
    # asked, what the cache and the origin see, why
    ("w=400", "w=400", "a known size"),
    ("w=401", "w=480", "rounded up"),
    ("w=3", "w=16", "rounded up"),
    ("w=99999", "w=2000", "the greatest"),
    ("w=200&dpr=2", "w=400", "the same pixels"),
    ("w=200&dpr=0.1", "w=240", "no fewer than one"),
    ("w=200&dpr=99", "w=800", "at most four"),
    ("h=100&w=50", "h=128&w=64", "with their ratio"),
    ("h=301&w=301&fit=cover", "fit=cover&h=320&w=320", "both are there to be covered"),
    ("w=320&fit=cover", "w=320", "one side cannot be covered"),
    ("w=320&h=160&fit=contain", "h=160&w=320", "goes without saying"),
    ("w=320&q=83&format=JPG", "format=jpeg&q=85&w=320", "steps of five"),
    ("w=320&q=1&utm_id=7", "q=30&w=320", "others go"),
    ("w=160&w=320", "w=160", "the first counts"),
    ("w=-5&h=1e3&q=NaN&dpr=%00&format=tiff", "", "nonsense is not asked"),
    ("&".join("a" for _ in range(200)) + "&w=16", "", "too many"),
    ("", "", "nothing asked"),
]


@pytest.mark.edgesim(config=CONFIG)
@pytest.mark.parametrize(("asked", "kept", "why"), NORMALISED)
def test_a_query_has_one_form(edge_function: EdgeFunction, asked: str, kept: str, why: str) -> None:
    normalise = edge_function("image_normalise")
    assert normalise(f"/images/a.jpg?{asked}").request.target.partition("?")[2] == kept, why
    assert normalise(f"/images/a.jpg?{kept}").request.target.partition("?")[2] == kept, "twice"


SIZES = [
    # of the original, query, size of the result
    ((1200, 800), "w=960", (960, 640)),
    ((1200, 800), "h=400", (600, 400)),
    ((1200, 800), "w=320&h=320", (320, 213)),
    ((1200, 800), "w=320&h=320&fit=cover", (320, 320)),
    ((1200, 800), "w=320&h=160&fit=cover", (320, 160)),
    ((1200, 800), "w=320&h=320&fit=fill", (320, 320)),
    ((300, 200), "w=2000", (300, 200)),
    ((300, 200), "w=400&h=400&fit=cover", (200, 200)),
    ((300, 200), "w=400&h=400&fit=fill", (200, 200)),
    ((3000, 1), "w=16", (16, 1)),
]


@pytest.mark.parametrize(("size", "query", "becomes"), SIZES)
def test_sizes_keep_the_shape_and_never_grow(
    edge: VirtualEdge,
    server: PictureOrigin,
    size: tuple[int, int],
    query: str,
    becomes: tuple[int, int],
) -> None:
    server.pictures["/images/p"] = flat("PNG", size=size)
    assert opened(edge.get(f"/images/p?{query}&format=png")).size == becomes


REFERENCES = [("png", 1.0), ("jpeg", 1.5), ("webp", 1.5), ("avif", 2.0)]


@pytest.mark.parametrize(("kind", "allowed"), REFERENCES)
@pytest.mark.parametrize("source", ["PNG", "JPEG"])
@pytest.mark.parametrize("width", [96, 320])
def test_pixels_are_those_of_a_reference(
    edge: VirtualEdge, server: PictureOrigin, kind: str, allowed: float, source: str, width: int
) -> None:
    server.pictures["/images/r"] = saved(ramp((1280, 640)), source, quality=95)
    picture = opened(edge.get(f"/images/r?w={width}&q=95&format={kind}"))
    assert difference(picture, ramp((width, width // 2))) < allowed


def test_covering_takes_the_middle(edge: VirtualEdge, server: PictureOrigin) -> None:
    whole = ramp((1280, 640))
    server.pictures["/images/r"] = saved(whole, "JPEG", quality=95)
    picture = opened(edge.get("/images/r?w=160&h=160&fit=cover&format=png"))
    middle = whole.crop((320, 0, 960, 640)).resize((160, 160), Image.Resampling.BOX)
    assert difference(picture, middle) < 1.0


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_pictures_stand_upright(
    edge: VirtualEdge, server: PictureOrigin, orientation: int, kind: str
) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "a camera"
    source = saved(quarters(), kind, exif=exif)
    server.pictures["/images/o"] = source
    picture = opened(edge.get("/images/o?w=96&format=jpeg"))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(source)))
    assert corners(picture) == corners(upright)
    assert (picture.width < picture.height) == (orientation >= 5)
    assert not picture.getexif(), "no camera, no place, and not turned twice"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_of_another_profile_become_srgb(
    edge: VirtualEdge, server: PictureOrigin, kind: str
) -> None:
    picture = Image.new("RGB", (200, 100), (255, 0, 0))
    server.pictures["/images/c"] = saved(picture, kind, icc_profile=pictures.swapped_profile())
    seen = opened(edge.get("/images/c?w=96&format=png"))
    assert "icc_profile" not in seen.info
    assert pictures.off(seen, (48, 24), (0, 255, 0)) < 15


def test_a_broken_profile_is_no_reason_to_fail(edge: VirtualEdge, server: PictureOrigin) -> None:
    picture = Image.new("RGB", (200, 100), (255, 0, 0))
    server.pictures["/images/c"] = saved(picture, "PNG", icc_profile=b"no profile")
    seen = opened(edge.get("/images/c?w=96&format=png"))
    assert pictures.off(seen, (48, 24), (255, 0, 0)) < 5


MODES = [
    # mode and kind of the original, format asked, format and mode of the result
    ("RGBA", "PNG", "", "PNG", "RGBA"),
    ("RGBA", "PNG", "jpeg", "JPEG", "RGB"),
    ("RGBA", "PNG", "webp", "WEBP", "RGBA"),
    ("RGBA", "PNG", "avif", "AVIF", "RGBA"),
    ("P", "PNG", "", "PNG", "RGBA"),
    ("L", "JPEG", "", "JPEG", "RGB"),
    ("LA", "PNG", "webp", "WEBP", "RGBA"),
    ("CMYK", "JPEG", "webp", "WEBP", "RGB"),
    ("1", "PNG", "png", "PNG", "RGB"),
    ("I;16", "PNG", "png", "PNG", "RGB"),
    ("P", "GIF", "", "JPEG", "RGB"),
]


@pytest.mark.parametrize(("mode", "kind", "asked", "becomes", "becomes_mode"), MODES)
def test_every_mode_is_read(
    edge: VirtualEdge,
    server: PictureOrigin,
    mode: str,
    kind: str,
    asked: str,
    becomes: str,
    becomes_mode: str,
) -> None:
    grey = Image.new("I;16", (200, 100), 257 * 128) if mode == "I;16" else None
    source = grey or Image.new("RGBA", (200, 100), (128, 128, 128, 90)).convert(mode)
    server.pictures["/images/m"] = saved(source, kind)
    picture = opened(edge.get(f"/images/m?w=96&format={asked}"))
    assert (picture.format, picture.mode) == (becomes, becomes_mode)
    if mode == "I;16":
        assert pictures.off(picture, (1, 1), (128, 128, 128)) <= 6


def test_white_shines_through_where_jpeg_cannot(edge: VirtualEdge, server: PictureOrigin) -> None:
    server.pictures["/images/t"] = saved(Image.new("RGBA", (100, 100), (0, 0, 0, 0)), "PNG")
    picture = opened(edge.get("/images/t?w=96&format=jpeg"))
    assert pictures.off(picture, (5, 5), (255, 255, 255)) < 5


def animation(kind: str, frames: int = 3, size: tuple[int, int] = (200, 100)) -> bytes:
    shades = [Image.new("RGB", size, (80 * n % 256, 20, 20)) for n in range(frames)]
    lasting = [100 * (n + 1) for n in range(frames)]
    options = {"save_all": True, "append_images": shades[1:], "duration": lasting, "loop": 0}
    return saved(shades[0], kind, **options)


@pytest.mark.parametrize("source", ["GIF", "WEBP"])
@pytest.mark.parametrize(
    ("asked", "kind", "frames"),
    [("webp", "WEBP", 3), ("avif", "WEBP", 3), ("", "GIF", 3), ("jpeg", "JPEG", 1)],
)
def test_what_moves_still_moves(
    edge: VirtualEdge, server: PictureOrigin, source: str, asked: str, kind: str, frames: int
) -> None:
    server.pictures["/images/a"] = animation(source)
    picture = opened(edge.get(f"/images/a?w=96&format={asked}"))
    assert (picture.format, picture.size) == (kind, (96, 48))
    assert getattr(picture, "n_frames", 1) == frames
    for number in range(frames if frames > 1 else 0):
        picture.seek(number)
        picture.load()
        assert picture.info["duration"] == 100 * (number + 1)
        assert pictures.off(picture.convert("RGB"), (9, 9), (80 * number, 20, 20)) < 30
    if frames > 1:
        assert picture.info.get("loop") == 0, "for ever"


@pytest.mark.parametrize("kind", ["jpeg", "webp", "png"])
def test_what_is_over_a_megabyte_is_made_less(
    edge: VirtualEdge, server: PictureOrigin, kind: str
) -> None:
    server.pictures["/images/noise"] = noise(1000)
    response = edge.get(f"/images/noise?format={kind}")
    picture = opened(response)
    (run,) = [one for one in response.edge.functions if one.trigger == "origin-request"]
    assert isinstance(run.result, dict)
    assert 200_000 < len(run.result["body"]) <= 1024 * 1024 - 8 * 1024
    if kind == "png":
        assert picture.width < 1000, "without loss only pixels can go"


def moving_bomb() -> bytes:
    """A few kilobytes, of which every frame is allowed."""
    frames = [Image.new("L", (4000, 4000), 10 * n) for n in range(4)]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


BOMB = Image.new("1", (12_000, 12_000))
LEFT = {
    # what the origin has, asked, what the log says
    "nothing asked": ("cat", "", ""),
    "nonsense": ("cat", "w=abc&format=tiff", ""),
    "missing": ("missing", "w=96", "the origin said 404"),
    "no picture": ("text", "w=96", "cannot identify image file"),
    "cut off": ("cut", "w=96", "truncated"),
    "a bomb": ("bomb", "w=96", "1 of 12000 by 12000 pixels"),
    "a moving bomb": ("moving", "w=96&format=webp", "4 of 4000 by 4000 pixels"),
    "a format that is not opened": ("tiff", "w=96", "cannot identify image file"),
    "too long": ("long", "w=96", "more than 20,971,520 bytes"),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("why", LEFT)
def test_what_it_cannot_do_it_leaves_to_the_origin(
    edge: VirtualEdge, server: PictureOrigin, why: str
) -> None:
    name, query, said = LEFT[why]
    made: dict[str, Callable[[], bytes]] = {
        "cat": lambda: flat("JPEG"),
        "text": lambda: b"this is no picture",
        "cut": lambda: flat("JPEG")[:-400],
        "bomb": lambda: saved(BOMB, "PNG"),
        "moving": moving_bomb,
        "tiff": lambda: flat("TIFF", size=(20, 20)),
        "long": lambda: bytes(20 * 1024 * 1024 + 1),
    }
    if name in made:
        server.pictures[f"/images/{name}"] = made[name]()
    response = edge.get(f"/images/{name}?{query}")
    assert response.text == "the original"
    log = "".join(run.log for run in response.edge.functions)
    assert said in log
    assert bool(log) == bool(said), "it says why, once there is something to say"


@pytest.mark.edgesim(config=CONFIG)
def test_other_methods_are_left_alone(edge_function: EdgeFunction) -> None:
    outcome = edge_function("image_resize")("/images/cat.jpg?w=96", method="HEAD")
    assert outcome.request.method == "HEAD"
    assert outcome.log == ""


@pytest.mark.edgesim(config=CONFIG)
def test_both_functions_are_sound(edge_function: EdgeFunction) -> None:
    assert_sound(edge_function("image_normalise"))
    assert_sound(edge_function("image_resize"), max_examples=30)

"""Pictures made by code, and an origin that has them."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from PIL import Image

from edgesim.config.resolve import load
from edgesim.testing.edge import VirtualEdge

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 60), (30, 60, 220), (230, 220, 40)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def flat(kind: str, *, mode: str = "RGB", size: tuple[int, int] = (1200, 800)) -> bytes:
    return saved(Image.new(mode, size, (200, 30, 60, 90)[: len(mode)]), kind)


def noise(side: int) -> bytes:
    """A picture that no format makes small."""
    picture = Image.effect_noise((side, side), 120).convert("RGB")
    return saved(picture, "PNG", compress_level=1)


def ramp(size: tuple[int, int]) -> Image.Image:
    """Red grows to the right, green downwards: in every size the same function of place."""
    down = Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR)
    right = Image.linear_gradient("L").rotate(90).resize(size, Image.Resampling.BILINEAR)
    return Image.merge("RGB", (right, down, Image.new("L", size, 128)))


def quarters(size: tuple[int, int] = (400, 200)) -> Image.Image:
    """Red and green above, blue and yellow below."""
    width, height = size
    picture = Image.new("RGB", size, RED)
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(YELLOW, (width // 2, height // 2, width, height))
    return picture


def corners(picture: Image.Image) -> list[str]:
    """The names of the colours in the corners, as one reads."""
    width, height = picture.size
    named = {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW}
    points = [(x, y) for y in (height // 8, height * 7 // 8) for x in (width // 8, width * 7 // 8)]
    plain = picture.convert("RGB")
    return [min(named, key=lambda name: off(plain, point, named[name])) for point in points]


def off(picture: Image.Image, point: tuple[int, int], colour: tuple[int, int, int]) -> int:
    found = picture.getpixel(point)
    assert isinstance(found, tuple)
    return sum(abs(one - other) for one, other in zip(found, colour, strict=True))


def swapped_profile() -> bytes:
    """An ICC profile whose red is sRGB's green and whose green is its red (ICC.1:2001-04)."""

    def xyz(*values: float) -> bytes:
        numbers = (round(value * 65536) for value in values)
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *numbers)

    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, 563, 0)  # gamma 2.2
    text = b"swapped\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    tags = {
        b"desc": described + bytes(-len(described) % 4),
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"gXYZ": xyz(0.4361, 0.2225, 0.0139),
        b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(data), len(value))
        data += value
    length = struct.pack(">I", start + len(data))
    head = length + bytes(4) + struct.pack(">I", 0x02100000) + b"mntrRGB XYZ "
    head += bytes(12) + b"acsp" + bytes(28) + xyz(0.9642, 1.0, 0.8249)[8:]
    return head.ljust(128, b"\0") + table + data


@dataclass
class PictureOrigin:
    port: int
    pictures: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def picture_origin() -> Iterator[PictureOrigin]:
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
        try:
            yield there
        finally:
            listening.shutdown()
            thread.join()


def edge_before(server: PictureOrigin, example: Path, folder: Path) -> VirtualEdge:
    """An edge as the example's own file configures it, but for the port; `folder` is scratch."""
    text = (example / "edgesim.toml").read_text()
    text = text.replace(":3000", f":{server.port}").replace('code = "."', f'code = "{example}"')
    (folder / "edgesim.toml").write_text(text)
    return VirtualEdge(load(folder / "edgesim.toml"))

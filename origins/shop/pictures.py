"""Draws the products, so that the shop has pictures and the repository has none."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1200, 800
OVERSAMPLING = 2
"""Shapes are drawn this many times larger and scaled down: Pillow does not smooth edges."""

Box = tuple[float, float, float, float]
Point = tuple[float, float]


class Canvas:
    """Shapes in the coordinates of the finished picture."""

    def __init__(self, top: str, bottom: str) -> None:
        size = (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING)
        fade = Image.linear_gradient("L").resize(size)
        self.image = Image.composite(
            Image.new("RGB", size, bottom), Image.new("RGB", size, top), fade
        )
        self._draw = ImageDraw.Draw(self.image)

    def ellipse(self, box: Box, fill: str) -> None:
        self._draw.ellipse(_larger(box), fill)

    def rounded(self, box: Box, radius: float, fill: str) -> None:
        self._draw.rounded_rectangle(_larger(box), radius * OVERSAMPLING, fill)

    def polygon(self, points: list[Point], fill: str) -> None:
        self._draw.polygon([(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points], fill)

    def arc(self, box: Box, start: float, end: float, fill: str, width: float) -> None:
        self._draw.arc(_larger(box), start, end, fill, int(width * OVERSAMPLING))

    def line(self, points: list[Point], fill: str, width: float) -> None:
        larger = [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points]
        self._draw.line(larger, fill, int(width * OVERSAMPLING), joint="curve")

    def soft(self, box: Box, colour: str, strength: int, blur: float) -> None:
        """A blurred ellipse: a glow, or a shadow."""
        mask = Image.new("L", (WIDTH // 2, HEIGHT // 2))
        ImageDraw.Draw(mask).ellipse([edge / 2 for edge in box], strength)
        mask = mask.filter(ImageFilter.GaussianBlur(blur / 2)).resize(self.image.size)
        self.image.paste(Image.new("RGB", self.image.size, colour), mask=mask)

    def jpeg(self) -> bytes:
        out = io.BytesIO()
        finished = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        finished.save(out, "JPEG", quality=88, progressive=True)
        return out.getvalue()


def _larger(box: Box) -> Box:
    left, top, right, bottom = (edge * OVERSAMPLING for edge in box)
    return left, top, right, bottom


def lamp() -> Canvas:
    canvas = Canvas("#2b2350", "#e0785a")
    canvas.soft((300, 60, 900, 660), "#ffd9a0", 190, 90)
    canvas.soft((400, 690, 800, 750), "#1b1030", 150, 24)
    canvas.rounded((588, 420, 612, 690), 8, "#d9a441")
    canvas.ellipse((470, 670, 730, 730), "#b98527")
    canvas.ellipse((470, 658, 730, 714), "#e3b458")
    canvas.polygon([(500, 190), (700, 190), (800, 450), (400, 450)], "#fff0d2")
    canvas.ellipse((400, 425, 800, 475), "#ffdf9f")
    canvas.ellipse((500, 175, 700, 205), "#fff8ea")
    return canvas


def mug() -> Canvas:
    canvas = Canvas("#9fd8d8", "#f4ead2")
    canvas.soft((370, 640, 850, 730), "#5a6b66", 150, 26)
    canvas.arc((690, 330, 900, 570), 250, 110, "#12566b", 44)
    canvas.rounded((400, 260, 760, 690), 60, "#17677f")
    canvas.rounded((400, 260, 760, 420), 60, "#e9f4f1")
    for start in (400, 520, 640):
        canvas.ellipse((start, 365, start + 120, 455), "#e9f4f1")
    canvas.ellipse((400, 230, 760, 300), "#f7fbfa")
    canvas.ellipse((424, 242, 736, 290), "#4b2e1e")
    for x in (500, 580, 660):
        canvas.arc((x - 40, 60, x + 20, 140), 270, 90, "#ffffff", 10)
        canvas.arc((x - 40, 130, x + 20, 210), 90, 270, "#ffffff", 10)
    return canvas


def kite() -> Canvas:
    canvas = Canvas("#3d8fe0", "#d8f0ff")
    for x, y, size in ((160, 560, 150), (900, 610, 190), (820, 130, 120)):
        canvas.soft((x, y, x + size * 2, y + size * 0.7), "#ffffff", 220, 26)
    top, right, bottom, left, middle = (600, 90), (800, 300), (560, 600), (410, 260), (592, 290)
    canvas.polygon([top, right, middle], "#ff8a5c")
    canvas.polygon([right, bottom, middle], "#e8504f")
    canvas.polygon([bottom, left, middle], "#ffc857")
    canvas.polygon([left, top, middle], "#fff1c9")
    tail = [(560, 600), (590, 650), (550, 690), (600, 730), (570, 790)]
    canvas.line(tail, "#3a3f58", 5)
    for x, y in tail[1:4]:
        canvas.polygon([(x, y), (x - 34, y - 18), (x - 34, y + 18)], "#e8504f")
        canvas.polygon([(x, y), (x + 34, y - 18), (x + 34, y + 18)], "#ffc857")
    return canvas


def globe() -> Canvas:
    canvas = Canvas("#e8e3f5", "#b9c6ea")
    canvas.soft((390, 680, 810, 750), "#4b4f75", 150, 26)
    canvas.rounded((580, 600, 620, 700), 6, "#7d5638")
    canvas.ellipse((450, 670, 750, 730), "#8f6544")
    canvas.arc((310, 80, 890, 660), 290, 110, "#a87b52", 22)
    canvas.ellipse((350, 120, 850, 620), "#2c7fb8")
    for land in (
        [(430, 230), (560, 180), (600, 250), (540, 330), (560, 400), (480, 420), (400, 330)],
        [(640, 260), (760, 230), (820, 320), (770, 420), (690, 400), (640, 340)],
        [(520, 470), (620, 450), (640, 540), (570, 590), (510, 540)],
    ):
        canvas.polygon([(float(x), float(y)) for x, y in land], "#74c69d")
    for inset in (0, 110, 210):
        canvas.arc((350 + inset, 120, 850 - inset, 620), 0, 360, "#cfe8f7", 3)
    for y, half in ((245, 217), (370, 250), (495, 217)):
        canvas.line([(600 - half, y), (600 + half, y)], "#cfe8f7", 3)
    canvas.soft((420, 170, 600, 330), "#ffffff", 110, 40)
    return canvas


def fern() -> Canvas:
    canvas = Canvas("#f3f6e4", "#bcd9b0")
    canvas.soft((400, 680, 800, 750), "#52684a", 150, 26)
    for lean, height in ((-260, 330), (-150, 150), (0, 70), (150, 150), (260, 330)):
        tip = (600 + lean, height)
        steps = 12
        for step in range(1, steps):
            part = step / steps
            x = 600 + lean * part**1.4
            y = 520 + (tip[1] - 520) * part
            size = 58 * (1 - part) + 14
            shade = "#2d6a4f" if step % 2 else "#40916c"
            canvas.ellipse((x - size, y - size / 3, x, y + size / 3), shade)
            canvas.ellipse((x, y - size / 3, x + size, y + size / 3), "#52b788")
        canvas.line([(600, 540), (600 + lean * 0.4, (520 + tip[1]) / 2), tip], "#1b4332", 5)
    canvas.polygon([(450, 500), (750, 500), (705, 720), (495, 720)], "#c8633f")
    canvas.polygon([(600, 500), (750, 500), (705, 720), (600, 720)], "#b45434")
    canvas.rounded((430, 470, 770, 530), 14, "#dd7a52")
    return canvas


def radio() -> Canvas:
    canvas = Canvas("#f6d9a8", "#e59a6f")
    canvas.soft((280, 620, 940, 710), "#6b3d22", 160, 26)
    canvas.line([(800, 240), (930, 70)], "#8d8d95", 8)
    canvas.ellipse((918, 56, 944, 82), "#b9b9c2")
    canvas.rounded((290, 230, 910, 660), 46, "#6b4226")
    canvas.rounded((312, 252, 888, 638), 34, "#84532f")
    canvas.ellipse((350, 300, 630, 580), "#2f2420")
    for inset in range(20, 140, 24):
        canvas.arc((350 + inset, 300 + inset, 630 - inset, 580 - inset), 0, 360, "#a98a6c", 5)
    canvas.rounded((670, 300, 850, 400), 14, "#fdf3dc")
    for step in range(9):
        length = 34 if step % 2 == 0 else 20
        canvas.line([(686 + step * 18.5, 316), (686 + step * 18.5, 316 + length)], "#6b4226", 3)
    canvas.line([(742, 310), (742, 392)], "#d1382c", 5)
    canvas.ellipse((690, 440, 830, 580), "#d9a441")
    canvas.ellipse((706, 456, 814, 564), "#f0c873")
    canvas.line([(760, 510), (796, 474)], "#6b4226", 7)
    return canvas


DRAWINGS: dict[int, Callable[[], Canvas]] = {1: lamp, 2: mug, 3: kite, 4: globe, 5: fern, 6: radio}


@cache
def picture(number: int) -> bytes:
    """The product as a JPEG of 1200 by 800, drawn once; it takes about a third of a second."""
    return DRAWINGS[number]().jpeg()

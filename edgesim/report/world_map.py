"""A map of the world with dots on it, as an SVG text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from .charts import COLOURS
from .land import OUTLINES

WIDTH, HEIGHT = 940, 400
NORTH, SOUTH = 78.0, -57.0
WEST, EAST = -170.0, 190.0
"""The date line runs through it at 180; what is beyond comes from the other side."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A place; `area` is its weight, 1 for the largest."""

    latitude: float
    longitude: float
    area: float
    colour: int
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A small square, such as a region, with its name beside it."""

    latitude: float
    longitude: float
    name: str = ""
    title: str = ""


def world_map(dots: Iterable[Dot], marks: Iterable[Mark], largest_px: float = 13.0) -> str:
    """The smaller dots over the larger ones, all over the marks."""
    parts = [_land(), *map(_mark, marks)]
    for dot in sorted(dots, key=lambda one: -one.area):
        x, y = place(dot.latitude, dot.longitude)
        radius = max(2.5, largest_px * dot.area**0.5)
        parts.append(
            f'<circle class="spot c{dot.colour % COLOURS}" cx="{x:.1f}" cy="{y:.1f}" '
            f'r="{radius:.1f}"><title>{escape(dot.title)}</title></circle>'
        )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}</svg>'


def place(latitude: float, longitude: float) -> tuple[float, float]:
    """Where it is in the picture, whose degrees are everywhere alike."""
    if longitude < WEST:
        longitude += 360
    x = (longitude - WEST) / (EAST - WEST) * WIDTH
    y = (NORTH - max(SOUTH, min(NORTH, latitude))) / (NORTH - SOUTH) * HEIGHT
    return x, y


def _land() -> str:
    shapes = []
    for outline in OUTLINES:
        corners = (place(latitude, longitude) for longitude, latitude in outline)
        shapes.append("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in corners) + "Z")
    return f'<path class="land" d="{"".join(shapes)}"/>'


def _mark(mark: Mark) -> str:
    x, y = place(mark.latitude, mark.longitude)
    half = 3.0 if mark.name else 1.6
    square = (
        f'<rect class="mark" x="{x - half:.1f}" y="{y - half:.1f}" width="{2 * half:g}" '
        f'height="{2 * half:g}"><title>{escape(mark.title or mark.name)}</title></rect>'
    )
    if not mark.name:
        return square
    side, anchor = (-8, "end") if x > WIDTH / 8 else (8, "start")
    where = f'x="{x + side:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}"'
    return f'{square}<text class="name" {where}>{escape(mark.name)}</text>'

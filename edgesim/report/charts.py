"""Charts as SVG texts, for pages that need no network. Colours are classes of `page.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .axes import Axis, Scale, scaled

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 72, 16, 14, 44
BAR_HEIGHT, BAR_GAP, LABEL_WIDTH = 22, 8, 170
COLOURS = 8
"""Classes `c0` to `c7`; more series begin again."""


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its name, and points in the order of x."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: int | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of one or several parts, each a value of the series at its place."""

    label: str
    values: Sequence[float]
    note: str = ""
    """Behind the bar; its total where this is left out."""


def line_chart(series: Sequence[Series], x: Axis, y: Axis) -> str:
    """Lines over a common ground."""
    across = scaled(x, [point[0] for one in series for point in one.points])
    up = scaled(y, [point[1] for one in series for point in one.points])
    parts = [_grid(x, y, across, up)]
    for index, one in enumerate(series):
        places = [_place(across, up, *point) for point in one.points]
        joined = " ".join(f"{left:.1f},{top:.1f}" for left, top in places)
        parts.append(f'<polyline class="line {_colour(one, index)}" points="{joined}"/>')
        parts += [
            f'<circle class="dot {_colour(one, index)}" cx="{left:.1f}" cy="{top:.1f}" r="7">'
            f"<title>{escape(f'{one.name}: {x.text(at)}, {y.text(value)}')}</title></circle>"
            for (left, top), (at, value) in zip(places, one.points, strict=True)
        ]
    return _svg(WIDTH, HEIGHT, parts) + legend([one.name for one in series], _colours(series))


def stacked_chart(series: Sequence[Series], x: Axis, y: Axis) -> str:
    """Areas one upon the other. All series have the same places on x."""
    at = [point[0] for point in series[0].points] if series else []
    sums = [0.0] * len(at)
    tops: list[list[float]] = []
    for one in series:
        sums = [total + point[1] for total, point in zip(sums, one.points, strict=True)]
        tops.append(sums)
    across, up = scaled(x, at), scaled(y, sums)
    parts = [_grid(x, y, across, up)]
    beneath = [0.0] * len(at)
    for index, (one, top) in enumerate(zip(series, tops, strict=True)):
        over = [_place(across, up, place, value) for place, value in zip(at, top, strict=True)]
        under = [_place(across, up, place, value) for place, value in zip(at, beneath, strict=True)]
        joined = " ".join(f"{left:.1f},{high:.1f}" for left, high in [*over, *reversed(under)])
        title = f"<title>{escape(one.name)}</title>"
        colour = _colour(one, index)
        parts.append(f'<polygon class="area {colour}" points="{joined}">{title}</polygon>')
        beneath = top
    return _svg(WIDTH, HEIGHT, parts) + legend([one.name for one in series], _colours(series))


def bar_chart(bars: Sequence[Bar], names: Sequence[str], axis: Axis) -> str:
    """Bars from left to right, their parts in the order of `names`."""
    scale = scaled(axis, [sum(bar.values) for bar in bars])
    height = len(bars) * (BAR_HEIGHT + BAR_GAP) + BAR_GAP
    room = WIDTH - LABEL_WIDTH - 90
    parts: list[str] = []
    for row, bar in enumerate(bars):
        top = BAR_GAP + row * (BAR_HEIGHT + BAR_GAP)
        middle = top + BAR_HEIGHT * 0.7
        parts.append(_text(LABEL_WIDTH - 8, middle, bar.label, "end"))
        left = float(LABEL_WIDTH)
        for index, value in enumerate(bar.values):
            width = room * (scale.at(value) - scale.at(0.0))
            told = escape(f"{bar.label}, {names[index]}: {axis.text(value)}")
            parts.append(
                f'<rect class="area c{index % COLOURS}" x="{left:.1f}" y="{top}" '
                f'width="{width:.1f}" height="{BAR_HEIGHT}" rx="2"><title>{told}</title></rect>'
            )
            left += width
        parts.append(_text(left + 6, middle, bar.note or axis.text(sum(bar.values)), "start"))
    key = legend(names, [f"c{index % COLOURS}" for index in range(len(names))])
    return _svg(WIDTH, height, parts) + (key if len(names) > 1 else "")


def legend(names: Sequence[str], colours: Sequence[str]) -> str:
    """What each colour means; nothing where there is one."""
    if len(names) < 2:
        return ""
    items = (
        f'<span><i class="{colour}"></i>{escape(name)}</span>'
        for name, colour in zip(names, colours, strict=True)
    )
    return f'<div class="legend">{"".join(items)}</div>'


def _colour(series: Series, index: int) -> str:
    return f"c{(index if series.colour is None else series.colour) % COLOURS}"


def _colours(series: Sequence[Series]) -> list[str]:
    return [_colour(one, index) for index, one in enumerate(series)]


def _place(across: Scale, up: Scale, x: float, y: float) -> tuple[float, float]:
    left = LEFT + across.at(x) * (WIDTH - LEFT - RIGHT)
    return left, HEIGHT - BOTTOM - up.at(y) * (HEIGHT - TOP - BOTTOM)


def _grid(x: Axis, y: Axis, across: Scale, up: Scale) -> str:
    parts: list[str] = []
    floor = HEIGHT - BOTTOM
    for mark in up.marks:
        _, top = _place(across, up, across.low, mark)
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{top:.1f}" ')
        parts.append(f'y2="{top:.1f}"/>')
        parts.append(_text(LEFT - 8, top + 4, y.text(mark), "end"))
    for mark in across.marks:
        left, _ = _place(across, up, mark, up.low)
        parts.append(f'<line class="tick" x1="{left:.1f}" x2="{left:.1f}" y1="{floor}" ')
        parts.append(f'y2="{floor + 5}"/>')
        anchor = "end" if left > WIDTH - RIGHT - 20 else "middle"
        parts.append(_text(left, floor + 18, x.text(mark), anchor))
    if x.title:
        parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, x.title, "middle"))
    if y.title:
        middle = (TOP + floor) / 2
        turned = f'transform="rotate(-90 14 {middle:.1f})"'
        parts.append(_text(14, middle, y.title, "middle", turned))
    return "".join(parts)


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img">{"".join(parts)}</svg>'

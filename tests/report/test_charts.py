from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from edgesim.report.axes import Axis
from edgesim.report.charts import HEIGHT, WIDTH, Bar, Series, bar_chart, line_chart, stacked_chart

LINES = [Series("a <b>", [(0, 1), (1, 3)]), Series("c", [(0, 2), (1, 2)])]

CHARTS = [
    line_chart(LINES, Axis("time & place"), Axis("share")),
    stacked_chart(LINES, Axis(), Axis()),
    bar_chart([Bar("x", [1, 2]), Bar("y", [0, 4], "four")], ["one", "two"], Axis()),
    line_chart([], Axis(), Axis()),
    stacked_chart([], Axis(), Axis()),
    bar_chart([], [], Axis()),
]


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_is_well_formed_and_within_its_frame(chart: str) -> None:
    root = ET.fromstring(f"<div>{chart}</div>")
    for element in root.iter():
        for points in filter(None, [element.get("points")]):
            for left, top in (map(float, point.split(",")) for point in points.split()):
                assert 0 <= left <= WIDTH
                assert 0 <= top <= HEIGHT


def test_what_is_larger_stands_higher() -> None:
    points = re.findall(r'points="([^"]+)"', CHARTS[0])
    first, last = (float(point.split(",")[1]) for point in points[0].split())
    assert last < first


def test_areas_stand_upon_each_other() -> None:
    lower, upper = re.findall(r'points="([^"]+)"', CHARTS[1])
    top_of_lower = lower.split()[:2]
    foot_of_upper = upper.split()[:1:-1]
    assert top_of_lower == foot_of_upper


def test_bars_are_as_long_as_their_values() -> None:
    first, second, nothing, fourth = map(float, re.findall(r'width="([\d.]+)"', CHARTS[2]))
    assert second == pytest.approx(2 * first, abs=0.2)
    assert fourth == pytest.approx(4 * first, abs=0.4)
    assert nothing == 0
    assert ">four<" in CHARTS[2]


def test_names_are_told_and_escaped() -> None:
    assert "a &lt;b&gt;" in CHARTS[0]
    assert "time &amp; place" in CHARTS[0]
    assert 'class="legend"' in CHARTS[0]

from __future__ import annotations

import xml.etree.ElementTree as ET

from edgesim.report.land import OUTLINES
from edgesim.report.world_map import HEIGHT, WIDTH, Dot, Mark, place, world_map


def test_places_are_where_maps_have_them() -> None:
    assert place(78, -170) == (0, 0)
    assert place(-57, 190) == (WIDTH, HEIGHT)
    assert place(0, -175)[0] > place(0, 175)[0], "what is beyond the date line comes from the east"


def test_it_is_one_picture_with_every_dot_and_its_title() -> None:
    dots = [Dot(35.7, 139.7, 1.0, 0, "Tokyo <1>"), Dot(52.5, 13.4, 0.1, 9, "Berlin")]
    picture = ET.fromstring(world_map(dots, [Mark(39, -77, "us-east-1"), Mark(1, 1)]))
    titles = [title.text for title in picture.iter("title")]
    assert titles[-2:] == ["Tokyo <1>", "Berlin"]
    assert {circle.get("class") for circle in picture.iter("circle")} == {"spot c0", "spot c1"}
    assert [text.text for text in picture.iter("text")] == ["us-east-1"]


def test_cities_are_on_land() -> None:
    for longitude, latitude, city in [(116, 40, "Beijing"), (-47, -23, "São Paulo"),
                                      (37, 56, "Moscow"), (-87, 42, "Chicago"),
                                      (3, 7, "Lagos"), (134, -25, "Alice Springs"),
                                      (138, 36, "Tokyo"), (-1, 52, "London")]:  # fmt: skip
        assert any(inside(longitude, latitude, outline) for outline in OUTLINES), city
    for longitude, latitude in [(-40, 40), (0, -20), (160, 20), (-140, -20), (80, -20)]:
        assert not any(inside(longitude, latitude, outline) for outline in OUTLINES)


def inside(x: float, y: float, outline: tuple[tuple[int, int], ...]) -> bool:
    """Whether a line to the north crosses the outline an odd number of times."""
    crossings = 0
    for (left, low), (right, high) in zip(outline, outline[1:] + outline[:1], strict=True):
        if (left > x) != (right > x):
            crossings += low + (x - left) * (high - low) / (right - left) > y
    return crossings % 2 == 1

"""How long a message and its answer take between two places, without anything done in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .geography import Point, distance_km
from .routes import Pace, RouteMap

FITTED = Pace(land_ms=1.224, sea_ms=1.205, hop_ms=3.22, access_ms=2.64)
"""Least squares of relative errors over all measured pairs (`bench/latency_model.py`)."""

NEAR_KM = 500.0
"""At this distance from a measured region half of what was found out about it counts."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place that messages come from or go to; regions go by their codes."""

    name: str
    point: Point


class LatencyModel:
    """Round-trip times: as measured between regions, by the map of routes everywhere else.

    Near a measured region the map is corrected by how far it is off there, so that an edge
    location in Tokyo is as far from Virginia as the region in Tokyo is.
    """

    def __init__(
        self,
        routes: RouteMap,
        regions: Mapping[str, Point],
        measured_ms: Mapping[tuple[str, str], float],
    ) -> None:
        self.routes = routes
        self._measured_ms = measured_ms
        codes = sorted({code for pair in measured_ms for code in pair})
        self._anchors = {code: regions[code] for code in codes}
        self._nearest: dict[Point, tuple[str, float]] = {}
        self._known_s: dict[tuple[Site, Site], float] = {}

    def rtt_s(self, a: Site, b: Site) -> float:
        """From `a` to `b` and back, seconds; whole microseconds."""
        known = self._known_s.get((a, b))
        if known is None:
            known = self._known_s[a, b] = round(self.rtt_ms(a, b) / 1000, 6)
        return known

    def rtt_ms(self, a: Site, b: Site) -> float:
        measured = self._measured_ms.get((a.name, b.name))
        if measured is not None:
            return measured
        return self.routes.rtt_ms(a.point, b.point) * self._correction(a.point, b.point)

    def _correction(self, a: Point, b: Point) -> float:
        """By how much the map is off between the measured regions nearest to `a` and `b`."""
        (near_a, weight_a), (near_b, weight_b) = self._anchor(a), self._anchor(b)
        there = self._measured_ms.get((near_a, near_b))
        back = self._measured_ms.get((near_b, near_a))
        if near_a == near_b or there is None or back is None:
            return 1.0
        drawn = self.routes.rtt_ms(self._anchors[near_a], self._anchors[near_b])
        return 1 + weight_a * weight_b * ((there + back) / 2 / drawn - 1)

    def _anchor(self, point: Point) -> tuple[str, float]:
        """The nearest measured region, and how much it has to say about `point`, from 0 to 1."""
        known = self._nearest.get(point)
        if known is None:
            distances = ((distance_km(point, at), code) for code, at in self._anchors.items())
            km, code = min(distances)
            known = self._nearest[point] = (code, 1 / (1 + (km / NEAR_KM) ** 2))
        return known

"""Points on the globe, and how far apart they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees; south and west are negative."""

    latitude: float
    longitude: float


def distance_km(a: Point, b: Point) -> float:
    """Along the great circle, to a tenth of a kilometre.

    Mathematical libraries differ in the last digit of a sine. Rounded, the distance is the same
    on every machine, and with it all that is computed from it.
    """
    north, south = radians(a.latitude), radians(b.latitude)
    across = sin((south - north) / 2) ** 2
    along = sin(radians(b.longitude - a.longitude) / 2) ** 2
    half = min(1.0, sqrt(across + cos(north) * cos(south) * along))
    return round(2 * EARTH_RADIUS_KM * asin(half), 1)


def length_km(points: Sequence[Point]) -> float:
    """From the first to the last by way of the others."""
    return round(sum(distance_km(a, b) for a, b in pairwise(points)), 1)

"""Reads the map of the world that comes with the package."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from ..topology.geography import Point, length_km
from ..topology.latency import FITTED, LatencyModel
from ..topology.routes import Pace, Route, RouteMap

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    """The rows of a table under `topology/data`; lines that begin with # say where it is from."""
    text = files("edgesim.topology").joinpath("data", f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def point(row: Row) -> Point:
    return Point(float(row["latitude"]), float(row["longitude"]))


@cache
def hubs() -> dict[str, Point]:
    return {row["name"]: point(row) for row in rows("hubs")}


@cache
def routes() -> tuple[Route, ...]:
    return tuple(_route(row) for row in rows("routes"))


def _route(row: Row) -> Route:
    via = [Point(*map(float, text.split())) for text in row["via"].split(";") if text.strip()]
    ends = hubs()
    return Route(
        row["a"], row["b"], row["kind"], length_km([ends[row["a"]], *via, ends[row["b"]]])
    )


@cache
def region_points() -> dict[str, Point]:
    return {row["code"]: point(row) for row in rows("regions")}


@cache
def measured_ms() -> dict[tuple[str, str], float]:
    """Round-trip times between regions, from the first to the second."""
    return {(row["src"], row["dst"]): float(row["rtt_ms"]) for row in rows("region-rtt")}


def latency(pace: Pace = FITTED) -> LatencyModel:
    return LatencyModel(RouteMap(hubs(), routes(), pace), region_points(), measured_ms())

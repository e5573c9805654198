"""Reads the map of the world that comes with the package."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from ..http.message import ViewerPlace
from ..topology.geography import Point, length_km
from ..topology.latency import FITTED, LatencyModel, Site
from ..topology.network import Pop
from ..topology.routes import Route, RouteMap
from ..topology.world import EdgeCity, Region, ViewerCity, World

Row = dict[str, str]


@cache
def world() -> World:
    """The world, read once."""
    model = LatencyModel(RouteMap(hubs(), routes(), FITTED), region_points(), measured_ms())
    return World(
        map(_region, rows("regions")),
        map(_edge_city, rows("edge-cities")),
        map(_viewer_city, rows("viewer-cities")),
        model,
    )


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
    return Route(row["a"], row["b"], row["kind"], length_km([ends[row["a"]], *via, ends[row["b"]]]))


@cache
def region_points() -> dict[str, Point]:
    return {row["code"]: point(row) for row in rows("regions")}


@cache
def measured_ms() -> dict[tuple[str, str], float]:
    """Round-trip times between regions, from the first to the second."""
    return {(row["src"], row["dst"]): float(row["rtt_ms"]) for row in rows("region-rtt")}


def _region(row: Row) -> Region:
    return Region(
        row["code"],
        row["city"],
        row["country"],
        Site(row["code"], point(row)),
        row["partition"],
        row["regional_cache"] == "yes",
        row["shield"] == "yes",
    )


def _edge_city(row: Row) -> EdgeCity:
    pop, site = Pop(row["pop"], row["city"]), Site(row["code"], point(row))
    return EdgeCity(row["code"], pop, row["country"], site, row["price_class"])


def _viewer_city(row: Row) -> ViewerCity:
    at = point(row)
    place = ViewerPlace(
        row["city"],
        row["country"],
        row["country_name"],
        row["region"],
        row["region_name"],
        row["postal_code"],
        at.latitude,
        at.longitude,
        row["time_zone"],
        row["metro_code"],
        row["asn"],
    )
    population = round(float(row["population_m"]) * 1_000_000)
    return ViewerCity(place, Site(row["city"], at), row["access"], float(row["weight"]), population)

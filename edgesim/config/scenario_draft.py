"""The shape of a scenario file: which keys there are, of what type, in what range."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from ..cloudfront.policies import YEAR_S
from .draft import PLAIN, Table

Percentiles = dict[float, float]
"""Values by the percentage of cases in which it is no more."""


def _percentiles(value: object) -> object:
    hint = "a number, or percentiles: { p0 = 1, p50 = 12, p99 = 400, p100 = 2000 }"
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = {"p50": value}
    if not isinstance(value, dict) or not value:
        raise PydanticCustomError(PLAIN, "this says neither how much nor how often", {"hint": hint})
    rows: Percentiles = {}
    for name, amount in value.items():
        number = _number(name)
        if number is None or not isinstance(amount, int | float) or isinstance(amount, bool):
            raise PydanticCustomError(PLAIN, f"{name} is no percentile", {"hint": hint})
        rows[number] = float(amount)
    ordered = dict(sorted(rows.items()))
    if list(ordered.values()) != sorted(ordered.values()) or min(ordered.values()) < 0:
        hint = "a higher percentile is no less than a lower one, and none is below 0"
        raise PydanticCustomError(PLAIN, "these percentiles fall", {"hint": hint})
    return ordered


def _number(name: str) -> float | None:
    try:
        number = float(name.removeprefix("p")) if name.startswith("p") else -1.0
    except ValueError:
        return None
    return number if 0 <= number <= 100 else None


Spread = Annotated[Percentiles, BeforeValidator(_percentiles)]


class TrafficDraft(Table):
    requests: int = Field(default=100_000, ge=1, le=10**12)
    hours: float = Field(default=24, ge=0.01, le=24 * 366)
    arrivals: Literal["poisson", "constant"] = "poisson"
    day: Literal["daily", "flat"] | list[float] = "daily"
    new_connections: float = Field(default=0.2, ge=0, le=1)
    scheme: Literal["http", "https"] = "https"


class ContentDraft(Table):
    share: float = Field(default=1.0, ge=0)
    objects: int = Field(default=1000, ge=1, le=10_000_000)
    zipf: float = Field(default=0.8, ge=0, le=5)
    size_kb: Spread = Field(default_factory=lambda: {50.0: 10.0})
    ttl_s: int | None = Field(default=None, ge=0, le=YEAR_S)
    """In short for headers = { Cache-Control = "max-age=…" }."""
    headers: dict[str, str] = Field(default_factory=dict)
    cached: bool = True
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "GET"
    origin_ms: Spread = Field(default_factory=lambda: {50.0: 20.0})
    hashed_names: bool = False


class FunctionDraft(Table):
    trigger: Literal["viewer-request", "origin-request", "origin-response", "viewer-response"]
    kind: Literal["lambda", "cloudfront-function"] = "lambda"
    duration_ms: Spread | None = None
    memory_mb: int = Field(default=128, ge=128, le=10_240)
    bundle_kb: int = Field(default=0, ge=0, le=256_000)
    contents: list[str] = Field(default_factory=list)


class ModelDraft(Table):
    routing: Literal["edge-optimized", "regional", "private"] = "edge-optimized"
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_All"
    region: str | None = None
    origin_shield: str = ""
    pop_cache_mb: int = Field(default=256, ge=1, le=10**9)
    regional_cache_mb: int = Field(default=1024, ge=1, le=10**9)
    functions: list[str] | None = None


class EventDraft(Table):
    """Something that happens: exactly one of the three."""

    at: str
    until: str | None = None
    outage: str | list[str] | None = None
    invalidate: str | None = None
    deploy: str | list[str] | None = None


class ScenarioDraft(Table):
    name: str = "scenario"
    region: str = "us-east-1"
    """Where the origin stands."""
    traffic: TrafficDraft = TrafficDraft()
    viewers: dict[str, float] = Field(default_factory=dict)
    contents: dict[str, ContentDraft]
    functions: dict[str, FunctionDraft] = Field(default_factory=dict)
    models: dict[str, ModelDraft]
    events: list[EventDraft] = Field(default_factory=list)

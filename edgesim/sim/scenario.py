"""What is simulated: who asks for what and when, by which configurations, and what happens to them.

Values only; `config/scenario.py` reads them from a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..cloudfront.distribution import PriceClass, Routing
from ..cloudfront.function import Trigger
from ..topology.quantiles import Quantiles

DAY_S = 86_400.0
MB = 1024 * 1024
SLOTS = 96
"""Into so many parts of equal length a run is cut where it is shown over time."""

DAILY = (
    0.95, 0.70, 0.50, 0.40, 0.36, 0.38, 0.48, 0.65, 0.80, 0.90, 0.97, 1.02,
    1.07, 1.07, 1.07, 1.09, 1.13, 1.19, 1.26, 1.40, 1.53, 1.56, 1.46, 1.22,
)  # fmt: skip
"""How busy viewers are at each hour of their own day: most between 20 and 22, least about 4."""

FLAT = (1.0,) * 24


@dataclass(frozen=True, slots=True)
class Content:
    """Objects of one kind. `share` is of all requests, and need not add up to one."""

    name: str
    share: float = 1.0
    objects: int = 1
    zipf: float = 0.8
    """Popularity: the nth is asked for 1/n^zipf as often as the first."""
    size_bytes: Quantiles = Quantiles(((0.5, 10_000.0),))
    headers: tuple[tuple[str, str], ...] = ()
    """Of the origin's responses."""
    cached: bool = True
    """False for the managed policy CachingDisabled: such requests go past the regional caches."""
    method: str = "GET"
    origin_s: Quantiles = Quantiles(((0.5, 0.02),))
    hashed_names: bool = False
    """Whether a deployment gives the objects other URLs, as build tools do."""


@dataclass(frozen=True, slots=True)
class SimulatedFunction:
    """A function that costs time and money, and passes on what it is given."""

    name: str
    trigger: Trigger
    runtime: str
    duration_s: Quantiles
    memory_mb: int = 128
    bundle_bytes: int = 0
    contents: tuple[str, ...] = ()
    """Whose requests it runs for; () for all."""


@dataclass(frozen=True, slots=True)
class Model:
    """One configuration of the CDN. All models of a scenario get the very same requests."""

    name: str
    routing: Routing = Routing.EDGE_OPTIMIZED
    price_class: PriceClass = PriceClass.ALL
    shield_region: str = ""
    origin_region: str = "us-east-1"
    pop_cache_bytes: int = 256 * MB
    regional_cache_bytes: int = 1024 * MB
    functions: tuple[SimulatedFunction, ...] = ()


@dataclass(frozen=True, slots=True)
class Outage:
    """A place, or the stretch between two, that is out of order from `at_s` to `until_s`."""

    at_s: float
    until_s: float
    what: frozenset[str]


@dataclass(frozen=True, slots=True)
class Invalidation:
    at_s: float
    path_pattern: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """The objects of these contents change."""

    at_s: float
    contents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything but the seed. Moments are seconds from the beginning, at midnight UTC."""

    contents: tuple[Content, ...]
    models: tuple[Model, ...]
    viewers: Mapping[str, float]
    """Weights by city, by its name on the map; machines in a region by its code."""
    name: str = "scenario"
    requests: int = 100_000
    """Expected in all, for each model."""
    seconds: float = DAY_S
    poisson: bool = True
    hours: tuple[float, ...] = DAILY
    """How busy viewers are at each hour of their own day."""
    new_connections: float = 0.2
    """The share of requests for which the viewer has no connection open."""
    viewer_scheme: str = "https"
    outages: tuple[Outage, ...] = ()
    invalidations: tuple[Invalidation, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    seed: int = field(default=1, kw_only=True)

    @property
    def slot_s(self) -> float:
        return self.seconds / SLOTS

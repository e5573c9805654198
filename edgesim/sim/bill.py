"""What a model would cost on AWS, if every day of a month were as the simulated time was."""

from __future__ import annotations

from dataclasses import dataclass

from ..cloudfront.distribution import Routing
from ..cloudfront.pricing import Usage, cloudfront_functions_usd, lambda_edge_usd
from ..cloudfront.traffic_prices import Traffic, edge_usd, region_usd, shield_usd
from ..topology.world import World
from .scenario import DAY_S, Model, Scenario
from .tally import Tally

MONTH_S = 30 * DAY_S


@dataclass(frozen=True, slots=True)
class Bill:
    """US dollars a month."""

    transfer: float | None
    """None where the region's price is not known."""
    requests: float = 0.0
    shield: float = 0.0
    functions: float = 0.0

    @property
    def total(self) -> float | None:
        if self.transfer is None:
            return None
        return self.transfer + self.requests + self.shield + self.functions


def bill(world: World, scenario: Scenario, model: Model, tally: Tally) -> Bill:
    """By list prices; a regional model pays for its region's transfer and for no CDN."""
    months = MONTH_S / scenario.seconds
    functions = sum(_function_usd(model, tally, name, months) for name in tally.runs)
    if model.routing is not Routing.EDGE_OPTIMIZED:
        return Bill(region_usd(model.origin_region, tally.sent_bytes * months), 0, 0, functions)
    traffic = [
        Traffic(
            world.edge_cities[entrance].country,
            group.latencies.total() * months,
            group.sent_bytes * months,
            scenario.viewer_scheme == "https",
        )
        for (_, entrance), group in tally.groups.items()
    ]
    transfer, requests = edge_usd(traffic)
    shield = 0.0
    if model.shield_region:
        country = world.regions[model.shield_region].country
        shield = shield_usd(country, tally.shield_requests * months)
    return Bill(transfer, requests, shield, functions)


def _function_usd(model: Model, tally: Tally, name: str, months: float) -> float:
    one = next(function for function in model.functions if function.name == name)
    billed_s = tally.billed_ms[name] / 1000 * months
    usage = Usage(round(tally.runs[name] * months), billed_s, one.memory_mb)
    at_pop = one.runtime.startswith("cloudfront-js")
    return cloudfront_functions_usd(usage) if at_pop else lambda_edge_usd(usage)

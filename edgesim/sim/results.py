"""What a simulation says, as figures: rounded, so that they are the same on every machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..report.histogram import Histogram
from ..topology.geography import length_km
from ..topology.world import World
from .bill import Bill, bill
from .scenario import SLOTS, Model, Scenario
from .tally import Group, Tally

PERCENTS = (50, 90, 95, 99)
TIERS = ("pop", "regional", "shield")


@dataclass(frozen=True, slots=True)
class City:
    """How the viewers of a city fared under one model."""

    name: str
    entrances: tuple[str, ...]
    """Where they came in, the usual place first."""
    latencies: Histogram
    results: Counter[str]

    @property
    def requests(self) -> int:
        return self.latencies.count

    def p(self, percent: float) -> float:
        """Seconds."""
        return self.latencies.percentile(percent)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one model."""

    model: Model
    tally: Tally
    cities: dict[str, City]
    latencies: Histogram
    bill: Bill

    def hit_ratio(self, tier: str) -> float | None:
        """Of those who asked it; None if nobody did."""
        asked = self.tally.lookups[tier]
        return self.tally.hits[tier] / asked if asked else None

    @property
    def origin_requests(self) -> int:
        return self.tally.origin_requests.total()

    @property
    def offload(self) -> float:
        """The share of viewers' requests that the origin did not see."""
        requests = self.tally.requests
        return 1 - self.origin_requests / requests if requests else 0.0


@dataclass(frozen=True, slots=True)
class Results:
    """All models of a scenario, side by side."""

    scenario: Scenario
    outcomes: tuple[Outcome, ...]
    distances_km: dict[tuple[str, str], float]
    """Great circles, by city and region."""

    def outcome(self, name: str) -> Outcome:
        return next(one for one in self.outcomes if one.model.name == name)


def results(world: World, scenario: Scenario, tallies: Sequence[Tally]) -> Results:
    """What `tallies`, one of each model, say."""
    outcomes = tuple(
        _outcome(world, scenario, model, tally)
        for model, tally in zip(scenario.models, tallies, strict=True)
    )
    regions = {model.origin_region for model in scenario.models}
    distances = {
        (city, code): round(
            length_km([world.viewer(city).site.point, world.regions[code].site.point]), 1
        )
        for city in scenario.viewers
        for code in sorted(regions)
    }
    return Results(scenario, outcomes, distances)


def _outcome(world: World, scenario: Scenario, model: Model, tally: Tally) -> Outcome:
    cities = {
        name: _city(
            name, [(key[1], group) for key, group in tally.groups.items() if key[0] == name]
        )
        for name in scenario.viewers
    }
    everyone = Histogram()
    for city in cities.values():
        everyone.add(city.latencies)
    return Outcome(model, tally, cities, everyone, bill(world, scenario, model, tally))


def _city(name: str, groups: list[tuple[str, Group]]) -> City:
    latencies, found = Histogram(), Counter[str]()
    for _, group in groups:
        latencies.counts.update(group.latencies)
        found.update(group.results)
    by_use = sorted(groups, key=lambda one: (-one[1].latencies.total(), one[0]))
    return City(name, tuple(code for code, group in by_use if group.latencies), latencies, found)


def as_json(found: Results, answer: Sequence[str]) -> dict[str, Any]:
    """Everything, for `--json`."""
    scenario = found.scenario
    return {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "seconds": scenario.seconds,
        "slot_s": scenario.slot_s,
        "answer": list(answer),
        "models": [_model_json(found, outcome) for outcome in found.outcomes],
    }


def _model_json(found: Results, outcome: Outcome) -> dict[str, Any]:
    model, tally = outcome.model, outcome.tally
    every = Counter[str]()
    for city in outcome.cities.values():
        every.update(city.results)
    return {
        "name": model.name,
        "routing": model.routing.value,
        "price_class": model.price_class.value,
        "origin_shield": model.shield_region,
        "region": model.origin_region,
        "requests": tally.requests,
        "unreachable": tally.unreachable,
        "latency_s": _latency(outcome.latencies),
        "hit_ratio": {
            tier: round(ratio, 6)
            for tier in TIERS
            if (ratio := outcome.hit_ratio(tier)) is not None
        },
        "lookups": {tier: tally.lookups[tier] for tier in TIERS if tally.lookups[tier]},
        "hits": {tier: tally.hits[tier] for tier in TIERS if tally.lookups[tier]},
        "results": dict(sorted((+every).items())),
        "sent_bytes": tally.sent_bytes,
        "origin_requests": outcome.origin_requests,
        "origin_bytes": tally.origin_bytes.total(),
        "offload": round(outcome.offload, 6),
        "requests_by_slot": [tally.requests_by_slot[slot] for slot in range(SLOTS)],
        "origin_requests_by_slot": [tally.origin_requests[slot] for slot in range(SLOTS)],
        "origin_bytes_by_slot": [tally.origin_bytes[slot] for slot in range(SLOTS)],
        "stored_bytes": dict(sorted(tally.stored_bytes.items())),
        "functions": {
            name: {
                "runs": tally.runs[name],
                "cold_starts": tally.cold_starts[name],
                "billed_ms": tally.billed_ms[name],
            }
            for name in sorted(tally.runs)
        },
        "usd_a_month": _bill_json(outcome.bill),
        "cities": [_city_json(found, model, city) for city in outcome.cities.values()],
    }


def _latency(latencies: Histogram) -> dict[str, float]:
    percentiles = {f"p{percent}": round(latencies.percentile(percent), 6) for percent in PERCENTS}
    return {"mean": round(latencies.mean_s(), 6), **percentiles}


def _bill_json(cost: Bill) -> dict[str, float | None]:
    def cents(value: float | None) -> float | None:
        return None if value is None else round(value, 2)

    return {
        "transfer": cents(cost.transfer),
        "requests": cents(cost.requests),
        "origin_shield": cents(cost.shield),
        "functions": cents(cost.functions),
        "total": cents(cost.total),
    }


def _city_json(found: Results, model: Model, city: City) -> dict[str, Any]:
    return {
        "city": city.name,
        "entrances": list(city.entrances),
        "km": found.distances_km[city.name, model.origin_region],
        "requests": city.requests,
        "latency_s": _latency(city.latencies),
    }

"""How a scenario falls into parts that have nothing to do with each other.

Each model is by itself: caches, connections and functions are its own. Within a model two cities
belong together if their requests may ever meet in one cache: at a POP, at a regional cache, at an
Origin Shield, with everything in order or during an outage. So a part holds all that can influence
a request in it, and the parts may run in any order, in any process, with the same result: what
they count are whole numbers, which are then added.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..topology.routing import Path
from ..topology.world import World
from .scenario import Model, Scenario
from .ways import outages_at, path_of


@dataclass(frozen=True, slots=True)
class Shard:
    """Some of the cities, under one model; both by their place in the scenario."""

    model: int
    cities: tuple[int, ...]
    share: float
    """Of all requests of the model."""


def shards(world: World, scenario: Scenario) -> list[Shard]:
    """All parts of all models, in the order of the models and of their first cities."""
    return [
        shard
        for number, model in enumerate(scenario.models)
        for shard in _of_model(world, scenario, number, model)
    ]


def _of_model(world: World, scenario: Scenario, number: int, model: Model) -> Iterable[Shard]:
    names = list(scenario.viewers)
    moments = {0.0, *(one.at_s for one in scenario.outages)}
    moments |= {one.until_s for one in scenario.outages}
    states = [outages_at(scenario, moment) for moment in sorted(moments)]
    joined = _Joined()
    for index, name in enumerate(names):
        city = world.viewer(name)
        for outages in states:
            path = path_of(world, model, city, outages)
            joined.join([f"city {index}", *(_caches(model, path) if path else ())])
    whole = sum(scenario.viewers.values())
    groups: dict[str, list[int]] = {}
    for index in range(len(names)):
        groups.setdefault(joined.root(f"city {index}"), []).append(index)
    for cities in groups.values():
        weight = sum(scenario.viewers[names[index]] for index in cities)
        yield Shard(number, tuple(cities), weight / whole)


def _caches(model: Model, path: Path) -> Iterable[str]:
    yield path.regional.code
    if path.pop is not None:
        yield path.pop.code
    if model.shield_region:
        yield model.shield_region


class _Joined:
    """Names that belong together (a forest of disjoint sets)."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def root(self, name: str) -> str:
        parent = self._parents.setdefault(name, name)
        while parent != name:
            name, parent = parent, self._parents[parent]
        return name

    def join(self, names: list[str]) -> None:
        first = self.root(names[0])
        for name in names[1:]:
            self._parents[self.root(name)] = first

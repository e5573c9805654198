"""A scenario file to a `Scenario`, or every mistake in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path

from ..cloudfront.distribution import PriceClass, Routing
from ..cloudfront.function import Trigger
from ..cloudfront.invalidation import check_paths
from ..cloudfront.origin import SHIELD_REGIONS
from ..errors import ConfigError
from ..sim.scenario import (
    DAILY,
    FLAT,
    MB,
    Content,
    Deployment,
    Invalidation,
    Model,
    Outage,
    Scenario,
    SimulatedFunction,
)
from ..topology.durations import CLOUDFRONT_FUNCTION, LAMBDA_WARM
from ..topology.quantiles import Quantiles
from ..topology.world import World
from .load import parse_toml, read_toml, shaped
from .positions import KeyPath
from .scenario_draft import ContentDraft, EventDraft, FunctionDraft, Percentiles, ScenarioDraft
from .source import Findings, Source
from .world import world

BUILT_IN = "edgesim's own scenario"
RUNTIMES = {"lambda": "nodejs22.x", "cloudfront-function": "cloudfront-js-2.0"}
NAME = re.compile(r"[A-Za-z0-9_-]+")
_MOMENT = re.compile(r"(?:(?P<days>\d+)d )?(?P<hours>\d{1,2}):(?P<minutes>\d\d)(?::(?P<s>\d\d))?")
HINT = "`edgesim simulate` without a file runs a scenario of its own"


def load_scenario(path: Path) -> Scenario:
    """The scenario at `path`. Raises `ConfigError`, or `ConfigErrors` with all mistakes."""
    return parse_scenario(read_toml(path, HINT), str(path), path.resolve().parent)


def built_in() -> str:
    """The text of the scenario that comes with the package."""
    return files("edgesim.sim").joinpath("scenario.toml").read_text("utf-8")


def parse_scenario(text: str, name: str = BUILT_IN, folder: Path = Path()) -> Scenario:
    """The scenario that `text`, called `name` in messages, describes. Raises as above."""
    data, source = parse_toml(text, name, folder)
    draft = shaped(ScenarioDraft, data, source)
    resolving = _Resolving(draft, source, world())
    scenario = resolving.scenario()
    resolving.findings.raise_mistakes()
    return scenario


class _Resolving:
    """What names mean. Mistakes are collected; what is made of them does not matter."""

    def __init__(self, draft: ScenarioDraft, source: Source, on_map: World) -> None:
        self.draft, self.world = draft, on_map
        self.findings = Findings(source)
        self.seconds = draft.traffic.hours * 3600

    def scenario(self) -> Scenario:
        draft, traffic = self.draft, self.draft.traffic
        self._checked_region(("region",), draft.region)
        functions = {name: self._function(name, one) for name, one in draft.functions.items()}
        return Scenario(
            tuple(self._contents()),
            tuple(self._models(functions)),
            self._viewers(),
            name=draft.name,
            requests=traffic.requests,
            seconds=self.seconds,
            poisson=traffic.arrivals == "poisson",
            hours=self._hours(),
            new_connections=traffic.new_connections,
            viewer_scheme=traffic.scheme,
            outages=tuple(self._outages()),
            invalidations=tuple(self._invalidations()),
            deployments=tuple(self._deployments()),
        )

    def _hours(self) -> tuple[float, ...]:
        day = self.draft.traffic.day
        if isinstance(day, str):
            return DAILY if day == "daily" else FLAT
        if len(day) != 24 or min(day) < 0 or not sum(day):
            what = "a day has 24 hours, none below 0 and not all of them 0"
            self.findings.refuse(("traffic", "day"), what, 'or "daily", or "flat"')
            return FLAT
        return tuple(day)

    def _viewers(self) -> Mapping[str, float]:
        """By the map's own names; everybody on it who is not named otherwise."""
        if not self.draft.viewers:
            return {city.name: city.weight for city in self.world.viewer_cities.values()}
        weights: dict[str, float] = {}
        for name, weight in self.draft.viewers.items():
            path = ("viewers", name)
            try:
                known = self.world.viewer(name)
            except ConfigError as error:
                self.findings.refuse(path, error.what, error.hint)
                continue
            city = known.region or known.name
            if weight <= 0:
                self.findings.refuse(path, f"{weight} is no share of the viewers", "above 0")
            if city in weights:
                self.findings.refuse(path, f"{city} stands here twice", "one line for each city")
            weights[city] = weight
        return weights

    def _contents(self) -> Iterator[Content]:
        contents = self.draft.contents
        if not contents or not sum(one.share for one in contents.values()):
            hint = "such as [contents.pages] with share = 1"
            self.findings.refuse(("contents",), "nobody asks for anything", hint)
        for name, one in contents.items():
            self._checked_name("contents", name)
            yield self._content(name, one)

    def _content(self, name: str, one: ContentDraft) -> Content:
        headers = dict(one.headers)
        if one.ttl_s is not None:
            if any(field.lower() == "cache-control" for field in headers):
                what = "ttl_s and a Cache-Control among the headers say the same thing twice"
                self.findings.refuse(("contents", name, "ttl_s"), what, "leave one of them out")
            headers["Cache-Control"] = f"max-age={one.ttl_s}"
        return Content(
            name,
            one.share,
            one.objects,
            one.zipf,
            _quantiles(one.size_kb, 1024),
            tuple(headers.items()),
            one.cached,
            one.method,
            _quantiles(one.origin_ms, 1 / 1000),
            one.hashed_names,
        )

    def _function(self, name: str, one: FunctionDraft) -> SimulatedFunction:
        self._checked_name("functions", name)
        for content in one.contents:
            if content not in self.draft.contents:
                path = ("functions", name, "contents")
                self.findings.unknown(path, "content", content, self.draft.contents)
        usual = LAMBDA_WARM if one.kind == "lambda" else CLOUDFRONT_FUNCTION
        if one.kind != "lambda" and not one.trigger.startswith("viewer"):
            what = f"a CloudFront Function does not run at {one.trigger}"
            self.findings.refuse(("functions", name, "trigger"), what, 'kind = "lambda" does')
        duration = usual if one.duration_ms is None else _quantiles(one.duration_ms, 1 / 1000)
        return SimulatedFunction(
            name,
            Trigger(one.trigger),
            RUNTIMES[one.kind],
            duration,
            one.memory_mb,
            one.bundle_kb * 1024,
            tuple(one.contents),
        )

    def _models(self, functions: Mapping[str, SimulatedFunction]) -> Iterator[Model]:
        if not self.draft.models:
            self.findings.refuse(("models",), "there is no model", "such as [models.edge]")
        for name, one in self.draft.models.items():
            at = partial(_path, "models", name)
            region = self._checked_region(at("region"), one.region or self.draft.region)
            if one.origin_shield and one.origin_shield not in SHIELD_REGIONS:
                path = at("origin_shield")
                self.findings.unknown(
                    path, "Region with Origin Shield", one.origin_shield, SHIELD_REGIONS
                )
            names = list(functions) if one.functions is None else one.functions
            for function in names:
                if function not in functions:
                    self.findings.unknown(at("functions"), "function", function, functions)
            used = tuple(functions[each] for each in names if each in functions)
            self._checked_triggers(at("functions"), used)
            yield Model(
                name,
                Routing(one.routing),
                PriceClass(one.price_class),
                one.origin_shield,
                region,
                one.pop_cache_mb * MB,
                one.regional_cache_mb * MB,
                used,
            )

    def _checked_triggers(self, path: KeyPath, used: tuple[SimulatedFunction, ...]) -> None:
        for content in self.draft.contents:
            taken: dict[Trigger, str] = {}
            for one in used:
                if one.contents and content not in one.contents:
                    continue
                if one.trigger in taken:
                    what = f"{taken[one.trigger]} and {one.name} both run at {one.trigger}"
                    hint = f"a trigger takes one function; both are for {content}"
                    self.findings.refuse(path, what, hint)
                taken[one.trigger] = one.name

    def _events(self, kind: str) -> Iterator[tuple[KeyPath, EventDraft, float]]:
        for index, one in enumerate(self.draft.events):
            path = ("events", index)
            said = [key for key in ("outage", "invalidate", "deploy") if getattr(one, key)]
            if kind in said and len(said) == 1:
                yield path, one, self._moment((*path, "at"), one.at)
            elif len(said) != 1 and kind == "outage":  # told once
                hint = "one of outage, invalidate and deploy"
                self.findings.refuse(path, "an event is one thing", hint)

    def _outages(self) -> Iterator[Outage]:
        for path, one, at_s in self._events("outage"):
            names = [one.outage] if isinstance(one.outage, str) else one.outage or []
            where = (*path, "outage")
            if len(names) > 2:
                what = "an outage is of one place, or of the stretch between two"
                self.findings.refuse(where, what, 'such as "FRA", or ["KIX", "us-east-1"]')
            known = frozenset(self._place(where, name) for name in names)
            until_s = self.seconds
            if one.until is not None:
                until_s = self._moment((*path, "until"), one.until)
                if until_s <= at_s:
                    what = "it ends before it begins"
                    self.findings.refuse((*path, "until"), what, f"later than {one.at}")
            yield Outage(at_s, until_s, known)

    def _place(self, path: KeyPath, name: str) -> str:
        try:
            return self.world.site(name).name
        except ConfigError as error:
            self.findings.refuse(path, error.what, error.hint)
            return name

    def _invalidations(self) -> Iterator[Invalidation]:
        for path, one, at_s in self._events("invalidate"):
            pattern = one.invalidate or ""
            try:
                check_paths([pattern])
            except ConfigError as error:
                self.findings.refuse((*path, "invalidate"), error.what, error.hint)
            yield Invalidation(at_s, pattern)

    def _deployments(self) -> Iterator[Deployment]:
        for path, one, at_s in self._events("deploy"):
            names = [one.deploy] if isinstance(one.deploy, str) else one.deploy or []
            for name in names:
                if name not in self.draft.contents:
                    where = (*path, "deploy")
                    self.findings.unknown(where, "content", name, self.draft.contents)
            yield Deployment(at_s, frozenset(names))

    def _moment(self, path: KeyPath, text: str) -> float:
        match = _MOMENT.fullmatch(text)
        if match is None or int(match["minutes"]) > 59:
            hint = 'as "14:30", or "2d 14:30" for two days later, from the beginning'
            self.findings.refuse(path, f"{text!r} is no moment", hint)
            return 0.0
        hours = 24 * int(match["days"] or 0) + int(match["hours"])
        moment = 3600.0 * hours + 60 * int(match["minutes"]) + int(match["s"] or 0)
        if moment >= self.seconds:
            hint = f"traffic.hours is {self.draft.traffic.hours:g}"
            self.findings.refuse(path, f"{text} is after the end", hint)
        return moment

    def _checked_region(self, path: KeyPath, code: str) -> str:
        if code not in self.world.regions:
            self.findings.unknown(path, "region", code, self.world.regions)
        return code

    def _checked_name(self, table: str, name: str) -> None:
        if not NAME.fullmatch(name):
            hint = "letters, digits, hyphens and underscores: it becomes part of URLs"
            self.findings.refuse((table, name), f"{name!r} is no name", hint)


def _path(*parts: str | int) -> KeyPath:
    return parts


def _quantiles(rows: Percentiles, unit: float) -> Quantiles:
    return Quantiles(tuple((percent / 100, amount * unit) for percent, amount in rows.items()))

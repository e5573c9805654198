"""How long simulated functions take, where they run: warm, or after a cold start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from ..cloudfront.function import Function, Trigger
from ..cloudfront.lambda_event import Json
from ..topology.durations import KEPT_WARM_S, cold_start_s
from .driver import Timed
from .scenario import SimulatedFunction


class Functions:
    """The execution environments of all functions. One function runs apart in each region."""

    def __init__(
        self, functions: Mapping[str, SimulatedFunction], random: Random, clock: Callable[[], float]
    ) -> None:
        self.functions, self.random, self.clock = functions, random, clock
        self._free_at: dict[str, list[float]] = {}
        """For each function in each region: when its environments are, or were, idle again."""
        self.runs: Counter[str] = Counter()
        self.cold: Counter[str] = Counter()
        self.billed_ms: Counter[str] = Counter()

    def ran(self, function: Function, trigger: Trigger, event: Json) -> Timed:
        """The function's own result, and how long it takes to come."""
        name = plain_name(function.name)
        simulated = self.functions[name]
        seconds = simulated.duration_s.at(self.random.random())
        if not function.is_cloudfront_function:
            seconds = self._in_environment(function.name, simulated, seconds)
        self.runs[name] += 1
        self.billed_ms[name] += -int(-seconds * 1000 // 1)  # each millisecond that has begun
        return Timed(passed_on(trigger, event), seconds)

    def _in_environment(self, name: str, simulated: SimulatedFunction, seconds: float) -> float:
        """How long it takes: a concurrent request needs an environment of its own."""
        now, free_at = self.clock(), self._free_at.setdefault(name, [])
        free_at[:] = [moment for moment in free_at if moment + KEPT_WARM_S > now]
        idle = [moment for moment in free_at if moment <= now]
        if idle:
            free_at.remove(max(idle))
        else:
            seconds += cold_start_s(self.random.random(), simulated.bundle_bytes)
            self.cold[plain_name(name)] += 1
        free_at.append(now + seconds)
        return seconds


def regional_name(name: str, region: str) -> str:
    """As CloudWatch names the logs of a replica (CloudFront: "Edge function logs")."""
    return f"{region}.{name}"


def plain_name(name: str) -> str:
    return name.partition(".")[2]


def passed_on(trigger: Trigger, event: Any) -> Any:
    """What a function returns that changes nothing; CloudFront Functions get plainer events."""
    record = event["Records"][0]["cf"] if "Records" in event else event
    return record["request" if trigger.may_answer else "response"]

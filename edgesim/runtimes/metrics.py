"""What a run of the edge has asked of each function, by the names of CloudWatch's metrics.

Lambda@Edge: "Monitor Lambda@Edge functions"; LG "Types of metrics for Lambda functions".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..cloudfront.function import Function, Trigger
from ..cloudfront.pricing import Usage
from . import failures
from .report import Report


@dataclass(slots=True, eq=False)
class FunctionMetrics:
    """One function since the edge was started, edits included; times in seconds."""

    function: Function
    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    concurrent_executions: int = 0
    """The most at once."""
    cold_starts: int = 0
    duration_s: float = 0.0
    longest_s: float = 0.0
    billed_s: float = 0.0
    max_memory_mb: int = 0
    running: int = 0
    is_lambda: bool = field(init=False)
    """Lambda's concurrency and prices hold for it, not those of CloudFront Functions."""

    def __post_init__(self) -> None:
        self.become(self.function)

    def become(self, function: Function) -> None:
        """Count for `function` from now on, which is the same by name."""
        self.function = function
        self.is_lambda = not function.is_cloudfront_function

    @property
    def usage(self) -> Usage:
        """What is paid for; a throttled invocation is not."""
        return Usage(self.invocations, self.billed_s, self.function.memory_mb)

    def reported(self, report: Report) -> None:
        """One environment's word on one invocation, or on a start that failed."""
        self.max_memory_mb = max(self.max_memory_mb, report.max_memory_mb)
        if not report.request_id:
            return
        self.cold_starts += report.init_s is not None
        self.took(report.duration_s)
        self.billed_s += report.billed_s

    def took(self, seconds: float) -> None:
        """One invocation; nobody reports those of a CloudFront Function."""
        self.duration_s += seconds
        self.longest_s = max(self.longest_s, seconds)

    def repeated(self) -> None:
        """One invocation that needed no run to know its result: counted as long as the others."""
        self.duration_s += self.duration_s / max(1, self.invocations - 1)

    def plus(self, other: FunctionMetrics) -> FunctionMetrics:
        """Together with those of another process; at once ran at most what did in either."""
        return FunctionMetrics(
            other.function,
            invocations=self.invocations + other.invocations,
            errors=self.errors + other.errors,
            throttles=self.throttles + other.throttles,
            concurrent_executions=self.concurrent_executions + other.concurrent_executions,
            cold_starts=self.cold_starts + other.cold_starts,
            duration_s=self.duration_s + other.duration_s,
            longest_s=max(self.longest_s, other.longest_s),
            billed_s=self.billed_s + other.billed_s,
            max_memory_mb=max(self.max_memory_mb, other.max_memory_mb),
        )

    def shown(self) -> dict[str, Any]:
        """As JSON; durations in milliseconds, as CloudWatch has them."""
        return {
            "runtime": self.function.runtime,
            "memory_mb": self.function.memory_mb,
            "invocations": self.invocations,
            "errors": self.errors,
            "throttles": self.throttles,
            "concurrent_executions": self.concurrent_executions,
            "cold_starts": self.cold_starts,
            "duration_ms": {
                "average": round(self.average_ms, 2),
                "maximum": round(self.longest_s * 1000, 2),
            },
            "billed_ms": round(self.billed_s * 1000),
            "max_memory_mb": self.max_memory_mb,
        }

    @property
    def average_ms(self) -> float:
        return self.duration_s * 1000 / self.invocations if self.invocations else 0.0


@dataclass(slots=True, eq=False)
class Metrics:
    """All functions; `concurrent_executions` is what they may do at once, None for any number."""

    concurrent_executions: int | None = None
    functions: dict[str, FunctionMetrics] = field(default_factory=dict)
    running: int = 0

    def of(self, function: Function) -> FunctionMetrics:
        """Those of `function`, whose settings may have changed since the last time."""
        found = self.functions.setdefault(function.name, FunctionMetrics(function))
        found.become(function)
        return found

    def begin(self, of: FunctionMetrics, trigger: Trigger) -> None:
        """Count an invocation in. Raises `FunctionThrottled` if it is one too many."""
        reserved = of.function.reserved_concurrency
        if of.is_lambda:
            where = f"function {of.function.name} at {trigger}"
            if reserved is not None and of.running >= reserved:
                of.throttles += 1
                raise failures.throttled(f"its reserved concurrency of {reserved:,}", where)
            quota = self.concurrent_executions
            if quota is not None and self.running >= quota:
                of.throttles += 1
                raise failures.throttled(f"the account's {quota:,} concurrent executions", where)
            self.running += 1
        of.invocations += 1
        of.running += 1
        of.concurrent_executions = max(of.concurrent_executions, of.running)

    def withdraw(self, of: FunctionMetrics) -> None:
        """It was no invocation: it will be one."""
        of.invocations -= 1
        self.end(of, failed=False)

    def end(self, of: FunctionMetrics, *, failed: bool) -> None:
        """Count it out."""
        of.running -= 1
        of.errors += failed
        self.running -= of.is_lambda


def together(every: Iterable[Metrics]) -> Metrics:
    """Those of several processes as if they were one."""
    whole = Metrics()
    for metrics in every:
        for name, one in metrics.functions.items():
            known = whole.functions.get(name)
            whole.functions[name] = one if known is None else known.plus(one)
    return whole

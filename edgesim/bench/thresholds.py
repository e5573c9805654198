"""What a test must hold for CI to pass: `p99<20ms`, `hit_ratio>0.9`, `errors==0`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import ConfigError, suggestion
from ..report.axes import duration, percentage, plain
from .summary import Summary

UNITS = {"": 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "%": 0.01}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
METRICS: dict[str, Callable[[Summary], float | None]] = {
    "mean": lambda run: run.total.mean_s,
    "max": lambda run: run.total.max_s,
    "per_s": lambda run: run.per_s,
    "requests": lambda run: run.total.count,
    "errors": lambda run: run.errors_in_all,
    "hit_ratio": lambda run: run.hit_ratio,
    "offload": lambda run: run.offload,
    "collapse_factor": lambda run: run.collapse_factor,
    "cpu_us": lambda run: run.cpu_us,
    "status_5xx": lambda run: sum(
        count for status, count in run.by_status.items() if status.startswith("5")
    ),
}
_FORM = re.compile(r"\s*([A-Za-z_0-9.]+)\s*(<=|>=|==|<|>)\s*([\d.]+)\s*(%|s|ms|us|µs)?\s*")
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One demand."""

    text: str
    metric: str
    comparison: str
    limit: float

    def value(self, run: Summary) -> float | None:
        """What it asks about; None where the server does not say."""
        percent = _PERCENTILE.fullmatch(self.metric)
        if percent:
            return run.latencies().percentile(float(percent[1]))
        return METRICS[self.metric](run)

    def shown(self, value: float) -> str:
        """`value` in the unit in which people think of it."""
        if _PERCENTILE.fullmatch(self.metric) or self.metric in ("mean", "max"):
            return duration(value)
        if self.metric in ("hit_ratio", "offload"):
            return percentage(value)
        return plain(round(value, 3))

    def holds(self, run: Summary) -> bool:
        value = self.value(run)
        return value is not None and COMPARISONS[self.comparison](value, self.limit)


def threshold(text: str) -> Threshold:
    """The demand that `text` is. Raises `ConfigError`."""
    match = _FORM.fullmatch(text)
    if match is None:
        hint = "such as 'p99<20ms', 'hit_ratio>0.9', 'errors==0'"
        raise ConfigError(f"{text!r} is no threshold", where="--assert", hint=hint)
    metric, comparison, number, unit = match.groups()
    if metric not in METRICS and not _PERCENTILE.fullmatch(metric):
        hint = suggestion(metric, [*METRICS, "p50", "p99", "p99.9"])
        raise ConfigError(f"nothing is measured as {metric!r}", where="--assert", hint=hint)
    try:
        limit = float(number) * UNITS[unit or ""]
    except ValueError:
        raise ConfigError(f"{number!r} is no number", where="--assert") from None
    return Threshold(text.strip(), metric, comparison, limit)

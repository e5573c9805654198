"""What a request waited for an environment to start, told past everything in between.

A runtime answers with what the function returned and nothing else. Whoever asked for it learns
here, in the same task, how much of the time was a cold start.
"""

from __future__ import annotations

from contextvars import ContextVar
from random import Random

_WAITED_S: ContextVar[float] = ContextVar("waited_s", default=0.0)

MEDIAN_S = 0.2
SIGMA = 0.6
"""Log-normal; a small bundle has a median of 150 to 250 ms and a 99th percentile of 600 to
1,000 ms by what people report, for AWS publishes no figures."""


def waited_for(seconds: float) -> None:
    """The task that runs now has waited for a cold start."""
    _WAITED_S.set(_WAITED_S.get() + seconds)


def cold_start_s() -> float:
    """How long this task has waited for cold starts since it was last asked."""
    waited = _WAITED_S.get()
    if waited:
        _WAITED_S.set(0.0)
    return waited


def as_on_aws(seed: int = 0) -> Random:
    """A source of `start_s`, each run alike."""
    return Random(seed)  # noqa: S311 - it keeps no secret


def start_s(source: Random) -> float:
    """How long a cold start lasts on AWS, drawn from what people report."""
    return MEDIAN_S * source.lognormvariate(0.0, SIGMA)

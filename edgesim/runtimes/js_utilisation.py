"""How much of its compute limit a CloudFront Function used: an estimate, from 0 to 100.

CloudFront: "Test functions", compute utilization. What its machines count is not known. Here it is
the function's CPU time, less what the event alone costs, beside that of a loop in the same engine
that stands for the limit. They are measured by turns, each the least of some times, and the median
of the rounds' quotients counts: what disturbs one round slows all three alike or is outvoted. On a
busy machine that spreads by 2 or 3 of a hundred, and quotients of the least of all times by 7.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from statistics import median

from ..cloudfront.lambda_event import Json
from .js_context import JsContext

ROUNDS, REPEATS = 15, 3

REFERENCE = """
function handler(event) {
  for (var i = 0, x = 7; i < 20000; i++) x = (x * 31 + i) | 0;
  event.x = x;
  return event.request;
}
"""
"""What stands for 100: about a millisecond of a fast machine's time."""
IDLE = "function handler(event) { return event.request; }"


def compute_utilisation(context: JsContext, event: Json) -> int:
    """The share of the limit, in percent, that the function in `context` takes for `event`."""
    idle, reference = _scale()
    quotients = []
    for _ in range(ROUNDS):
        nothing = idle.cpu_s(event, REPEATS)
        took = context.cpu_s(event, REPEATS)
        limit = reference.cpu_s(event, REPEATS)
        quotients.append((took - nothing) / (limit - nothing))
    return min(max(ceil(100 * median(quotients)), 1), 100)


@lru_cache(maxsize=1)
def _scale() -> tuple[JsContext, JsContext]:
    return JsContext(IDLE, "2.0"), JsContext(REFERENCE, "2.0")

"""How much of its compute limit a CloudFront Function used: an estimate, from 0 to 100.

CloudFront: "Test functions", compute utilization. What its machines count is not known. Here it is
the function's CPU time, less what the event alone costs, beside that of a loop in the same engine
that stands for the limit. All three are the least of many times and measured by turns, so that
neither a slow machine nor a busy one moves the quotient much.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil

from ..cloudfront.lambda_event import Json
from .js_context import JsContext

ROUNDS, REPEATS = 5, 5

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
    took = nothing = limit = float("inf")
    for _ in range(ROUNDS):
        took = min(took, context.cpu_s(event, REPEATS))
        nothing = min(nothing, idle.cpu_s(event, REPEATS))
        limit = min(limit, reference.cpu_s(event, 1))
    return min(max(ceil(100 * (took - nothing) / (limit - nothing)), 1), 100)


@lru_cache(maxsize=1)
def _scale() -> tuple[JsContext, JsContext]:
    return JsContext(IDLE, "2.0"), JsContext(REFERENCE, "2.0")

"""What ends a function before it returns anything, row by row.

Lambda: "Lambda runtimes", "Quotas"; CloudFront: "HTTP 503 status code (Service Unavailable)",
"Restrictions on CloudFront Functions". Viewers get a 503 and no reason; the rows have it.
"""

from __future__ import annotations

from .function import Trigger
from .rule_book import Rule, RuleKind

_UNAVAILABLE = "HTTP 503 status code (Service Unavailable)"
_RUNTIME = "Lambda runtimes; observed in the runtimes' published source"
_VIEWER = frozenset({Trigger.VIEWER_REQUEST, Trigger.VIEWER_RESPONSE})


def _rule(name: str, condition: str, fix: str, source: str = _UNAVAILABLE) -> Rule:
    return Rule(name, condition, fix, source, status=503, kind=RuleKind.EXECUTION)


def _cff(name: str, condition: str, fix: str, source: str) -> Rule:
    return Rule(f"cff-{name}", condition, fix, source, _VIEWER, status=503, kind=RuleKind.EXECUTION)


LOADS = _rule(
    "loads",
    "The module cannot be imported, has no such handler, or the handler takes a callback on "
    "nodejs24.x.",
    "put packages beside the code, and name the handler as module.function",
    _RUNTIME,
)
INIT_TIME = _rule(
    "init-time",
    "The module is still being imported after 10 s.",
    "do less while it is imported; Lambda gives the init phase no more either",
)
RAISES = _rule(
    "raises",
    "The handler raises, rejects, or calls back with an error.",
    "catch what may fail, and return the request or response",
)
SERIALISES = _rule(
    "serialises",
    "What the handler returns cannot be written as JSON, or a Python handler is async.",
    "return plain objects, lists, strings and numbers from a plain function",
    _RUNTIME,
)
PAYLOAD = _rule(
    "payload",
    "What the handler returns is larger than 6 MB as JSON.",
    "store large content at the origin, and redirect or rewrite to it",
    "Lambda quotas, invocation payload",
)
EXITS = _rule(
    "exits",
    "The process ends while it handles an event, or nothing is left that could settle a promise.",
    "return from the handler instead of exiting; settle every promise that it awaits",
    _RUNTIME,
)
MEMORY = _rule(
    "memory",
    "The process has more memory resident than the function's memory size.",
    "raise memory_mb, or hold less at once",
)
TIME = _rule(
    "time",
    "The handler has not returned when the function's timeout is over.",
    "raise timeout_s, or wait for less",
)
CONCURRENCY = _rule(
    "concurrency",
    "One more event comes than may be handled at once.",
    "raise the limit, or let fewer requests reach the function: cache more",
)
CFF_RAISES = _cff(
    "raises",
    "A CloudFront Function throws, or its promise rejects or is never settled.",
    "catch what may fail; there are no modules, timers, network or process of Node.js",
    "Restrictions on CloudFront Functions",
)
CFF_MEMORY = _cff(
    "memory",
    "A CloudFront Function needs more than 2 MB.",
    "hold less at once, or move data into a key-value store",
    "Quotas on CloudFront Functions",
)
CFF_TIME = _cff(
    "time",
    "A CloudFront Function does not come to an end: it is stopped after 50 ms of CPU time.",
    "CloudFront allows less than a millisecond: look for a loop that does not end",
    "Restrictions on CloudFront Functions",
)
CFF_THROTTLED = _cff(
    "throttled",
    "A CloudFront Function ran over its time limit five times in a row.",
    "shorten what it does; it is tried again after 20 requests, or once it is saved",
    "observed: FunctionThrottledError after a series of over-runs",
)

EXECUTION_RULES: tuple[Rule, ...] = tuple(
    row for row in list(globals().values()) if isinstance(row, Rule)
)
"""All of them, in the order above."""

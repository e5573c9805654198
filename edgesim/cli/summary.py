"""What the functions of a run did, and what that would have cost on AWS: said at the end."""

from __future__ import annotations

from collections.abc import Iterator

from ..cloudfront.pricing import costs
from ..runtimes.metrics import FunctionMetrics, Metrics

HEAD = (
    "function", "invocations", "errors", "throttles", "cold starts", "average", "maximum",
    "at once", "memory",
)  # fmt: skip


def summary(metrics: Metrics) -> Iterator[str]:
    """Lines for people; none if no function ran."""
    ran = {n: one for n, one in metrics.functions.items() if one.invocations or one.throttles}
    if not ran:
        return
    rows = [HEAD, *(_row(name, one) for name, one in ran.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        name, *numbers = (cell for cell in row)
        cells = (cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
        yield "  ".join([name.ljust(widths[0]), *cells])
    usd = costs(one.usage for one in ran.values())
    yield (
        f"on AWS, by list price without free tiers: ${usd.lambda_edge:.6f} as Lambda@Edge, "
        f"${usd.lambda_:.6f} as Lambda in a region, "
        f"${usd.cloudfront_functions:.6f} as CloudFront Functions"
    )


def _row(name: str, one: FunctionMetrics) -> tuple[str, ...]:
    memory = f"{one.max_memory_mb} of {one.function.memory_mb} MB" if one.max_memory_mb else "-"
    return (
        name,
        f"{one.invocations:,}",
        f"{one.errors:,}",
        f"{one.throttles:,}",
        f"{one.cold_starts:,}",
        f"{one.average_ms:.2f} ms",
        f"{one.longest_s * 1000:.2f} ms",
        f"{one.concurrent_executions:,}",
        memory,
    )

from __future__ import annotations

from edgesim.cli.summary import summary
from edgesim.cloudfront.function import Function
from edgesim.runtimes.metrics import FunctionMetrics, Metrics


def test_what_the_functions_did_and_what_that_costs() -> None:
    ran = FunctionMetrics(
        Function("auth"), 1_000_000, 12, 3, 4, 2, 2000.0, 1.5, 2500.0, max_memory_mb=41
    )
    idle = FunctionMetrics(Function("idle"))
    head, row, usd = summary(Metrics(functions={"auth": ran, "idle": idle}))
    assert head.split()[:4] == ["function", "invocations", "errors", "throttles"]
    assert row.split() == (
        "auth 1,000,000 12 3 2 2.00 ms 1500.00 ms 4 41 of 128 MB".split()  # noqa: SIM905
    )
    assert len(head) == len(row)
    assert "$0.615628 as Lambda@Edge" in usd
    assert "$0.205208 as Lambda in a region" in usd
    assert "$0.100000 as CloudFront Functions" in usd


def test_nothing_ran_and_nothing_is_said() -> None:
    assert list(summary(Metrics(functions={"idle": FunctionMetrics(Function("idle"))}))) == []


def test_who_was_only_throttled_is_named() -> None:
    throttled = FunctionMetrics(Function("auth"), throttles=7)
    assert list(summary(Metrics(functions={"auth": throttled})))[1].split()[3] == "7"

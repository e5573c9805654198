"""The lines in which Lambda says what an invocation took."""

from __future__ import annotations

import pytest

from edgesim.errors import FunctionError
from edgesim.runtimes.report import Report, billed_ms

from .conftest import Run

ID = "6f1c0000-0000-4000-a000-000000000000"
BILLED = [
    # duration ms, init ms, billed ms, why
    (15.74, 130.49, 147, "LG's own example: init time is billed since August 2025"),
    (3.12, 98.70, 102, "rounded up once, not twice"),
    (0.01, 0.0, 1, "a millisecond that began"),
    (1.0, 0.0, 1, "and no more than that"),
    (100 * 1.1, 0.0, 110, "whatever floats make of it"),
    (0.0, 0.0, 0, "nothing"),
]


@pytest.mark.parametrize(("duration_ms", "init_ms", "billed", "why"), BILLED)
def test_what_is_billed(duration_ms: float, init_ms: float, billed: int, why: str) -> None:
    assert billed_ms(duration_ms / 1000, init_ms / 1000) == billed, why


SIZE = "Memory Size: 128 MB\tMax Memory Used: 41 MB"
LINES = [
    # report, what follows the request id, why
    (Report("fn", ID, "s", 0.00312, 128, 41),
     f"Duration: 3.12 ms\tBilled Duration: 4 ms\t{SIZE}", "warm"),
    (Report("fn", ID, "s", 0.00312, 128, 41, 0.0987),
     f"Duration: 3.12 ms\tBilled Duration: 102 ms\t{SIZE}\tInit Duration: 98.70 ms", "cold"),
    (Report("fn", ID, "s", 3.0, 128, 41, None, "timeout"),
     f"Duration: 3000.00 ms\tBilled Duration: 3000 ms\t{SIZE}\tStatus: timeout", "late"),
    (Report("fn", ID, "s", 0.001, 128, 41, None, "error", "Some.Error"),
     f"Duration: 1.00 ms\tBilled Duration: 1 ms\t{SIZE}\tStatus: error\tError Type: Some.Error",
     "it ended"),
]  # fmt: skip


@pytest.mark.parametrize(("report", "rest", "why"), LINES)
def test_end_and_report(report: Report, rest: str, why: str) -> None:
    lines = (f"END RequestId: {ID}", f"REPORT RequestId: {ID}\t{rest}")
    assert report.end_lines == lines, why
    assert report.start_line == f"START RequestId: {ID} Version: 1"


def test_an_init_phase_that_failed() -> None:
    report = Report("fn", "", "s", 0.25, 128, status="error", error_type="Runtime.ExitError")
    (line,) = report.end_lines
    assert line == (
        "INIT_REPORT Init Duration: 250.00 ms\tPhase: init\tStatus: error"
        "\tError Type: Runtime.ExitError"
    )


SOURCE = """
    import os, time
    kept = bytearray(20_000_000)
    def handler(event, context):
        if event.get("do") == "exit": os._exit(1)
        if event.get("do") == "sleep": time.sleep(60)
        if event.get("do") == "raise": raise ValueError
        if event.get("do") == "grow": globals()["more"] = bytearray(150_000_000)
        return context.aws_request_id
"""


async def test_every_invocation_has_its_report(run: Run) -> None:
    fn = run(SOURCE, limit=1, timeout_s=1.0)
    asked = [await fn(), await fn()]
    for do in ("raise", "exit", "sleep", "grow"):
        with pytest.raises(FunctionError):
            await fn({"do": do})
    assert [report.request_id for report in fn.reports[:2]] == asked
    assert [report.init_s is not None for report in fn.reports] == [
        True, False, False, False, True, True,
    ], "only the first of an environment"  # fmt: skip
    outcomes = [(report.status, report.error_type) for report in fn.reports]
    exit_error = ("error", "Runtime.ExitError")
    assert outcomes == [("", ""), ("", ""), ("", ""), exit_error, ("timeout", ""), exit_error]
    assert 1.0 <= fn.reports[4].duration_s < 5
    assert all(20 < report.max_memory_mb < 60 for report in fn.reports[:3])
    assert fn.reports[5].max_memory_mb == 128, "as much as there was"
    assert len({report.log_stream for report in fn.reports}) == 3, "one for each environment"


async def test_a_start_that_fails_has_its_report_too(run: Run) -> None:
    fn = run("1 / 0")
    with pytest.raises(FunctionError):
        await fn()
    (report,) = fn.reports
    assert (report.request_id, report.status) == ("", "error")
    assert "ZeroDivisionError" in report.error_type


async def test_what_it_says_and_its_report_name_the_same_stream(run: Run) -> None:
    source = """
        import os
        def handler(event, context):
            print(context.log_stream_name)
            return os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
    """
    fn = run(source)
    stream = await fn()
    assert [line.text for line in fn.said] == [stream]
    assert {stream} == {line.log_stream for line in fn.said} | {fn.reports[0].log_stream}


async def test_memory_is_watched_in_node_too(node: Run) -> None:
    source = """
        let kept = [];
        export const handler = async (event) => {
          if (event.mb) kept.push(Buffer.alloc(event.mb * 1e6, 1));
          return kept.length;
        };
    """
    fn = node(source)
    assert await fn() == 0
    with pytest.raises(FunctionError, match=r"signal: killed \(out of memory: \d+ MB of 128 MB\)"):
        await fn({"mb": 150})
    assert await fn() == 0, "in a new environment"
    assert [report.max_memory_mb for report in fn.reports][1] == 128
    larger = node(source, memory_mb=512)
    assert await larger({"mb": 150}) == 1

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from edgesim.bench.compare import differences
from edgesim.bench.terminal import progress, show, show_differences, show_thresholds
from edgesim.bench.thresholds import threshold
from tests.bench.runs import SERVER, recorded, run_of


def console() -> tuple[Console, StringIO]:
    out = StringIO()
    return Console(file=out, width=140), out


def test_progress_is_one_line() -> None:
    recorder = recorded([0.01] * 100)
    assert progress(recorder, 5, 10) == ("   5 of 10 s   20/s   p50 10 ms   p99 10 ms   hits 50 %")
    recorder.errors["timeout"] = 2
    assert progress(recorder, 5, 10).endswith("errors 2")
    assert progress(recorder, -1, 10) == "warming up, 0 answers"


def test_everything_is_said() -> None:
    screen, out = console()
    show(screen, replace(run_of([0.01] * 100, server=SERVER), errors={"reset": 4}))
    told = out.getvalue()
    for line in (
        "http://x.test  as told, 10 s",
        "100, 10 a second",
        "hits                     50 %",
        "kept from the origin     50 %",
        "2000.0 µs CPU a request, 60 MB resident",
        "200: 100",
        "4 reset",
    ):
        assert line in told
    assert "p99.99 10 ms" in told


def test_the_tables_fit_into_a_small_terminal() -> None:
    out = StringIO()
    run = run_of([0.123456 * number for number in range(1, 100)])
    steps = {f"{number}. 1200 to 1500/s": run.total for number in range(1, 6)}
    show(Console(file=out, width=80), replace(run, by_step=steps, by_behavior=run.by_result))
    assert "…" not in out.getvalue()


def test_an_open_loop_says_what_was_its_own_doing() -> None:
    screen, out = console()
    run = run_of([0.01] * 100)
    show(screen, run)
    assert "tester" not in out.getvalue()
    assert "no connection" not in out.getvalue()
    show(screen, replace(run, queued=1200, lateness_s={"50": 0.0001, "99.9": 0.002}))
    assert "no connection was free   for 1,200 requests when they were due" in out.getvalue()
    assert "the tester's own delay   p50 100 µs  p99.9 2 ms" in out.getvalue()


def test_thresholds_that_hold_and_that_do_not() -> None:
    screen, out = console()
    run = run_of([0.01] * 100, results="")
    demands = [threshold("p99<1s"), threshold("p99<1ms"), threshold("hit_ratio>0")]
    assert not show_thresholds(screen, demands, run)
    assert show_thresholds(screen, demands[:1], run)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("  ✓ p99<1s: it was 10 ms")
    assert lines[1].startswith("  ✗ p99<1ms")
    assert lines[2] == "  ✗ hit_ratio>0: it is not said by this server"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max<1us", "max<1us: it was 10 ms"),
        ("mean<1us", "mean<1us: it was 10 ms"),
        ("hit_ratio>90%", "hit_ratio>90%: it was 50 %"),
        ("per_s>1000", "per_s>1000: it was 10"),
        ("errors>0", "errors>0: it was 0"),
    ],
)
def test_what_was_measured_is_told_in_its_unit(text: str, said: str) -> None:
    screen, out = console()
    assert not show_thresholds(screen, [threshold(text)], run_of([0.01] * 100))
    assert said in out.getvalue()


def test_runs_that_were_too_short_for_an_uncertainty_say_so() -> None:
    screen, out = console()
    show_differences(screen, differences(run_of([0.01] * 15), run_of([0.02] * 15)))
    line = next(line for line in out.getvalue().splitlines() if "requests a second" in line)
    assert "too short to say" in line
    assert line.rstrip().endswith("no telling")


def test_two_runs_side_by_side() -> None:
    screen, out = console()
    show_differences(screen, differences(run_of([0.01] * 500), run_of([0.02] * 500)))
    line = next(line for line in out.getvalue().splitlines() if "p50" in line)
    assert line.split()[:5] == ["p50", "10", "ms", "20", "ms"]
    assert line.rstrip().endswith("worse")

from __future__ import annotations

import re
from dataclasses import replace

from edgesim.bench.html import report
from tests.bench.runs import SERVER, run_of

LATENCIES = [0.001 * (1 + number % 50) for number in range(2000)]


def test_a_report_has_every_part_and_needs_no_network() -> None:
    run = replace(run_of(LATENCIES, server=SERVER), errors={"timeout <3>": 3})
    html = report(run)
    for heading in ("Latency", "Where answers came from", "Over time", "Statuses"):
        assert f"<h2>{heading}</h2>" in html
    assert "timeout &lt;3&gt;" in html
    assert html.count("<svg") == 4
    assert not re.search(r"(src|href)=|<script|@import", html)


def test_a_rate_that_changed_has_its_own_part() -> None:
    run = run_of(LATENCIES)
    assert "By rate" not in report(run)
    html = report(replace(run, by_step={"1. 50/s": run.total, "2. 100/s": run.total}))
    assert "<h2>By rate</h2>" in html
    assert html.index("1. 50/s") < html.index("2. 100/s")


def test_an_open_loop_says_what_was_its_own_doing() -> None:
    html = report(replace(run_of(LATENCIES), queued=1200, lateness_s={"50": 0.0001}))
    assert re.search(r">1,200<.{0,80}found no free connection", html, re.DOTALL)
    assert "the tester&#x27;s own delay, median" in html


def test_a_short_run_says_so() -> None:
    assert "too short for a picture" in report(run_of([0.01] * 3))


def test_a_run_without_an_answer_is_a_page_too() -> None:
    assert "Every request was answered" in report(run_of([]))


def test_rarer_stands_further_to_the_right() -> None:
    points = re.search(r'points="([^"]+)"', report(run_of(LATENCIES)))
    assert points is not None
    places = [tuple(map(float, point.split(","))) for point in points[1].split()]
    assert places == sorted(places, key=lambda place: (place[0], -place[1]))

"""Runs that were never run, for tests of what is made of them."""

from __future__ import annotations

from edgesim.bench.recorder import Recorder
from edgesim.bench.responses import Answer
from edgesim.bench.summary import ServerSide, Summary, summary
from edgesim.bench.workload import Asked

SERVER = ServerSide(cpu_s=0.2, resident_bytes=60_000_000, origin_requests=50)


def recorded(latencies_s: list[float], *, results: str = "Hit Miss", pop: str = "") -> Recorder:
    """Answers a tenth of a second apart, their result types in turn."""
    recorder, kinds = Recorder(), results.split()
    for number, seconds in enumerate(latencies_s):
        answer = Answer(200, kinds[number % len(kinds)] if kinds else "", pop, False, 1000)
        recorder.note((Asked("GET", "/", b""), answer, number / 10, seconds))
    recorder.sort()
    return recorder


def run_of(
    latencies_s: list[float], *, results: str = "Hit Miss", server: ServerSide | None = None
) -> Summary:
    recorder = recorded(latencies_s, results=results)
    seconds = len(latencies_s) / 10
    return summary(recorder, url="http://x.test", load="as told", seconds=seconds, server=server)

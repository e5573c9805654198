"""What a load test comes to: figures for people, for thresholds, for comparing two runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..report.histogram import Histogram, bucket
from .recorder import HITS, Group, Recorder

PERCENTILES = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99)

FEWEST_SECONDS = 4

NO_VERDICT = ("1xx", "2xx", "3xx", "4xx", "5xx")
"""Result types of a server that does not say where its answers came from."""


def percentiles_s(latencies: Histogram) -> dict[str, float]:
    """By percent, such as "99.9"."""
    return {f"{percent:g}": latencies.percentile(percent) for percent in PERCENTILES}


@dataclass(frozen=True, slots=True)
class Figures:
    """Answers that have something in common."""

    count: int
    size_bytes: int
    mean_s: float
    max_s: float
    percentiles_s: Mapping[str, float]
    """By percent, such as "99.9"."""

    @classmethod
    def of(cls, group: Group) -> Figures:
        latencies = group.latencies
        return cls(
            group.count,
            group.size_bytes,
            latencies.mean_s(),
            latencies.max_s(),
            percentiles_s(latencies),
        )


@dataclass(frozen=True, slots=True)
class ServerSide:
    """What an edge of ours says of itself, for the time of the test."""

    cpu_s: float
    """User and system seconds."""
    resident_bytes: int
    origin_requests: int


@dataclass(frozen=True, slots=True)
class Second:
    """One second of a test."""

    second: int
    per_result: Mapping[str, int]
    p50_s: float
    p99_s: float


@dataclass(frozen=True, slots=True)
class Summary:
    """One run. Its JSON form is what `--json` writes and `--compare` reads."""

    url: str
    load: str
    """Such as "32 connections"."""
    seconds: float
    total: Figures
    by_result: Mapping[str, Figures]
    by_status: Mapping[str, int]
    by_pop: Mapping[str, Figures] = field(default_factory=dict)
    by_behavior: Mapping[str, Figures] = field(default_factory=dict)
    by_step: Mapping[str, Figures] = field(default_factory=dict)
    """In their order, where the rate changed."""
    errors: Mapping[str, int] = field(default_factory=dict)
    timeline: tuple[Second, ...] = ()
    server: ServerSide | None = None
    histogram: Mapping[str, int] = field(default_factory=dict)
    """Of all latencies, by bucket (`histogram.py`)."""
    warm_up: int = 0
    """Answers before it counted."""
    lateness_s: Mapping[str, float] = field(default_factory=dict)
    """Of an open loop, by percent: how late it sent what it could have sent. What is not small
    beside the latencies says that the tester had too little CPU."""
    dispersion: Mapping[str, float] = field(default_factory=dict)
    """By percent: how many times as much the share of slower answers varied from second to second
    as it would if answers had nothing to do with each other. Empty where there were too few."""
    queued: int = 0
    """Requests that were due while every connection waited for an answer."""

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return self.total.count / self.seconds if self.seconds else 0.0

    @property
    def errors_in_all(self) -> int:
        """Requests without an answer."""
        return sum(self.errors.values())

    @property
    def hit_ratio(self) -> float | None:
        """Hits among the answers; None where the server does not say what was one."""
        said = sum(one.count for name, one in self.by_result.items() if name not in NO_VERDICT)
        if not said:
            return None
        hits = sum(one.count for name, one in self.by_result.items() if name in HITS)
        return hits / self.total.count

    @property
    def offload(self) -> float | None:
        """The share of requests that never reached an origin, where our edge counts them."""
        if self.server is None or not self.total.count:
            return None
        return max(0.0, 1.0 - self.server.origin_requests / (self.total.count + self.warm_up))

    @property
    def collapse_factor(self) -> float | None:
        """Misses that viewers saw for each request that the origin saw."""
        misses = self.by_result.get("Miss")
        if self.server is None or not self.server.origin_requests or misses is None:
            return None
        return misses.count / self.server.origin_requests

    @property
    def cpu_us(self) -> float | None:
        """The server's CPU microseconds a request, user and system."""
        if self.server is None or not self.total.count:
            return None
        return self.server.cpu_s / (self.total.count + self.warm_up) * 1e6

    def latencies(self) -> Histogram:
        return Histogram({int(index): count for index, count in self.histogram.items()})

    def as_json(self) -> dict[str, Any]:
        """Plain values, the derived figures among them."""
        derived = {
            "per_s": self.per_s,
            "hit_ratio": self.hit_ratio,
            "offload": self.offload,
            "collapse_factor": self.collapse_factor,
            "cpu_us": self.cpu_us,
        }
        return {"edgesim_bench": 1, **asdict(self), "derived": derived}


def summary(
    recorder: Recorder, *, url: str, load: str, seconds: float, server: ServerSide | None = None
) -> Summary:
    """All that `recorder` has seen in `seconds`."""
    timeline: list[Second] = []
    courses: list[Histogram] = []
    for second, groups in sorted(recorder.by_second.items()):
        if second + 1 > seconds + 0.5 and timeline:
            break  # the last answers of a test that is over make no second
        all_of_it = Histogram()
        for group in groups.values():
            all_of_it.add(group.latencies)
        courses.append(all_of_it)
        counts = {name: group.count for name, group in sorted(groups.items())}
        p50_s, p99_s = all_of_it.percentile(50), all_of_it.percentile(99)
        timeline.append(Second(second, counts, p50_s, p99_s))
    return Summary(
        url=url,
        load=load,
        seconds=seconds,
        total=Figures.of(recorder.total),
        by_result=_figures(recorder.by_result),
        by_status={str(status): count for status, count in sorted(recorder.by_status.items())},
        by_pop=_figures(recorder.by_pop),
        by_behavior=_figures(recorder.by_behavior),
        by_step={name: Figures.of(group) for name, group in recorder.by_step.items()},
        errors=dict(recorder.errors.most_common()),
        timeline=tuple(timeline),
        server=server,
        histogram={str(index): n for index, n in sorted(recorder.total.latencies.counts.items())},
        warm_up=recorder.warm_up,
        lateness_s=percentiles_s(recorder.lateness) if recorder.lateness.count else {},
        dispersion=dispersion(courses[:-1], recorder.total.latencies),
        queued=recorder.queued,
    )


def dispersion(seconds: Sequence[Histogram], latencies: Histogram) -> dict[str, float]:
    """Chi-square by its degrees of freedom, of the shares above each percentile; at least 1."""
    found = {}
    for percent in PERCENTILES if len(seconds) >= FEWEST_SECONDS else ():
        limit = bucket(latencies.percentile(percent))
        counts = [(one.count, _above(one, limit)) for one in seconds]
        share = sum(above for _, above in counts) / sum(count for count, _ in counts)
        if 0 < share < 1:
            each = share * (1 - share)
            off = sum((above - count * share) ** 2 / (count * each) for count, above in counts)
            found[f"{percent:g}"] = max(1.0, off / (len(counts) - 1))
    return found


def _above(latencies: Histogram, limit: int) -> int:
    return sum(count for at, count in latencies.counts.items() if at > limit)


def _figures(groups: Mapping[str, Group]) -> dict[str, Figures]:
    ordered = sorted(groups.items(), key=lambda item: (-item[1].count, item[0]))
    return {name: Figures.of(group) for name, group in ordered}


def from_json(data: Mapping[str, Any]) -> Summary:
    """The way back from `as_json`. Raises KeyError or TypeError if it is something else."""
    given = {name: data[name] for name in Summary.__dataclass_fields__}
    given["total"] = Figures(**given["total"])
    for name in ("by_result", "by_pop", "by_behavior", "by_step"):
        given[name] = {key: Figures(**value) for key, value in given[name].items()}
    given["timeline"] = tuple(Second(**second) for second in given["timeline"])
    if given["server"] is not None:
        given["server"] = ServerSide(**given["server"])
    return Summary(**given)

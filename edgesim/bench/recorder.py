"""What a load test has seen: latencies by result type, path, POP and second; errors by kind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from ..report.histogram import Histogram, bucket
from .responses import Answer
from .workload import Asked

Sample = tuple[Asked, Answer, float, float]
"""What was asked, what came, when it should have gone out (a reading of the clock), and the
seconds from then to its last byte."""

HITS = frozenset({"Hit", "RefreshHit"})


@dataclass(slots=True)
class Group:
    """Answers that have something in common."""

    latencies: Histogram = field(default_factory=Histogram)
    size_bytes: int = 0

    @property
    def count(self) -> int:
        return self.latencies.count


class Recorder:
    """Notes quickly, and sorts when it has time."""

    def __init__(self, behavior_of: Callable[[str], str] | None = None) -> None:
        self.began = 0.0
        """From here on it counts: a reading of the clock. What was due before is warm-up."""
        self.total = Group()
        self.by_result: defaultdict[str, Group] = defaultdict(Group)
        self.by_status: Counter[int] = Counter()
        self.by_pop: defaultdict[str, Group] = defaultdict(Group)
        self.by_behavior: defaultdict[str, Group] = defaultdict(Group)
        self.by_second: defaultdict[int, defaultdict[str, Group]] = defaultdict(_groups)
        self.errors: Counter[str] = Counter()
        self.warm_up = 0
        self._behavior_of = behavior_of
        self._behaviors: dict[str, str] = {}
        self._samples: list[Sample] = []
        self.note = self._samples.append
        """Note a `Sample`."""

    def fail(self, kind: str, intended: float) -> None:
        """Note a request without an answer."""
        if intended >= self.began:
            self.errors[kind] += 1

    def sort(self) -> None:
        """Sort what was noted since the last time."""
        samples = self._samples[:]
        self._samples.clear()
        for asked, answer, intended, seconds in samples:
            if intended < self.began:
                self.warm_up += 1
                continue
            at, size = bucket(seconds), answer.size_bytes
            result = answer.result or f"{answer.status // 100}xx"
            self.by_status[answer.status] += 1
            second = int(intended + seconds - self.began)
            groups = [self.total, self.by_result[result], self.by_second[second][result]]
            if answer.pop:
                groups.append(self.by_pop[answer.pop])
            if self._behavior_of is not None:
                groups.append(self.by_behavior[self._behavior(asked.path)])
            for group in groups:
                group.latencies.counts[at] += 1
                group.size_bytes += size

    def _behavior(self, path: str) -> str:
        known = self._behaviors.get(path)
        if known is None and self._behavior_of is not None:
            known = self._behaviors[path] = self._behavior_of(path)
        return known or ""

    @property
    def hits(self) -> int:
        return sum(group.count for result, group in self.by_result.items() if result in HITS)


def _groups() -> defaultdict[str, Group]:
    return defaultdict(Group)

"""What a load test has seen: latencies by result type, path, POP and second; errors by kind."""

from __future__ import annotations

from bisect import bisect
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
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

    def __init__(
        self,
        behavior_of: Callable[[str], str] | None = None,
        steps: Sequence[tuple[float, str]] = (),
    ) -> None:
        self.began = 0.0
        """From here on it counts: a reading of the clock. What was due before is warm-up."""
        self.total = Group()
        self.by_result: defaultdict[str, Group] = defaultdict(Group)
        self.by_status: Counter[int] = Counter()
        self.by_pop: defaultdict[str, Group] = defaultdict(Group)
        self.by_behavior: defaultdict[str, Group] = defaultdict(Group)
        self.by_step: dict[str, Group] = {name: Group() for _, name in steps}
        self._step_ends = [end for end, _ in steps]
        self._steps = list(self.by_step.values())
        self.by_second: defaultdict[int, defaultdict[str, Group]] = defaultdict(_groups)
        self.errors: Counter[str] = Counter()
        self.warm_up = 0
        self.lateness = Histogram()
        """Of an open loop: how long after its moment a request was sent for which there was a free
        connection. That is our own doing, and counts as the server's."""
        self.queued = 0
        """Requests of an open loop that found no free connection when they were due."""
        self._behavior_of = behavior_of
        self._behaviors: dict[str, str] = {}
        self._samples: deque[Sample] = deque()
        self.note = self._samples.append
        """Note a `Sample`."""

    def fail(self, kind: str, intended: float) -> None:
        """Note a request without an answer."""
        if intended >= self.began:
            self.errors[kind] += 1

    def late(self, intended: float, seconds: float) -> None:
        """Note how late a request went out for which a connection was free."""
        if intended >= self.began:
            self.lateness.counts[bucket(seconds)] += 1

    def queue(self, intended: float) -> None:
        """Note that a request waits for a connection."""
        self.queued += intended >= self.began

    def sort(self, most: int | None = None) -> bool:
        """Sort what was noted, up to so many; whether some are left."""
        samples = self._samples
        for _ in range(len(samples) if most is None else min(most, len(samples))):
            asked, answer, intended, seconds = samples.popleft()
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
            if self._steps:
                groups.append(self._steps[self._step(intended)])
            if self._behavior_of is not None:
                groups.append(self.by_behavior[self._behavior(asked.path)])
            for group in groups:
                group.latencies.counts[at] += 1
                group.size_bytes += size
        return bool(samples)

    def _step(self, intended: float) -> int:
        return min(bisect(self._step_ends, intended - self.began), len(self._steps) - 1)

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

"""What came of a run, counted: its size does not depend on how many requests there were.

Whole numbers only, so that the sum of parts is the same in whatever order they are added.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

Key = tuple[str, str]
"""A city, and the code of the POP or the region by which its requests came in."""


@dataclass(slots=True)
class Group:
    """The requests of one city that came in at one place."""

    latencies: Counter[int] = field(default_factory=Counter)
    """By bucket of `report/histogram.py`: from the wish to ask to the last byte."""
    results: Counter[str] = field(default_factory=Counter)
    """By CloudFront's word for where the answer came from."""
    sent_bytes: int = 0
    """Bodies of responses, to viewers."""

    def add(self, other: Group) -> None:
        self.latencies.update(other.latencies)
        self.results.update(other.results)
        self.sent_bytes += other.sent_bytes


@dataclass(slots=True)
class Tally:
    """Everything that is counted about one model."""

    groups: dict[Key, Group] = field(default_factory=dict)
    lookups: Counter[str] = field(default_factory=Counter)
    """How often a cache was asked, by the name of its tier."""
    hits: Counter[str] = field(default_factory=Counter)
    """How often it had a response to serve."""
    requests_by_slot: Counter[int] = field(default_factory=Counter)
    origin_requests: Counter[int] = field(default_factory=Counter)
    """By slot."""
    origin_bytes: Counter[int] = field(default_factory=Counter)
    """Bodies that the origin sent, by slot."""
    shield_requests: int = 0
    """Requests that reached an Origin Shield other than the regional cache they came by."""
    unreachable: int = 0
    """Requests of viewers for whom no place was left to enter, or nothing behind it."""
    runs: Counter[str] = field(default_factory=Counter)
    """Of functions, by name."""
    cold_starts: Counter[str] = field(default_factory=Counter)
    billed_ms: Counter[str] = field(default_factory=Counter)
    stored_bytes: Counter[str] = field(default_factory=Counter)
    """At the end, by tier."""

    @property
    def requests(self) -> int:
        return sum(group.latencies.total() for group in self.groups.values())

    @property
    def sent_bytes(self) -> int:
        return sum(group.sent_bytes for group in self.groups.values())

    def add(self, other: Tally) -> None:
        """Count what `other` has counted, of another part of the same model."""
        for key, group in other.groups.items():
            self.groups.setdefault(key, Group()).add(group)
        for name in COUNTERS:
            getattr(self, name).update(getattr(other, name))
        self.shield_requests += other.shield_requests
        self.unreachable += other.unreachable


COUNTERS = (
    "lookups",
    "hits",
    "requests_by_slot",
    "origin_requests",
    "origin_bytes",
    "runs",
    "cold_starts",
    "billed_ms",
    "stored_bytes",
)

"""What is remembered of addresses: how fast they ask, and until when they are watched.

In this process alone. Lambda runs many of them, in many Regions, and ends them when it likes.
"""

from collections import OrderedDict

MAX_REMEMBERED = 10_000
"""Of each kind; the one not heard of for longest is forgotten first."""


class Buckets:
    """A token bucket for each key."""

    def __init__(self):
        self._buckets = OrderedDict()

    def wait_s(self, key, capacity, per_s, now):
        """0.0 if another request is all right, else the seconds until one will be."""
        level, filled = self._buckets.pop(key, (capacity, now))
        level = min(capacity, level + max(0.0, now - filled) * per_s)
        wait = 0.0 if level >= 1 else (1 - level) / per_s
        self._buckets[key] = (level if wait else level - 1, now)
        if len(self._buckets) > MAX_REMEMBERED:
            self._buckets.popitem(last=False)
        return wait


class Until:
    """Keys that are remembered until a moment."""

    def __init__(self):
        self._ends = OrderedDict()

    def add(self, key, end):
        self._ends.pop(key, None)
        self._ends[key] = end
        if len(self._ends) > MAX_REMEMBERED:
            self._ends.popitem(last=False)

    def holds(self, key, now):
        return self._ends.get(key, 0.0) > now

"""How much more often some objects are asked for than others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from .scenario import Content


def zipf_weights(count: int, exponent: float) -> list[float]:
    """Popularity by rank: the nth comes 1/n^exponent as often as the first; 0 is all alike."""
    return [rank**-exponent for rank in range(1, count + 1)]


def chances(contents: Sequence[Content]) -> list[float]:
    """How likely each object is, counted through all contents, and those before it with it."""
    whole = sum(content.share for content in contents)
    likely: list[float] = []
    for content in contents:
        weights = zipf_weights(content.objects, content.zipf)
        unit = content.share / whole / sum(weights)
        likely += [weight * unit for weight in weights]
    return list(accumulate(likely))

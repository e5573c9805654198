"""What made a stored response: if that is no longer the same, neither is the response.

A response in a cache directory was made by a behavior: its origin, its policies, its origin-facing
functions with their code. Where all of that is as it was, the response may be used again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum

from ..cloudfront.distribution import Behavior, Distribution
from ..cloudfront.function import Trigger
from ..http.headers import Headers
from ..runtimes.code import Fingerprint
from .packing import digest

NOT_STORED = {
    *("path_pattern", "response_headers_policy", "viewer_protocol_policy", "functions"),
    "realtime_log",
}
"""What of a behavior leaves no mark on what is stored; of its functions, those facing viewers."""


class Makers:
    """The behaviors of one deployment, each by a digest of all that bears on what it stores."""

    def __init__(self, distribution: Distribution, codes: Mapping[str, Fingerprint]) -> None:
        behaviors = distribution.behaviors
        made = [digest(canonical(_bearing(one, codes)).encode()) for one in behaviors]
        if any(Trigger.VIEWER_REQUEST in behavior.functions for behavior in behaviors):
            # such a function may turn any path into any other, whoever's that is
            made = [digest(*made)] * len(made)
        self.all = frozenset(made)
        self._distribution = distribution
        self._by_behavior = dict(zip(map(id, behaviors), made, strict=True))

    def of(self, url: str) -> bytes:
        """Who makes what is stored under this path and query."""
        behavior = self._distribution.behavior_for(url.partition("?")[0])
        return self._by_behavior[id(behavior)]


def _bearing(behavior: Behavior, codes: Mapping[str, Fingerprint]) -> dict[str, object]:
    bearing = {
        one.name: getattr(behavior, one.name)
        for one in fields(behavior)
        if one.name not in NOT_STORED
    }
    bearing["functions"] = {
        trigger: (association, codes.get(association.function.name))
        for trigger, association in behavior.functions.items()
        if trigger.faces_origin
    }
    return bearing


def canonical(value: object) -> str:
    """`value` as text that is the same in every process, whatever the order of its sets."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if is_dataclass(value) and not isinstance(value, type):
        inner = {one.name: getattr(value, one.name) for one in fields(value)}
        return f"{type(value).__name__}{canonical(inner)}"
    if isinstance(value, Mapping):
        pairs = sorted((canonical(name), canonical(inner)) for name, inner in value.items())
        return f"{{{','.join(f'{name}:{inner}' for name, inner in pairs)}}}"
    if isinstance(value, AbstractSet):
        return f"{{{','.join(sorted(map(canonical, value)))}}}"
    if isinstance(value, tuple | list | Headers):
        return f"({','.join(map(canonical, value))})"
    if isinstance(value, Callable):  # type: ignore[arg-type]
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    return repr(value)

"""Several responses under one key, told apart by what Vary names (RFC 9111 §4.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..http.message import Request, Response
from .freshness import StoredResponse

UNORDERED = frozenset({"accept-encoding", "accept-language"})
"""Preferences whose order by itself means nothing (RFC 9110 §12.5.3, §12.5.4)."""

_FULL_WEIGHT = re.compile(r";q=1(\.0{0,3})?$")


def selecting_fields(request: Request, response: Response) -> tuple[tuple[str, str | None], ...]:
    """The request fields named by Vary, lower case and sorted, with their values."""
    names = sorted(
        {
            name.strip().lower()
            for name in (response.headers.get("vary") or "").split(",")
            if name.strip()
        }
    )
    return tuple((name, _normalised(name, request.headers.get(name))) for name in names)


def _normalised(name: str, value: str | None) -> str | None:
    """White space around list members makes no difference (RFC 9111 §4.1).

    In `UNORDERED` fields neither does letter case, order, or a weight of 1 that is said.
    """
    if value is None:
        return None
    members = [part.strip() for part in value.split(",")]
    if name in UNORDERED:
        members = sorted({_FULL_WEIGHT.sub("", "".join(m.lower().split())) for m in members if m})
    return ",".join(members)


def matches(stored: StoredResponse, request: Request) -> bool:
    """Whether `request` would have selected `stored`; `Vary: *` never does."""
    return all(
        name != "*" and _normalised(name, request.headers.get(name)) == value
        for name, value in stored.selecting
    )


def selected(variants: Iterable[StoredResponse], request: Request) -> StoredResponse | None:
    """The newest stored response that `request` selects."""
    fitting = [stored for stored in variants if matches(stored, request)]
    return max(fitting, key=lambda stored: stored.response_time, default=None)

"""Several responses under one key, told apart by what Vary names (RFC 9111 §4.1)."""

from __future__ import annotations

from collections.abc import Iterable

from ..http.message import Request, Response
from .freshness import StoredResponse


def selecting_fields(request: Request, response: Response) -> tuple[tuple[str, str | None], ...]:
    """The request fields named by Vary, lower case and sorted, with their values."""
    names = sorted(
        {
            name.strip().lower()
            for name in (response.headers.get("vary") or "").split(",")
            if name.strip()
        }
    )
    return tuple((name, _normalised(request.headers.get(name))) for name in names)


def _normalised(value: str | None) -> str | None:
    """White space around list members makes no difference (RFC 9111 §4.1)."""
    return None if value is None else ",".join(part.strip() for part in value.split(","))


def matches(stored: StoredResponse, request: Request) -> bool:
    """Whether `request` would have selected `stored`; `Vary: *` never does."""
    return all(
        name != "*" and _normalised(request.headers.get(name)) == value
        for name, value in stored.selecting
    )


def selected(variants: Iterable[StoredResponse], request: Request) -> StoredResponse | None:
    """The newest stored response that `request` selects."""
    fitting = [stored for stored in variants if matches(stored, request)]
    return max(fitting, key=lambda stored: stored.response_time, default=None)

"""Freshness lifetime and age (RFC 9111 §4.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from ..http.dates import parse_date
from ..http.headers import Headers
from ..http.message import Response
from .directives import delta_seconds, parse_cache_control

HEURISTIC_FRACTION = 0.1
"""Share of the time since Last-Modified; RFC 9111 §4.2.2 calls 10 percent typical."""

HEURISTIC_STATUSES = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
"""Statuses that are cacheable without explicit freshness (RFC 9110 §15.1)."""


Selecting = tuple[tuple[str, str | None], ...]
"""Fields with their values, by which the variants of one key are told apart."""


class Place(Protocol):
    """Where a store keeps a response."""

    def holds(self) -> bool:
        """Whether what is there still counts."""
        ...


@dataclass(slots=True, eq=False)
class StoredResponse:
    """A response a cache keeps, with the clock readings its age is counted from (seconds)."""

    response: Response
    request_time: float
    response_time: float
    date_value: float
    age_value: int
    lifetime: int
    origin_status: int = 200
    selecting: Selecting = ()
    """The request fields that Vary named, with the values they had (RFC 9111 §4.1).

    Of one of several parts, its Content-Range (`partial.told_apart`)."""
    always_validate: bool = False
    """`no-cache`: never used without asking (RFC 9111 §5.2.2.4)."""
    stale_while_revalidate: int = 0
    stale_if_error: int | None = None
    """Seconds of staleness for which an error may be hidden; None if the origin was silent."""
    spared_until: float = 0.0
    """Until then it is served stale without asking, because the origin just failed."""
    tags: tuple[str, ...] = ()
    """By which an invalidation may name it, besides its path."""
    place: Place | None = None
    """Where a store keeps it; None before and after."""
    size_bytes: int = 0

    corrected_initial_age: float = field(init=False)
    """Its age when it arrived (RFC 9111 §4.2.3)."""

    def __post_init__(self) -> None:
        # Date tells whole seconds: within the same one nothing has aged
        apparent_age = max(0.0, int(self.response_time) - self.date_value)
        response_delay = self.response_time - self.request_time
        self.corrected_initial_age = max(apparent_age, self.age_value + response_delay)

    @property
    def live(self) -> bool:
        """Whether a store has it: neither replaced nor evicted nor invalidated."""
        return self.place is not None and self.place.holds()

    def current_age(self, now: float) -> float:
        """Seconds since the origin made or last vouched for it (RFC 9111 §4.2.3)."""
        resident_time = now - self.response_time
        return self.corrected_initial_age + resident_time

    def staleness(self, now: float) -> float:
        """Seconds past its lifetime; negative while it is fresh (RFC 9111 §4.2)."""
        return self.current_age(now) - self.lifetime

    def aged(self, now: float) -> Response:
        """The response as sent to the next hop at `now`, with its Age (RFC 9111 §5.1)."""
        age = str(max(0, int(self.current_age(now))))
        return self.response.with_headers(self.response.headers.with_("Age", age))


def date_value(headers: Headers, response_time: float) -> float:
    """When the origin says it made the response; its arrival if it does not (RFC 9110 §6.6.1)."""
    date = parse_date(headers.get("date") or "")
    return response_time if date is None else date


def age_value(headers: Headers) -> int:
    """The Age that came with a response, 0 if there is none or it is unreadable (RFC 9111 §5.1)."""
    first, _, _ = (headers.get("age") or "").partition(",")
    return delta_seconds(first.strip())


def explicit_lifetime(headers: Headers, response_time: float) -> int | None:
    """Whole seconds for which the origin wants a shared cache to use this; None if it is silent.

    `s-maxage` comes before `max-age`, and that before Expires (RFC 9111 §4.2.1).
    An unreadable value is no silence: it means stale.
    """
    directives = parse_cache_control(headers.get("cache-control"))
    for name in ("s-maxage", "max-age"):
        if name in directives:
            return delta_seconds(directives[name])
    expires = headers.get("expires")
    if expires is None:
        return None
    moment = parse_date(expires)
    return 0 if moment is None else max(0, int(moment - date_value(headers, response_time)))


def may_be_guessed(response: Response) -> bool:
    """Whether a cache may keep it without a word about freshness (RFC 9111 §3, §4.2.2)."""
    if response.status in HEURISTIC_STATUSES:
        return True
    return "public" in parse_cache_control(response.headers.get("cache-control"))


def heuristic_lifetime(response: Response, response_time: float) -> int | None:
    """What to assume where the origin is silent; None if nothing may be (RFC 9111 §4.2.2)."""
    if not may_be_guessed(response):
        return None
    modified = parse_date(response.headers.get("last-modified") or "")
    if modified is None:
        return None
    since = date_value(response.headers, response_time) - modified
    return max(0, int(since * HEURISTIC_FRACTION))

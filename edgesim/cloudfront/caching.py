"""CloudFront's answers to the questions about caching (`cache/rules.py` has RFC 9111's)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..cache.directives import delta_seconds, fields_named, parse_cache_control
from ..cache.freshness import StoredResponse, age_value
from ..cache.partial import answers, told_apart
from ..cache.ranges import held
from ..cache.reuse import Decision, Forward, ForwardReason, Variants, by_age
from ..cache.rules import CACHED_METHODS, Rules
from ..cache.store import CacheKey
from ..cache.storing import NotStored, stale_if_error
from ..http.message import Request, Response
from .cache_tags import tags_of
from .key import cache_key
from .policies import CachePolicy
from .ttl import edge_ttl, error_ttl

S3_ERROR_CACHING_S = 1
ERROR_CACHING_MIN_TTL_S = 10
"""CloudFront: "Control how long CloudFront caches errors"; it was 300 s until September 2020."""


@dataclass(frozen=True, slots=True)
class CloudFrontCaching:
    """A behavior's cache policy, and what else of the behavior bears on caching."""

    policy: CachePolicy
    cached_methods: frozenset[str] = CACHED_METHODS
    cookies_forwarded: bool = False
    error_caching_min_ttl_s: int = ERROR_CACHING_MIN_TTL_S
    error_caching: Mapping[int, int] = field(default_factory=dict)
    """ErrorCachingMinTTL in seconds, by status, where it is not the general one."""
    from_s3: bool = False
    tag_header: str = ""
    """The field in which the origin names a response's cache tags, in lower case."""

    def covers(self, request: Request) -> bool:
        return self.policy.caches and request.method in self.cached_methods

    def collapses(self) -> bool:
        """CloudFront: not where cookies are forwarded ("Request and response behavior …")."""
        return not self.cookies_forwarded

    def validates(self) -> bool:
        """CloudFront: no conditional requests where cookies are forwarded."""
        return not self.cookies_forwarded

    def key(self, request: Request) -> CacheKey:
        return cache_key(self.policy, request)

    def decide(self, variants: Variants, request: Request, now: float) -> Decision:
        """CloudFront: neither Vary nor the viewer's Cache-Control has a say.

        Several may be stored: parts of what only ranges were asked of.
        """
        if not variants:
            return Forward(ForwardReason.URI_MISS)
        for stored in reversed(variants):
            if answers(stored, request):
                break
        else:
            return Forward(ForwardReason.PARTIAL, part=variants[-1])
        if now < stored.spared_until and not self.rescues(stored, now):
            return Forward(ForwardReason.STALE, stored)
        return by_age(stored, now, longest_stale_s=self.policy.max_ttl_s)

    def stored_form(
        self, request: Request, response: Response, request_time: float, response_time: float
    ) -> StoredResponse | NotStored:
        """CloudFront: the origin's Date plays no part; age is counted from the fetch."""
        if request.method not in self.cached_methods:
            return NotStored.METHOD
        if response.status == 304 or response.status < 200:
            return NotStored.STATUS
        if response.status == 206 and held(response) is None:
            return NotStored.PARTIAL
        if "*" in (response.headers.get("vary") or "") and self.policy.min_ttl_s == 0:
            return NotStored.VARY_STAR
        ttl = self._ttl(response, response_time)
        if isinstance(ttl, NotStored):
            return ttl
        validated = self.validates() and response.headers.has_any(("etag", "last-modified"))
        if ttl == 0 and not validated:
            return NotStored.NO_LIFETIME
        directives = parse_cache_control(response.headers.get("cache-control"))
        headers = response.headers.without("age")
        if "no-cache" in directives and "set-cookie" in fields_named(directives["no-cache"]):
            headers = headers.without("set-cookie")
        return StoredResponse(
            response.with_headers(headers),
            request_time=response_time,
            response_time=response_time,
            date_value=response_time,
            age_value=age_value(response.headers),
            lifetime=ttl,
            origin_status=response.status,
            selecting=told_apart(response),
            stale_while_revalidate=delta_seconds(directives.get("stale-while-revalidate", "")),
            stale_if_error=stale_if_error(directives),
            tags=tags_of(headers, self.tag_header),
        )

    def _ttl(self, response: Response, now: float) -> int | NotStored:
        if response.status < 400:
            return edge_ttl(self.policy, response, now)
        return error_ttl(self.policy, response, self.spares_s(response.status), now)

    def outdates(self, request: Request, response: Response) -> tuple[CacheKey, ...]:
        """CloudFront: a PUT or POST leaves what is stored alone; invalidations are for that."""
        return ()

    def renews(self, request: Request, stale: StoredResponse, response: Response) -> bool:
        """CloudFront: a 304; of answers to HEAD the guide does not speak."""
        return response.status == 304

    def rescues(self, stale: StoredResponse, now: float, *, disconnected: bool = False) -> bool:
        """CloudFront: up to the maximum TTL, or as stale-if-error says; 0 forbids it."""
        limit = self.policy.max_ttl_s
        if stale.stale_if_error is not None:
            limit = min(limit, stale.stale_if_error)
        return stale.origin_status < 400 and stale.staleness(now) < limit

    def spares_s(self, status: int) -> int:
        """CloudFront: the error caching minimum TTL, that of this status if it has its own.

        S3's errors are kept for a second at least ("How CloudFront processes HTTP 4xx and 5xx").
        """
        seconds = self.error_caching.get(status, self.error_caching_min_ttl_s)
        return max(seconds, S3_ERROR_CACHING_S) if self.from_s3 else seconds


if TYPE_CHECKING:
    _conforms: type[Rules] = CloudFrontCaching

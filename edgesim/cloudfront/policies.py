"""Cache, origin request and response headers policies (`managed_policies.py` has AWS's own)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import md5

from ..errors import ConfigError
from .wildcards import wildcard

YEAR_S = 31_536_000
DAY_S = 86_400


class Choice(StrEnum):
    """How a policy selects cookies, query strings or headers."""

    NONE = "none"
    LISTED = "whitelist"
    ALL = "all"
    ALL_EXCEPT = "allExcept"
    MATCHING = "matching"
    """Those that a wildcard matches: of no policy, but of the cookies of `ForwardedValues`."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which names of one kind a policy takes."""

    choice: Choice = Choice.NONE
    names: frozenset[str] = frozenset()

    def takes(self, name: str) -> bool:
        match self.choice:
            case Choice.NONE:
                return False
            case Choice.ALL:
                return True
            case Choice.LISTED:
                return name in self.names
            case Choice.ALL_EXCEPT:
                return name not in self.names
            case Choice.MATCHING:
                return any(wildcard(pattern).fullmatch(name) for pattern in self.names)

    def __bool__(self) -> bool:
        return self.choice is not Choice.NONE


NOTHING = Selection()
EVERYTHING = Selection(Choice.ALL)


def listed(*names: str) -> Selection:
    return Selection(Choice.LISTED, frozenset(names)) if names else NOTHING


def all_except(*names: str) -> Selection:
    return Selection(Choice.ALL_EXCEPT, frozenset(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePolicy:
    """How long a behavior's responses stay at the edge, and what tells them apart.

    Header names are lower case; those of cookies and query strings have their case.
    The TTL defaults are those of CloudFront's managed policy CachingOptimized.
    """

    name: str = ""
    min_ttl_s: int = 1
    default_ttl_s: int = DAY_S
    max_ttl_s: int = YEAR_S
    headers: Selection = NOTHING
    cookies: Selection = NOTHING
    query: Selection = NOTHING
    gzip: bool = False
    brotli: bool = False
    fingerprint: str = field(init=False, compare=False)
    """Of what shapes a cache key. Two policies that differ in that share no key."""

    def __post_init__(self) -> None:
        selections = (self.headers, self.cookies, self.query)
        chosen = [f"{one.choice}{sorted(one.names)}" for one in selections]
        shape = f"{chosen}{self.gzip}{self.brotli}".encode()
        fingerprint = md5(shape, usedforsecurity=False).hexdigest()[:8]
        object.__setattr__(self, "fingerprint", fingerprint)
        if not 0 <= self.min_ttl_s <= self.default_ttl_s:
            raise ConfigError(
                f"TTLs are out of order: min {self.min_ttl_s:,} s, "
                f"default {self.default_ttl_s:,} s",
                hint="a cache policy needs 0 <= min <= default",
            )
        if self.max_ttl_s < self.min_ttl_s:
            raise ConfigError(
                f"TTLs are out of order: min {self.min_ttl_s:,} s, max {self.max_ttl_s:,} s",
                hint="a cache policy needs min <= max",
            )

    @property
    def caches(self) -> bool:
        """CloudFront: all three TTLs at 0 switch caching off."""
        return bool(self.min_ttl_s or self.default_ttl_s or self.max_ttl_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginRequestPolicy:
    """What an origin is sent besides what is in the cache key."""

    name: str = ""
    headers: Selection = NOTHING
    cookies: Selection = NOTHING
    query: Selection = NOTHING
    cloudfront_headers: frozenset[str] = frozenset()
    """`cloudfront-*` fields that CloudFront makes up itself, lower case."""


@dataclass(frozen=True, slots=True)
class PolicyHeader:
    """A field that a response headers policy sets; `override` replaces the origin's own."""

    name: str
    value: str
    override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors:
    """CORS fields: CloudFront sends them only on requests that carry Origin."""

    allow_origins: tuple[str, ...] = ("*",)
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age_s: int | None = None
    allow_credentials: bool = False
    override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseHeadersPolicy:
    """Fields put on, and taken off, every response that leaves a behavior."""

    name: str = ""
    headers: tuple[PolicyHeader, ...] = ()
    remove: frozenset[str] = frozenset()
    cors: Cors | None = None
    server_timing_percent: float | None = None
    """How many answers carry Server-Timing; None for none, even if a viewer asks."""

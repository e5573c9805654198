"""What a CloudFront distribution is made of. Values only; names are already resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from ..cache.rules import CACHED_METHODS, Rules
from ..http.message import Request, is_websocket
from .access_log import Logging
from .caching import CloudFrontCaching
from .custom_errors import CustomErrorResponse
from .function import Association, Function, Trigger
from .geo_restriction import GeoRestriction
from .key_groups import KeyGroup
from .origin import Failover, Origin, Route
from .policies import CachePolicy, OriginRequestPolicy, ResponseHeadersPolicy
from .realtime_log import RealtimeLog
from .strictness import Strictness
from .tenant import Tenant
from .wildcards import wildcard


class Routing(StrEnum):
    """How requests get in (API Gateway: "API endpoint types for REST APIs")."""

    EDGE_OPTIMIZED = "edge-optimized"  # at the POP nearest to the viewer
    REGIONAL = "regional"  # at the region itself, however far that is
    PRIVATE = "private"  # at the region, and from inside the network only


class SecurityPolicy(StrEnum):
    """What viewers' TLS has to be at least (CloudFront: "Supported protocols and ciphers")."""

    SSL_V3 = "SSLv3"
    TLS_V1 = "TLSv1"
    TLS_V1_2016 = "TLSv1_2016"
    TLS_V1_1_2016 = "TLSv1.1_2016"
    TLS_V1_2_2018 = "TLSv1.2_2018"
    TLS_V1_2_2019 = "TLSv1.2_2019"
    TLS_V1_2_2021 = "TLSv1.2_2021"
    TLS_V1_2_2025 = "TLSv1.2_2025"
    TLS_V1_3_2025 = "TLSv1.3_2025"

    @property
    def needs_tls_1_3(self) -> bool:
        return self is SecurityPolicy.TLS_V1_3_2025


class PriceClass(StrEnum):
    """Which edge locations serve a distribution (CloudFront: "Choosing the price class")."""

    PRICE_CLASS_100 = "PriceClass_100"
    PRICE_CLASS_200 = "PriceClass_200"
    ALL = "PriceClass_All"


READ_METHODS = frozenset({"GET", "HEAD"})
ALL_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"})
METHOD_SETS = (READ_METHODS, READ_METHODS | {"OPTIONS"}, ALL_METHODS)
"""The three sets that a behavior may allow (CloudFront: "Cache behavior settings")."""


@dataclass(frozen=True, slots=True)
class Behavior:
    """What applies to the paths that a pattern matches."""

    path_pattern: str
    origin: Origin
    rules: Rules = CloudFrontCaching(CachePolicy())
    cache_policy: CachePolicy | None = CachePolicy()
    """None for the policy RFC9111, which is no CloudFront policy."""
    origin_request_policy: OriginRequestPolicy | None = None
    response_headers_policy: ResponseHeadersPolicy | None = None
    viewer_protocol_policy: str = "allow-all"
    allowed_methods: frozenset[str] = READ_METHODS
    compress: bool = False
    trusted_key_groups: tuple[KeyGroup, ...] = ()
    """Where there are any, only signed URLs and signed cookies get in."""
    failover: Failover | None = None
    functions: Mapping[Trigger, Association] = field(default_factory=dict)
    realtime_log: RealtimeLog | None = None

    def skips_regional(self, request: Request) -> bool:
        """Whether `request` goes from the POP straight to the origin, wherever that is.

        CloudFront: "How CloudFront works with regional edge caches": methods other than GET and
        HEAD, even a cached OPTIONS, and what is found at request time not to be cacheable.
        """
        if self.cache_policy is None:
            return False
        cacheable = request.method in CACHED_METHODS and self.rules.covers(request)
        return not cacheable or is_websocket(request)

    def skips_shield(self, request: Request) -> bool:
        """Whether `request` goes past the origin's Shield, as all but OPTIONS go through it.

        CloudFront: "Use Amazon CloudFront Origin Shield" has proxy methods and dynamic requests
        pass it; of OPTIONS the guide says both.
        """
        return self.cache_policy is not None and request.method == "OPTIONS"

    def facing(self, viewer_scheme: str) -> Behavior:
        """It, as its origin is asked for a viewer who came by `viewer_scheme`."""
        ports = self.origin.match_viewer
        if ports is None:
            return self
        port = ports[viewer_scheme == "https"]
        return replace(self, origin=replace(self.origin, protocol=viewer_scheme, port=port))

    def routed(self, route: Route) -> Behavior:
        """The same behavior in front of another origin or group."""
        return replace(self, origin=route.origin, failover=route.failover)

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Every origin it may ask, the primary first."""
        return (self.origin,) if self.failover is None else (self.origin, self.failover.origin)

    @property
    def passes_interim(self) -> bool:
        """Whether 1xx responses go on to viewers: RFC 9110 §15.2 wants it, CloudFront is silent."""
        return self.cache_policy is None

    @property
    def cache_policy_name(self) -> str:
        return "RFC9111" if self.cache_policy is None else self.cache_policy.name


@dataclass(frozen=True, slots=True)
class Distribution:
    """One CDN configuration; the last behavior is the default one and matches everything."""

    behaviors: tuple[Behavior, ...]
    id: str = "E1EXAMPLE"
    domain_name: str = "d111111abcdef8.cloudfront.net"
    aliases: tuple[str, ...] = ()
    default_root_object: str = ""
    custom_errors: Mapping[int, CustomErrorResponse] = field(default_factory=dict)
    """By the status they stand in for."""
    routes: Mapping[str, Route] = field(default_factory=dict)
    """Every origin and origin group by its id, whether or not a behavior names it."""
    enabled: bool = True
    geo_restriction: GeoRestriction | None = None
    public_url: str = ""
    """What signers take viewers' URLs to begin with, if it is not what viewers use here."""
    strictness: Strictness = Strictness.SAFE
    """How the rules for functions are read on which AWS is silent."""
    routing: Routing = Routing.EDGE_OPTIMIZED
    price_class: PriceClass = PriceClass.ALL
    logging: Logging | None = None
    """How access logs are called and what they tell, where they are kept."""
    security_policy: SecurityPolicy = SecurityPolicy.TLS_V1
    """CloudFront's, where it has no certificate of its own."""
    tenant: Tenant | None = None
    """Whose it is, of a multi-tenant distribution."""

    @property
    def names(self) -> tuple[str, ...]:
        """What viewers know it by; a tenant has its domains alone."""
        return self.aliases if self.tenant is not None else (self.domain_name, *self.aliases)

    @property
    def shield_regions(self) -> tuple[str, ...]:
        """Where Origin Shield stands for some origin."""
        regions = {origin.shield_region for one in self.behaviors for origin in one.origins}
        regions |= {route.origin.shield_region for route in self.routes.values()}
        return tuple(sorted(regions - {""}))

    @property
    def home_region(self) -> str:
        """Where a regional or private endpoint stands: beside the default behavior's origin."""
        return self.behaviors[-1].origin.region

    @property
    def origins(self) -> dict[str, Origin]:
        """Every origin by its name."""
        routed = {route.origin.name: route.origin for route in self.routes.values()}
        return routed | {o.name: o for one in self.behaviors for o in one.origins}

    def behavior_for(self, path: str) -> Behavior:
        """The first behavior whose pattern matches `path`, dot segments removed for this only."""
        if len(self.behaviors) > 1:
            plain = normalised_path(path)
            for behavior in self.behaviors[:-1]:
                if path_matcher(behavior.path_pattern).fullmatch(plain):
                    return behavior
        return self.behaviors[-1]

    def first_trigger(self, function: Function) -> Trigger | None:
        """The first trigger at which some behavior runs `function`."""
        for trigger in Trigger:
            for behavior in self.behaviors:
                association = behavior.functions.get(trigger)
                if association is not None and association.function == function:
                    return trigger
        return None


def path_matcher(pattern: str) -> re.Pattern[str]:
    """What a path pattern matches, slashes too; a leading slash may be left out.

    CloudFront: "Cache behavior settings", path pattern.
    """
    return wildcard(f"/{pattern.removeprefix('/')}")


@lru_cache(maxsize=4096)
def normalised_path(path: str) -> str:
    """`path` without dot segments and doubled slashes (RFC 3986 §5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", "."):
            kept.append(segment)
    trailing = "/" if kept and segments[-1] in ("", ".", "..") else ""
    return f"/{'/'.join(kept)}{trailing}"

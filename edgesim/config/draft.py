"""The shape of `edgesim.toml`: which keys there are, of what type, in what range.

Names are still strings here; `resolve.py` turns them into what they name. The defaults are
CloudFront's own. `Draft.model_json_schema()` is what an editor completes keys from.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from ..cloudfront.association_rules import ONE_FUNCTION
from ..cloudfront.caching import ERROR_CACHING_MIN_TTL_S
from ..cloudfront.distribution import SecurityPolicy

PLAIN = "plain"
"""The type of an error whose message is written here, for people."""


class Table(BaseModel):
    """A table of the file: no key but those named, no value but of the type named."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def _association(value: object) -> object:
    if isinstance(value, str):
        return {"function": value}
    if isinstance(value, list):
        told = {"hint": ONE_FUNCTION.fix, "rule": ONE_FUNCTION.id}
        raise PydanticCustomError(PLAIN, "a trigger takes one function, not a list", told)
    if not isinstance(value, dict):
        hint = 'a name in quotes, or { function = "name", include_body = true }'
        raise PydanticCustomError(PLAIN, "this is no function's name", {"hint": hint})
    return value


def _selection(value: object) -> object:
    names = value.get("except") if isinstance(value, dict) and len(value) == 1 else value
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return value
    if isinstance(value, str) and value in ("none", "all"):
        return value
    hint = '"none", "all", ["a", "b"] or { except = ["a", "b"] }'
    raise PydanticCustomError(PLAIN, "this selects nothing that is known", {"hint": hint})


def _header(value: object) -> object:
    if isinstance(value, str | dict):
        return {"value": value} if isinstance(value, str) else value
    hint = '"text", or { value = "text", override = true }'
    raise PydanticCustomError(PLAIN, "this is no header's value", {"hint": hint})


class Except(Table):
    """Everything but these names."""

    names: list[str] = Field(alias="except")


Names = Annotated[Literal["none", "all"] | list[str] | Except, BeforeValidator(_selection)]


class AssociationDraft(Table):
    function: str
    include_body: bool = False


Associated = Annotated[AssociationDraft, BeforeValidator(_association)]


class GeoRestrictionDraft(Table):
    """Exactly one of the two lists; countries as two letters (ISO 3166-1)."""

    allow: list[str] | None = None
    block: list[str] | None = None


class LoggingDraft(Table):
    """How access logs are called that `edgesim dev --access-log` writes, and what they tell."""

    bucket: str = ""
    prefix: str = ""
    include_cookies: bool = False


class TenantDraft(Table):
    """Whose this is, of a multi-tenant distribution: what functions read as their tenant's."""

    id: str
    parameters: dict[str, str] = {}


class DistributionDraft(Table):
    id: str = "E1EXAMPLE"
    domain_name: str = "d111111abcdef8.cloudfront.net"
    aliases: list[str] = []
    default_root_object: str = ""
    routing: Literal["edge-optimized", "regional", "private"] = "edge-optimized"
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_All"
    error_caching_min_ttl_s: int = Field(default=ERROR_CACHING_MIN_TTL_S, ge=0)
    strictness: Literal["safe", "strict", "lenient"] = "safe"
    enabled: bool = True
    geo_restriction: GeoRestrictionDraft | None = None
    public_url: str | None = None
    """What viewers' URLs begin with in production, where they are signed for that."""
    logging: LoggingDraft | None = None
    cache_tag_header: str | None = None
    """The field in which origins name a response's cache tags."""
    minimum_protocol_version: str = SecurityPolicy.TLS_V1.value
    """The security policy for viewers by `--tls`, as CloudFront names it, such as TLSv1.3_2025."""
    tenant: TenantDraft | None = None


class PlaceDraft(Table):
    """Where a viewer is taken to be, in the words of the CloudFront-Viewer-* headers."""

    country: str
    city: str = ""
    country_name: str = ""
    region: str = ""
    region_name: str = ""
    postal_code: str = ""
    latitude: float = Field(default=0, ge=-90, le=90)
    longitude: float = Field(default=0, ge=-180, le=180)
    time_zone: str = ""
    metro_code: str = ""
    asn: str = ""


class GeoDraft(Table):
    """How a viewer's address becomes a place."""

    databases: list[str] = []
    """Files in MaxMind's format, of cities, countries or networks."""
    default_country: str | None = None
    default_place: PlaceDraft | None = None
    """Of viewers that no database knows, such as those of this machine."""


class RedirectAllDraft(Table):
    host: str
    protocol: Literal["http", "https"] | None = None


class RoutingRuleDraft(Table):
    """A rule of a bucket's website: where the key or the error fits, redirect."""

    key_prefix_equals: str | None = None
    http_error_code_returned_equals: int | None = None
    protocol: Literal["http", "https"] | None = None
    host: str | None = None
    replace_key_prefix_with: str | None = None
    replace_key_with: str | None = None
    http_redirect_code: int = Field(default=302, ge=300, le=399)


class S3Draft(Table):
    """A bucket: a folder that we serve, or one behind an S3 API on this machine."""

    folder: str | None = None
    endpoint: str | None = None
    bucket: str | None = None
    website: bool = False
    index_document: str = "index.html"
    error_document: str = ""
    redirect_all_requests_to: RedirectAllDraft | None = None
    routing_rules: list[RoutingRuleDraft] = []
    list_bucket: bool = False
    """Whether CloudFront may list it: only then is a missing key a 404 and no 403."""
    access_key_id: str = "edgesim"
    secret_access_key: str = "edgesim"  # noqa: S105 - of a server on this machine


class OriginDraft(Table):
    """Exactly one of the first five says where it lives."""

    url: str | None = None
    folder: str | None = None
    asgi: str | None = None
    wsgi: str | None = None
    s3: S3Draft | None = None
    region: str | None = None
    """Left out, it is the one that a host of AWS's names, or us-east-1."""
    origin_shield: str | None = None
    """The Region where Origin Shield stands before this origin."""
    path: str = ""
    custom_headers: dict[str, str] = {}
    connection_attempts: int = Field(default=3, ge=1, le=3)
    connection_timeout_s: float = Field(default=10, ge=1, le=10)
    response_timeout_s: float = Field(default=30, ge=1, le=120)
    keepalive_timeout_s: float = Field(default=5, ge=1, le=120)
    verify_certificate: bool = True
    ca_file: str = ""
    client_certificate: str = ""
    """A PEM file with the certificate that the origin is shown by TLS, and its key."""
    protocol_policy: Literal["http-only", "https-only", "match-viewer"] | None = None
    """The URL's own scheme if left out; with match-viewer the URL's port is for its scheme."""
    http_port: int | None = Field(default=None, ge=1, le=65535)
    https_port: int | None = Field(default=None, ge=1, le=65535)
    response_completion_timeout_s: float | None = Field(default=None, ge=1)
    origin_access_control: Literal["always", "never", "no-override"] | None = None
    """The signing behavior towards an S3 API."""


class OriginGroupDraft(Table):
    members: list[str]
    failover_status_codes: list[int]


class FunctionDraft(Table):
    code: str
    handler: str = "index.handler"
    runtime: str = "python3.12"
    memory_mb: int = Field(default=128, ge=128, le=10_240)
    timeout_s: float = Field(default=5, ge=1, le=900)
    environment: dict[str, str] = {}
    reserved_concurrency: int | None = Field(default=None, ge=0, le=1000)
    idle_timeout_s: float = Field(default=900, ge=1)
    key_value_store: str | None = None


class KeyValueStoreDraft(Table):
    """A file in the format that AWS imports; an id or ARN where code names the store by it."""

    file: str
    id: str = ""
    arn: str = ""


class ForwardedCookiesDraft(Table):
    forward: Literal["none", "whitelist", "all"] = "none"
    names: list[str] = []


class ForwardedValuesDraft(Table):
    """The older way, instead of policies, to say what an origin is sent and a key has."""

    query_string: bool = False
    query_string_cache_keys: list[str] = []
    cookies: ForwardedCookiesDraft = Field(default_factory=ForwardedCookiesDraft)
    headers: list[str] = []


class PublicKeyDraft(Table):
    """Exactly one of `file` and `pem`; `id` is what signers send as Key-Pair-Id, usually NAME."""

    file: str | None = None
    pem: str | None = None
    id: str | None = None


class KeyGroupDraft(Table):
    keys: list[str]


class RealtimeLogDraft(Table):
    """What `edgesim dev --access-log` writes of the behaviors that name it, besides the usual."""

    fields: list[str]
    stream: str = "realtime"
    """How the Kinesis data stream is called on AWS, and the file here."""
    sampling_rate: float = Field(default=100, ge=1, le=100)
    """Percent of the requests."""


class DefaultBehaviorDraft(Table):
    """The three TTLs go with `forwarded_values`, which take the place of the first two policies."""

    origin: str
    cache_policy: str = "CachingOptimized"
    origin_request_policy: str | None = None
    forwarded_values: ForwardedValuesDraft | None = None
    min_ttl_s: int | None = Field(default=None, ge=0)
    default_ttl_s: int | None = Field(default=None, ge=0)
    max_ttl_s: int | None = Field(default=None, ge=0)
    response_headers_policy: str | None = None
    viewer_protocol_policy: Literal["allow-all", "https-only", "redirect-to-https"] = "allow-all"
    allowed_methods: list[str] = ["GET", "HEAD"]
    cached_methods: list[str] = ["GET", "HEAD"]
    compress: bool = False
    trusted_key_groups: list[str] = []
    realtime_log: str | None = None
    viewer_request: Associated | None = None
    origin_request: Associated | None = None
    origin_response: Associated | None = None
    viewer_response: Associated | None = None


class BehaviorDraft(DefaultBehaviorDraft):
    path_pattern: str


class CachePolicyDraft(Table):
    """A TTL that is left out has CloudFront's default, lifted to the lower bound if need be."""

    min_ttl_s: int = Field(default=1, ge=0)
    default_ttl_s: int | None = Field(default=None, ge=0)
    max_ttl_s: int | None = Field(default=None, ge=0)
    headers: Names = "none"
    cookies: Names = "none"
    query_strings: Names = "none"
    gzip: bool = False
    brotli: bool = False


class OriginRequestPolicyDraft(Table):
    headers: Names = "none"
    cookies: Names = "none"
    query_strings: Names = "none"
    cloudfront_headers: list[str] = []


class PolicyHeaderDraft(Table):
    value: str
    override: bool = False


class CorsDraft(Table):
    allow_origins: list[str] = ["*"]
    allow_methods: list[str] = []
    allow_headers: list[str] = []
    expose_headers: list[str] = []
    max_age_s: int | None = Field(default=None, ge=0)
    allow_credentials: bool = False
    override: bool = False


class ServerTimingDraft(Table):
    sampling_rate: float = Field(default=100, ge=0, le=100)
    """Percent of the responses that carry Server-Timing."""


class ResponseHeadersPolicyDraft(Table):
    headers: dict[str, Annotated[PolicyHeaderDraft, BeforeValidator(_header)]] = {}
    remove: list[str] = []
    cors: CorsDraft | None = None
    server_timing: ServerTimingDraft | None = None


class CustomErrorResponseDraft(Table):
    """`response_code` and `response_page_path` come together or not at all."""

    error_code: int
    response_code: int | None = None
    response_page_path: str | None = None
    error_caching_min_ttl_s: int | None = Field(default=None, ge=0)


class CdHeaderDraft(Table):
    name: str
    value: str


class SessionStickinessDraft(Table):
    idle_ttl_s: int = Field(ge=300, le=3600)
    maximum_ttl_s: int = Field(ge=300, le=3600)


class ContinuousDeploymentDraft(Table):
    """Which requests the staging distribution gets: by `header` or by `weight`."""

    staging: str
    """The file of the staging distribution."""
    enabled: bool = True
    header: CdHeaderDraft | None = None
    weight: float | None = Field(default=None, ge=0, le=0.15)
    session_stickiness: SessionStickinessDraft | None = None


class Draft(Table):
    """A whole file."""

    distribution: DistributionDraft = Field(default_factory=DistributionDraft)
    origins: dict[str, OriginDraft] = {}
    origin_groups: dict[str, OriginGroupDraft] = {}
    functions: dict[str, FunctionDraft] = {}
    key_value_stores: dict[str, KeyValueStoreDraft] = {}
    default_behavior: DefaultBehaviorDraft
    behaviors: list[BehaviorDraft] = []
    cache_policies: dict[str, CachePolicyDraft] = {}
    origin_request_policies: dict[str, OriginRequestPolicyDraft] = {}
    response_headers_policies: dict[str, ResponseHeadersPolicyDraft] = {}
    custom_error_responses: list[CustomErrorResponseDraft] = []
    public_keys: dict[str, PublicKeyDraft] = {}
    key_groups: dict[str, KeyGroupDraft] = {}
    realtime_logs: dict[str, RealtimeLogDraft] = {}
    geo: GeoDraft = Field(default_factory=GeoDraft)
    continuous_deployment: ContinuousDeploymentDraft | None = None

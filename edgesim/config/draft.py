"""The shape of `edgesim.toml`: which keys there are, of what type, in what range.

Names are still strings here; `resolve.py` turns them into what they name. The defaults are
CloudFront's own. `Draft.model_json_schema()` is what an editor completes keys from.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from ..cloudfront.caching import ERROR_CACHING_MIN_TTL_S

PLAIN = "plain"
"""The type of an error whose message is written here, for people."""


class Table(BaseModel):
    """A table of the file: no key but those named, no value but of the type named."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _association(value: object) -> object:
    if isinstance(value, str):
        return {"function": value}
    if isinstance(value, list):
        hint = "call one from the other, or use another trigger"
        raise PydanticCustomError(PLAIN, "a trigger takes one function, not a list", {"hint": hint})
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


class DistributionDraft(Table):
    id: str = "E1EXAMPLE"
    domain_name: str = "d111111abcdef8.cloudfront.net"
    aliases: list[str] = []
    default_root_object: str = ""
    routing: Literal["edge-optimized", "regional", "private"] = "edge-optimized"
    error_caching_min_ttl_s: int = Field(default=ERROR_CACHING_MIN_TTL_S, ge=0)


class OriginDraft(Table):
    """Exactly one of the first five says where it lives."""

    url: str | None = None
    folder: str | None = None
    asgi: str | None = None
    wsgi: str | None = None
    s3: Any = None
    region: str = "us-east-1"
    path: str = ""
    custom_headers: dict[str, str] = {}
    connection_attempts: int = Field(default=3, ge=1, le=3)
    connection_timeout_s: float = Field(default=10, ge=1, le=10)
    response_timeout_s: float = Field(default=30, ge=1, le=120)
    keepalive_timeout_s: float = Field(default=5, ge=1, le=120)
    verify_certificate: bool = True
    ca_file: str = ""


class OriginGroupDraft(Table):
    members: list[str]
    failover_status_codes: list[int]


class FunctionDraft(Table):
    code: str
    handler: str = "index.handler"
    runtime: str = "python3.12"
    memory_mb: int = Field(default=128, ge=128, le=10_240)
    timeout_s: float = Field(default=5, ge=1, le=30)
    key_value_store: str | None = None


class KeyValueStoreDraft(Table):
    """A file in the format that AWS imports; an id or ARN where code names the store by it."""

    file: str
    id: str = ""
    arn: str = ""


class DefaultBehaviorDraft(Table):
    origin: str
    cache_policy: str = "CachingOptimized"
    origin_request_policy: str | None = None
    response_headers_policy: str | None = None
    viewer_protocol_policy: Literal["allow-all", "https-only", "redirect-to-https"] = "allow-all"
    allowed_methods: list[str] = ["GET", "HEAD"]
    cached_methods: list[str] = ["GET", "HEAD"]
    compress: bool = False
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


class ResponseHeadersPolicyDraft(Table):
    headers: dict[str, Annotated[PolicyHeaderDraft, BeforeValidator(_header)]] = {}
    remove: list[str] = []
    cors: CorsDraft | None = None


class CustomErrorResponseDraft(Table):
    """`response_code` and `response_page_path` come together or not at all."""

    error_code: int
    response_code: int | None = None
    response_page_path: str | None = None
    error_caching_min_ttl_s: int | None = Field(default=None, ge=0)


class Draft(Table):
    """A whole file."""

    distribution: DistributionDraft = DistributionDraft()
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

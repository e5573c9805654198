"""`AWS::CloudFront::Distribution`, but for its origins and behaviors, to `[distribution]`."""

from __future__ import annotations

from ...errors import ConfigError
from ..elsewhere import BUCKET_HOST
from .adapter import Adapter
from .behaviors import sketch_behavior
from .continuous_deployment import DISTRIBUTION as KIND
from .continuous_deployment import is_staging, sketch_continuous_deployment
from .distribution_properties import DISTRIBUTION
from .legacy_origin import aliases_of, origins_of
from .nodes import Node
from .origins import sketch_group, sketch_origin
from .stack import Resource, where
from .tenants import as_tenants, is_unprotected, tenant_of, tenants_of
from .viewer_side import check_viewer_side


def chosen(adapter: Adapter) -> Resource:
    """The distribution that was asked for, by itself or as a tenant's, or the only one.

    Raises `ConfigError`.
    """
    stack, wanted = adapter.stack, adapter.stack.given.distribution
    found = {one.id: one for one in stack.of_kind(KIND)}
    if wanted:
        of_tenants = {it.id: one for one in found.values() for it in tenants_of(stack, one)}
        if wanted not in found | of_tenants:
            raise ConfigError.unknown("distribution", wanted, found | of_tenants, "--distribution")
        return (found | of_tenants)[wanted]
    serving = [one for one in found.values() if not is_staging(one)]
    if len(serving) == 1:
        return serving[0]
    if not found:
        hint = f"edgesim looks for a resource of type {KIND} whose condition holds"
        raise ConfigError("there is no distribution in it", where=stack.name, hint=hint)
    names = ", ".join(found)
    place = where(stack.name, next(iter(found.values())).node)
    hint = f"say which: --distribution {next(iter(found))}"
    raise ConfigError(f"there are several distributions: {names}", where=place, hint=hint)


def sketch_distribution(adapter: Adapter, resource: Resource) -> None:
    """Everything that `resource` says, in the sketch and the report of `adapter`."""
    tenant, config = (
        tenant_of(adapter.stack, resource),
        resource.properties.get("DistributionConfig"),
    )
    if config is None:
        adapter.report.refuse(resource.node, "it has no DistributionConfig", "Properties has it")
        return
    if is_unprotected(tenant):
        config = config.of({key: it for key, it in config.fields.items() if key != "WebACLId"})
    told = resource.properties.of({**resource.properties.fields, "DistributionConfig": config})
    adapter.report.tell(DISTRIBUTION, told)
    adapter.needed(config, "Enabled", "DefaultCacheBehavior")
    check_viewer_side(adapter, config)
    config = as_tenants(adapter, resource, tenant, config)
    if config is not None:
        _sketch(adapter, resource, config)


def _sketch(adapter: Adapter, resource: Resource, config: Node) -> None:
    adapter.sketch.place(("distribution",), config)
    adapter.sketch.place(("origins",), config)
    adapter.put_flag(("distribution", "enabled"), config.get("Enabled"))
    root = config.get("DefaultRootObject")
    adapter.put_text(("distribution", "default_root_object"), root)
    header = config.get("CacheTagConfig", "HeaderName")
    adapter.put_text(("distribution", "cache_tag_header"), header)
    _aliases(adapter, config)
    if config.text_at("PriceClass") != "None":  # of a plan that has them all
        adapter.put_text(("distribution", "price_class"), config.get("PriceClass"))
    adapter.flag(config.get("Staging"))
    if not is_staging(resource):
        sketch_continuous_deployment(adapter, config)
    _geo(adapter, config)
    _logging(adapter, config.get("Logging"))
    _origins(adapter, config)
    default = config.get("DefaultCacheBehavior")
    if default is not None:
        sketch_behavior(adapter, ("default_behavior",), default)
    for index, one in enumerate(adapter.members(config.get("CacheBehaviors"))):
        sketch_behavior(adapter, ("behaviors", index), one)
    for index, one in enumerate(adapter.members(config.get("CustomErrorResponses"))):
        _error(adapter, index, one)


def _aliases(adapter: Adapter, config: Node) -> None:
    for index, one in enumerate(aliases_of(adapter, config)):
        adapter.put(("distribution", "aliases", index), one.text, one)


def _geo(adapter: Adapter, config: Node) -> None:
    geo = config.get("Restrictions", "GeoRestriction")
    if geo is None or not geo.fields or not adapter.needed(geo, "RestrictionType"):
        return
    if geo.text_at("RestrictionType") == "none":
        return
    kinds = {"whitelist": "allow", "blacklist": "block"}
    kind = geo.text_at("RestrictionType")
    if kind not in kinds:
        node = geo.get("RestrictionType") or geo
        adapter.report.unknown(node, "restriction", kind, {**kinds, "none": ""})
        return
    path = ("distribution", "geo_restriction", kinds[kind])
    adapter.put_texts(path, geo.get("Locations") or geo.here([]))


def _logging(adapter: Adapter, node: Node | None) -> None:
    """Where `edgesim dev --access-log DIR/` puts records, below that folder."""
    if node is None:
        return
    path, bucket = ("distribution", "logging"), node.get("Bucket")
    adapter.put(path, {}, node)
    if bucket is not None and bucket.text:
        match = BUCKET_HOST.fullmatch(bucket.text)
        if match is None:
            hint = "CloudFront wants its domain name: BUCKET.s3.amazonaws.com"
            adapter.report.refuse(bucket, f"{bucket.text!r} is no bucket", hint)
        else:
            adapter.put((*path, "bucket"), match[1], bucket)
    adapter.put_text((*path, "prefix"), node.get("Prefix"))
    adapter.put_flag((*path, "include_cookies"), node.get("IncludeCookies"))


def _origins(adapter: Adapter, config: Node) -> None:
    for one in origins_of(adapter, config):
        sketch_origin(adapter, one)
    for one in adapter.members(config.get("OriginGroups", "Items")):
        sketch_group(adapter, one)


def _error(adapter: Adapter, index: int, node: Node) -> None:
    path = ("custom_error_responses", index)
    adapter.put(path, {}, node)
    adapter.put_whole((*path, "error_code"), node.get("ErrorCode"))
    adapter.put_whole((*path, "response_code"), node.get("ResponseCode"))
    adapter.put_text((*path, "response_page_path"), node.get("ResponsePagePath"))
    adapter.put_whole((*path, "error_caching_min_ttl_s"), node.get("ErrorCachingMinTTL"))

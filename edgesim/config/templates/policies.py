"""The three kinds of policies of a template; a managed one needs nothing but its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...cloudfront.managed_policies import (
    CACHE_POLICIES,
    ORIGIN_REQUEST_POLICIES,
    RESPONSE_HEADERS_POLICIES,
)
from ..policies import RFC9111_NAME
from ..positions import KeyPath
from .adapter import Adapter
from .nodes import Node
from .response_headers import sketch_response_headers
from .stack import Resource, identified

SketchPolicy = Callable[[Adapter, KeyPath, Node], None]


def policy_named(adapter: Adapter, key: str, node: Node) -> str | None:
    """The name under which the draft has the policy that `node` refers to."""
    kind, managed, sketch = _KINDS[key]
    if not node.text or node.text in managed:
        return node.text or None
    known = adapter.stack.of_kind(kind)
    policy = identified(known, node.text, "Id")
    if policy is None:
        what = f"no {kind.rpartition(':')[2]} has the id {node.text!r}"
        hint = "a managed policy's id, or Ref to one in this template"
        adapter.report.refuse(node, what, hint)
        return None
    name = _free(policy, managed)
    if adapter.tell(policy):
        table = key.replace("policy", "policies")
        _sketch(adapter, (table, name), policy, sketch)
    return name


def _free(policy: Resource, managed: Mapping[str, object]) -> str:
    """Its logical id, unless AWS has a policy of that name."""
    return f"{policy.id}-own" if policy.id in {*managed, RFC9111_NAME} else policy.id


def _sketch(adapter: Adapter, path: KeyPath, policy: Resource, sketch: SketchPolicy) -> None:
    (config, *_) = policy.properties.fields.values() or [policy.properties]
    adapter.needed(config, "Name")
    adapter.put(path, {}, config)
    sketch(adapter, path, config)


def _cache_policy(adapter: Adapter, path: KeyPath, config: Node) -> None:
    key = "ParametersInCacheKeyAndForwardedToOrigin"
    adapter.needed(config, "MinTTL", "DefaultTTL", "MaxTTL", key)
    adapter.put_whole((*path, "min_ttl_s"), config.get("MinTTL"))
    adapter.put_whole((*path, "default_ttl_s"), config.get("DefaultTTL"))
    adapter.put_whole((*path, "max_ttl_s"), config.get("MaxTTL"))
    inside = config.get(key)
    if inside is None:
        return
    adapter.put_flag((*path, "gzip"), inside.get("EnableAcceptEncodingGzip"))
    adapter.put_flag((*path, "brotli"), inside.get("EnableAcceptEncodingBrotli"))
    _selections(adapter, path, inside)


def _selections(adapter: Adapter, path: KeyPath, config: Node) -> None:
    for key, name, single in (
        ("headers", "Headers", "Header"),
        ("cookies", "Cookies", "Cookie"),
        ("query_strings", "QueryStrings", "QueryString"),
    ):
        inside = config.get(f"{name}Config")
        if inside is None:
            adapter.report.refuse(config, f"{name}Config must be given")
            continue
        _selection(adapter, (*path, key), inside, f"{single}Behavior", name)


def _selection(adapter: Adapter, path: KeyPath, node: Node, behavior: str, names: str) -> None:
    kind = node.text_at(behavior)
    listed = adapter.texts(node.get(names))
    place = node.get(behavior) or node
    if kind in ("whitelist", "allExcept") and not listed:
        adapter.report.refuse(place, f"{kind} needs {names}")
        return
    match kind:
        case "none":
            adapter.put(path, "none", place)
        case "all" if names != "Headers":
            adapter.put(path, "all", place)
        case "whitelist":
            adapter.put(path, listed, place)
        case "allExcept":
            adapter.put(path, {"except": listed}, place)
        case "allViewer" if path[0] == "origin_request_policies" and names == "Headers":
            adapter.put(path, "all", place)
        case "allViewerAndWhitelistCloudFront" if path[0] == "origin_request_policies":
            adapter.put(path, "all", place)
            adapter.put((*path[:-1], "cloudfront_headers"), listed, place)
        case _:
            hint = "none, whitelist, allExcept or all; of headers see the kind of policy"
            adapter.report.refuse(place, f"{kind or 'nothing'!r} is no {behavior} here", hint)


def _origin_request_policy(adapter: Adapter, path: KeyPath, config: Node) -> None:
    _selections(adapter, path, config)


_KINDS: Mapping[str, tuple[str, Mapping[str, object], SketchPolicy]] = {
    "cache_policy": ("AWS::CloudFront::CachePolicy", CACHE_POLICIES, _cache_policy),
    "origin_request_policy": (
        "AWS::CloudFront::OriginRequestPolicy",
        ORIGIN_REQUEST_POLICIES,
        _origin_request_policy,
    ),
    "response_headers_policy": (
        "AWS::CloudFront::ResponseHeadersPolicy",
        RESPONSE_HEADERS_POLICIES,
        sketch_response_headers,
    ),
}
"""By the key of a behavior: the resource's type, AWS's own, how one is sketched."""

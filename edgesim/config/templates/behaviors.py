"""Cache behaviors of a template."""

from __future__ import annotations

from collections.abc import Mapping

from ...cloudfront.function import Trigger
from ...errors import suggestion
from ..positions import KeyPath
from .adapter import Adapter
from .function_code import sketch_cloudfront_function, sketch_lambda
from .key_groups import key_group_named, signer_named
from .nodes import Node
from .policies import policy_named
from .realtime_logs import sketch_realtime_log

POLICY_KEYS: Mapping[str, str] = {
    "CachePolicyId": "cache_policy",
    "OriginRequestPolicyId": "origin_request_policy",
    "ResponseHeadersPolicyId": "response_headers_policy",
}
TTLS: Mapping[str, str] = {
    "MinTTL": "min_ttl_s",
    "DefaultTTL": "default_ttl_s",
    "MaxTTL": "max_ttl_s",
}
VIEWER_TRIGGERS = (Trigger.VIEWER_REQUEST.value, Trigger.VIEWER_RESPONSE.value)
ASSOCIATIONS = 4


def sketch_behavior(adapter: Adapter, path: KeyPath, node: Node) -> None:
    """`DefaultCacheBehavior`, or one member of `CacheBehaviors`."""
    adapter.put(path, {}, node)
    adapter.needed(node, "TargetOriginId", "ViewerProtocolPolicy")
    adapter.put_text((*path, "origin"), node.get("TargetOriginId"))
    if path[0] == "behaviors":
        adapter.put_text((*path, "path_pattern"), node.get("PathPattern"))
    adapter.put_text((*path, "viewer_protocol_policy"), node.get("ViewerProtocolPolicy"))
    for name, key in (("AllowedMethods", "allowed_methods"), ("CachedMethods", "cached_methods")):
        adapter.put_texts((*path, key), node.get(name))
    adapter.put_flag((*path, "compress"), node.get("Compress"))
    _sketch_policies(adapter, path, node)
    _sketch_functions(adapter, path, node)
    _sketch_signers(adapter, path, node)
    sketch_realtime_log(adapter, path, node.get("RealtimeLogConfigArn"))


def _sketch_signers(adapter: Adapter, path: KeyPath, node: Node) -> None:
    """Key groups, and accounts as it was before there were any; a signature of either will do."""
    groups, accounts = node.get("TrustedKeyGroups"), node.get("TrustedSigners")
    names = [key_group_named(adapter, one) for one in adapter.members(groups)]
    if accounts is not None and accounts.members and "TrustedSigners" in adapter.report.without:
        adapter.report.leaves_out(accounts, "anybody is let in whom no key group keeps out")
    elif accounts is not None:
        names += [signer_named(adapter, one) for one in adapter.members(accounts)]
    if (said := groups if groups and groups.members else accounts) is not None and names:
        adapter.put((*path, "trusted_key_groups"), [name for name in names if name], said)


def _sketch_policies(adapter: Adapter, path: KeyPath, node: Node) -> None:
    for name, key in POLICY_KEYS.items():
        one = node.get(name)
        if one is not None and (named := policy_named(adapter, key, one)):
            adapter.put((*path, key), named, one)
    legacy = node.get("ForwardedValues")
    policy = node.get("CachePolicyId")
    ttls = [node.get(name) for name in TTLS if node.get(name) is not None]
    if policy is not None and policy.text:
        for one in (legacy, *ttls):
            if one is not None:
                what = f"{one.path[-1]} does not go together with CachePolicyId"
                adapter.report.refuse(one, what, "take it out; the cache policy has the TTLs")
    elif legacy is None:
        hint = "CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6 is CachingOptimized"
        adapter.report.refuse(node, "it has neither CachePolicyId nor ForwardedValues", hint)
    else:
        _sketch_legacy(adapter, path, node, legacy)


def _sketch_legacy(adapter: Adapter, path: KeyPath, node: Node, legacy: Node) -> None:
    values = (*path, "forwarded_values")
    adapter.put(values, {}, legacy)
    adapter.needed(legacy, "QueryString")
    adapter.put_flag((*values, "query_string"), legacy.get("QueryString"))
    adapter.put_texts((*values, "query_string_cache_keys"), legacy.get("QueryStringCacheKeys"))
    adapter.put_texts((*values, "headers"), legacy.get("Headers"))
    cookies = legacy.get("Cookies")
    if cookies is not None:
        adapter.put_text((*values, "cookies", "forward"), cookies.get("Forward"))
        adapter.put_texts((*values, "cookies", "names"), cookies.get("WhitelistedNames"))
    for name, key in TTLS.items():
        adapter.put_whole((*path, key), node.get(name))


def _sketch_functions(adapter: Adapter, path: KeyPath, node: Node) -> None:
    taken: set[str] = set()
    for name, arn in (
        ("FunctionAssociations", "FunctionARN"),
        ("LambdaFunctionAssociations", "LambdaFunctionARN"),
    ):
        for one in adapter.members(node.get(name)):
            if not adapter.needed(one, "EventType", arn):
                continue
            trigger = one.text_at("EventType")
            if not _is_free(adapter, one, trigger, taken):
                continue
            taken.add(trigger)
            _associate(adapter, (*path, trigger.replace("-", "_")), one, arn)


def _is_free(adapter: Adapter, node: Node, trigger: str, taken: set[str]) -> bool:
    known = [one.value for one in Trigger]
    place = node.get("EventType") or node
    if trigger not in known:
        what = f"no event is called {trigger!r}"
        adapter.report.refuse(place, what, suggestion(trigger, known))
    elif trigger in taken:
        hint = "one function for each event of a behavior; call one from the other"
        adapter.report.refuse(place, f"{trigger} has a function already", hint)
    else:
        return True
    return False


def _associate(adapter: Adapter, path: KeyPath, node: Node, arn: str) -> None:
    named = node.get(arn) or node
    adapter.sketch.place(path, node.get("EventType") or node)
    adapt = sketch_lambda if arn == "LambdaFunctionARN" else sketch_cloudfront_function
    name = adapt(adapter, named)
    if name is None:
        return
    adapter.put((*path, "function"), name, named)
    adapter.put_flag((*path, "include_body"), node.get("IncludeBody"))

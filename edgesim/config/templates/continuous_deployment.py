"""A continuous deployment policy, and the staging distribution of the same template."""

from __future__ import annotations

from pathlib import Path

from .adapter import Adapter
from .nodes import Node
from .stack import Resource, Stack, identified

POLICY = "AWS::CloudFront::ContinuousDeploymentPolicy"
DISTRIBUTION = "AWS::CloudFront::Distribution"
HEADER, WEIGHT = "SingleHeader", "SingleWeight"


def is_staging(resource: Resource) -> bool:
    return resource.properties.text_at("DistributionConfig", "Staging") == "true"


def staging_of(stack: Stack) -> list[Resource]:
    return [one for one in stack.of_kind(DISTRIBUTION) if is_staging(one)]


def sketch_continuous_deployment(adapter: Adapter, config: Node) -> None:
    """What `ContinuousDeploymentPolicyId` of a distribution refers to."""
    said = config.get("ContinuousDeploymentPolicyId")
    if said is None or not said.text:
        return
    policies = adapter.stack.of_kind(POLICY)
    policy = identified(policies, said.text, "Id")
    if policy is None:
        known = [one.id for one in policies]
        adapter.report.unknown(said, "continuous deployment policy", said.text, known)
        return
    adapter.tell(policy)
    found = len(staging_of(adapter.stack))
    if found != 1:
        what = f"the template has {found} staging distributions" if found else "there is none"
        hint = "a policy goes with one distribution that has Staging: true, in the same template"
        adapter.report.refuse(said, f"{what} for the policy", hint)
        return
    _sketch_policy(adapter, policy.properties.get("ContinuousDeploymentPolicyConfig"), policy.node)


def _sketch_policy(adapter: Adapter, config: Node | None, node: Node) -> None:
    config = config or node
    if not adapter.needed(config, "Enabled", "StagingDistributionDnsNames"):
        return
    path = ("continuous_deployment",)
    adapter.put((*path, "staging"), Path(adapter.report.name).name, config)
    adapter.put_flag((*path, "enabled"), config.get("Enabled"))
    traffic = config.get("TrafficConfig")
    around = traffic or config
    kind = around.text_at("Type")
    names = ("SingleHeaderConfig", "SingleWeightConfig")
    if traffic is None:  # an older spelling of the same
        names = ("SingleHeaderPolicyConfig", "SingleWeightPolicyConfig")
    header, weight = (around.get(name) for name in names)
    if kind not in (HEADER, WEIGHT):
        adapter.report.unknown(around.get("Type") or around, "Type", kind, (HEADER, WEIGHT))
    elif kind == HEADER and header is not None and adapter.needed(header, "Header", "Value"):
        adapter.put_text((*path, "header", "name"), header.get("Header"))
        adapter.put_text((*path, "header", "value"), header.get("Value"))
    elif kind == WEIGHT and weight is not None and adapter.needed(weight, "Weight"):
        _sketch_weight(adapter, weight)


def _sketch_weight(adapter: Adapter, weight: Node) -> None:
    said, sticky = weight.get("Weight"), weight.get("SessionStickinessConfig")
    if said is not None and (number := adapter.number(said)) is not None:
        adapter.put(("continuous_deployment", "weight"), number, said)
    if sticky is not None and adapter.needed(sticky, "IdleTTL", "MaximumTTL"):
        path = ("continuous_deployment", "session_stickiness")
        adapter.put_whole((*path, "idle_ttl_s"), sticky.get("IdleTTL"))
        adapter.put_whole((*path, "maximum_ttl_s"), sticky.get("MaximumTTL"))

"""Tenants of a multi-tenant distribution: one deployment each, with its values in the origins.

CloudFront: "Distribution tenant customizations", "Unsupported features for SaaS Manager for Amazon
CloudFront"; CFN: AWS::CloudFront::DistributionTenant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ...errors import ConfigError
from ..deployment import NoteKind
from .adapter import Adapter
from .nodes import Node
from .report import is_off
from .stack import Resource, Stack, identified, where
from .viewer_side import check_region, one_of

TENANT = "AWS::CloudFront::DistributionTenant"
GROUP = "AWS::CloudFront::ConnectionGroup"
TENANT_ONLY = "tenant-only"
IN_ORIGINS = ("DomainName", "OriginPath")
"""Where parameters stand: as `{{name}}`, alone or in a text."""
UNSUPPORTED: Mapping[str, str] = {
    "Aliases": "each tenant has Domains of its own",
    "CNAMEs": "each tenant has Domains of its own",
    "AnycastIpListId": "a connection group has it",
    "IPV6Enabled": "a connection group has it",
    "PriceClass": "a multi-tenant distribution is served everywhere",
    "ContinuousDeploymentPolicyId": "there is no staging for tenants",
    "Staging": "there is no staging for tenants",
}
IN_BEHAVIORS: Mapping[str, str] = {
    **dict.fromkeys(("MinTTL", "DefaultTTL", "MaxTTL", "ForwardedValues"), "use a CachePolicyId"),
    "TrustedSigners": "use TrustedKeyGroups",
    "SmoothStreaming": "take it out",
}
MAX_VALUE = 256
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")


def is_multi_tenant(resource: Resource) -> bool:
    return resource.properties.text_at("DistributionConfig", "ConnectionMode") == TENANT_ONLY


def tenants_of(stack: Stack, distribution: Resource) -> list[Resource]:
    """In the template's order; told apart by whom their DistributionId names."""
    found = []
    for one in stack.of_kind(TENANT) if is_multi_tenant(distribution) else ():
        said = one.node.get("Properties", "DistributionId") or Node("")
        if any(re.search(rf"\b{re.escape(distribution.id)}\b", it.text) for it in said.leaves()):
            found.append(one)
    return found


def tenant_of(stack: Stack, distribution: Resource) -> Resource | None:
    """The one that was asked for, else the first."""
    tenants = tenants_of(stack, distribution)
    wanted = stack.given.distribution
    return next((one for one in tenants if one.id == wanted), tenants[0] if tenants else None)


def beside(stack: Stack, distribution: Resource) -> list[Resource]:
    """The other tenants, unless only one was asked for."""
    tenants = tenants_of(stack, distribution)
    asked_for = any(one.id == stack.given.distribution for one in tenants)
    return [] if asked_for else tenants[1:]


def is_unprotected(tenant: Resource | None) -> bool:
    """Whether it has switched off the web ACL that it would inherit."""
    if tenant is None:
        return False
    return tenant.properties.text_at("Customizations", "WebAcl", "Action") == "disable"


def as_tenants(
    adapter: Adapter, resource: Resource, tenant: Resource | None, config: Node
) -> Node | None:
    """What `config` comes to for `tenant`; None if a multi-tenant distribution has none."""
    said = config.get("TenantConfig")
    if not is_multi_tenant(resource):
        if said is not None and said.fields:
            hint = f"ConnectionMode: {TENANT_ONLY}, or no TenantConfig"
            adapter.report.refuse(said, "it is for multi-tenant distributions", hint)
        return config
    _check_supported(adapter, config)
    if tenant is None:
        mode = config.get("ConnectionMode") or config
        hint = f"add an {TENANT} with DistributionId: !Ref {resource.id}"
        adapter.report.refuse(mode, "without a tenant it serves nobody", hint)
        return None
    adapter.tell(tenant)
    adapter.told.update(one.id for one in tenants_of(adapter.stack, resource))
    properties = tenant.properties
    if not adapter.needed(properties, "Domains", "Name"):
        return None
    _check_domains(adapter, resource, tenant)
    values = _values(adapter, _definitions(adapter, said), tenant)
    adapter.put(("distribution", "tenant", "id"), tenant.ref, tenant.node)
    adapter.put(("distribution", "tenant", "parameters"), values, tenant.node)
    _check_certificates(adapter, config, properties)
    _place(adapter, values)
    return _customised(adapter, config, properties, values)


def _check_supported(adapter: Adapter, config: Node) -> None:
    default = config.get("DefaultCacheBehavior")
    behaviors = (*adapter.members(config.get("CacheBehaviors")), *([default] if default else ()))
    found = [(config, UNSUPPORTED), *((one, IN_BEHAVIORS) for one in behaviors)]
    for around, table in found:
        for name, hint in table.items():
            one = around.get(name)
            if one is not None and not (is_off(one) and name != "ForwardedValues"):
                adapter.report.refuse(one, f"no multi-tenant distribution has {name}", hint)
    for one in config.leaves():
        is_in_origin = one.path[-3:-1] and one.path[-3] == "Origins" and one.path[-1] in IN_ORIGINS
        if not is_in_origin and _PLACEHOLDER.search(one.text):
            text = f"a parameter stands in {' and '.join(IN_ORIGINS)} only; this is text"
            adapter.report.note(NoteKind.WARNING, one, text)


def _definitions(adapter: Adapter, said: Node | None) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for one in adapter.members(said.get("ParameterDefinitions") if said is not None else None):
        schema = one.get("Definition", "StringSchema")
        if not adapter.needed(one, "Name", "Definition") or schema is None:
            continue
        adapter.needed(schema, "Required")
        name = one.fields["Name"]
        if not _NAME.fullmatch(name.text):
            hint = "letters, digits, - and _, at most 128"
            adapter.report.refuse(name, f"{name.text!r} is no parameter's name", hint)
        elif name.text in found:
            adapter.report.refuse(name, f"{name.text!r} is defined twice", "leave one of them")
        _check_value(adapter, schema.get("DefaultValue"))
        adapter.flag(schema.get("Required"))
        found[name.text] = schema
    return found


def _values(adapter: Adapter, known: Mapping[str, Node], tenant: Resource) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in adapter.members(tenant.properties.get("Parameters")):
        if adapter.needed(one, "Name", "Value"):
            name = one.text_at("Name")
            _check_value(adapter, one.get("Value"))
            if name not in known:
                adapter.report.unknown(one.fields["Name"], "parameter", name, known)
            found[name] = one.text_at("Value")
    for name, schema in known.items():
        default = schema.text_at("DefaultValue")
        if name not in found and default:
            found[name] = default
        elif name not in found and schema.text_at("Required") == "true":
            hint = f"CloudFront makes no tenant without: Parameters: [{{Name: {name}, Value: …}}]"
            node = tenant.properties.get("Parameters") or tenant.properties
            adapter.report.refuse(node, f"the parameter {name!r} has no value", hint)
            found[name] = name  # what it stands in is looked at all the same
    return found


def _check_value(adapter: Adapter, node: Node | None) -> None:
    if node is not None and not 0 < len(node.text) <= MAX_VALUE:
        hint = f"1 to {MAX_VALUE} characters"
        adapter.report.refuse(node, f"a value of {len(node.text)} characters", hint)


def _check_domains(adapter: Adapter, resource: Resource, tenant: Resource) -> None:
    own = tenant.properties.get("Domains") or tenant.node
    if not adapter.members(own):
        adapter.report.refuse(own, "it has no domain", "at least one: Domains: [a.example.com]")
    for other in tenants_of(adapter.stack, resource):
        taken = adapter.texts(other.properties.get("Domains")) if other.id != tenant.id else []
        for one in own.members:
            if one.text in taken:
                hint = "a domain is one tenant's only"
                adapter.report.refuse(one, f"{one.text} is a domain of {other.id} too", hint)


def _check_certificates(adapter: Adapter, config: Node, tenant: Node) -> None:
    own = tenant.get("Customizations", "Certificate", "Arn")
    check_region(adapter, own)
    shared = config.text_at("ViewerCertificate", "AcmCertificateArn")
    request = tenant.get("ManagedCertificateRequest")
    if request is not None:
        hosts = ("cloudfront", "self-hosted")
        one_of(adapter, request.get("ValidationTokenHost"), hosts)
        preference = request.get("CertificateTransparencyLoggingPreference")
        one_of(adapter, preference, ("enabled", "disabled"))
    if not (shared or request or (own is not None and own.text)):
        hint = "ManagedCertificateRequest, Customizations.Certificate, or the distribution's own"
        domains = tenant.get("Domains") or tenant
        adapter.report.refuse(domains, "its domains have no certificate", hint)
    iam = config.get("ViewerCertificate", "IamCertificateId")
    if iam is not None and iam.text:
        what = "no multi-tenant distribution has IamCertificateId"
        adapter.report.refuse(iam, what, "use an AcmCertificateArn")


def _place(adapter: Adapter, values: Mapping[str, str]) -> None:
    """`--set-origin App=http://127.0.0.1:3000/{{tenant}}`: parameters stand there as well."""
    stack = adapter.stack
    placed = {
        name: _filled(place, values, f"--set-origin {name}")
        for name, place in stack.given.origins.items()
    }
    stack.given = replace(stack.given, origins=placed)


def _filled(text: str, values: Mapping[str, str], at: str) -> str:
    """Raises `ConfigError` for a parameter without a value."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise ConfigError.unknown("parameter with a value", match[1], values, at)
        return values[match[1]]

    return _PLACEHOLDER.sub(value, text)


def _customised(adapter: Adapter, config: Node, tenant: Node, values: Mapping[str, str]) -> Node:
    fields = dict(config.fields)
    origins = []
    for one in adapter.members(config.get("Origins")):
        said = {name: it for name in IN_ORIGINS if (it := one.get(name)) is not None}
        filled = {
            name: it.here(_filled(it.text, values, where(adapter.report.name, it)))
            for name, it in said.items()
        }
        origins.append(one.of({**one.fields, **filled}))
    if (listed := config.get("Origins")) is not None:
        fields["Origins"] = listed.here(origins)
    if (domains := tenant.get("Domains")) is not None:
        fields["Aliases"] = domains
    if (geo := tenant.get("Customizations", "GeoRestrictions")) is not None:
        fields["Restrictions"] = geo.of({"GeoRestriction": geo})
    for switch in (tenant.get("Enabled"), _group_switch(adapter, tenant)):
        if adapter.flag(switch) is False and switch is not None:
            fields["Enabled"] = switch
    return config.of(fields)


def _group_switch(adapter: Adapter, tenant: Node) -> Node | None:
    """`Enabled` of the connection group, where the template has it."""
    said = tenant.get("ConnectionGroupId")
    if said is None or not said.text:
        return None
    group = identified(adapter.stack.of_kind(GROUP), said.text, "Id")
    if group is None:
        return None
    adapter.tell(group)
    return group.properties.get("Enabled")

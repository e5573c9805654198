"""`ResponseHeadersPolicyConfig`: CORS, security headers, custom ones, removal, Server-Timing.

CloudFront: "Understand response headers policies".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..positions import KeyPath
from .adapter import Adapter
from .nodes import Node
from .report import is_off

MAX_CUSTOM_HEADERS = 10
MAX_POLICY_LENGTH = 1783
"""Of a Content-Security-Policy (CloudFront: "Quotas")."""


def sketch_response_headers(adapter: Adapter, path: KeyPath, config: Node) -> None:
    security = config.get("SecurityHeadersConfig")
    for name, node in security.fields.items() if security is not None else ():
        if name in _SECURITY:
            header, value = _SECURITY[name]
            adapter.needed(node, "Override")
            _put_header(adapter, path, node, header, value(adapter, node))
    custom = adapter.members(config.get("CustomHeadersConfig", "Items"))
    if len(custom) > MAX_CUSTOM_HEADERS:
        what = f"there are {len(custom)} custom headers, and {MAX_CUSTOM_HEADERS} are allowed"
        adapter.report.refuse(custom[0], what, "AWS raises this quota on request")
    for one in custom:
        if adapter.needed(one, "Header", "Value", "Override"):
            _put_header(adapter, path, one, one.text_at("Header"), one.text_at("Value"))
    removed = config.get("RemoveHeadersConfig", "Items")
    if removed is not None:
        names = [one.text_at("Header") for one in adapter.members(removed)]
        adapter.put((*path, "remove"), names, removed)
    cors = config.get("CorsConfig")
    if cors is not None and cors.fields:
        _sketch_cors(adapter, (*path, "cors"), cors)
    timing = config.get("ServerTimingHeadersConfig")
    if timing is not None and not is_off(timing):
        adapter.put((*path, "server_timing"), {}, timing)
        rate = adapter.number(timing.get("SamplingRate"))
        if rate is not None:
            adapter.put((*path, "server_timing", "sampling_rate"), rate, timing)


def _put_header(adapter: Adapter, path: KeyPath, node: Node, name: str, value: str | None) -> None:
    if value is None:
        return
    override = adapter.flag(node.get("Override")) or False
    adapter.put((*path, "headers", name), {"value": value, "override": override}, node)


def _sketch_cors(adapter: Adapter, path: KeyPath, cors: Node) -> None:
    adapter.put(path, {}, cors)
    lists = {
        "AccessControlAllowOrigins": "allow_origins",
        "AccessControlAllowMethods": "allow_methods",
        "AccessControlAllowHeaders": "allow_headers",
        "AccessControlExposeHeaders": "expose_headers",
    }
    names = list(lists)[:3]
    adapter.needed(cors, *names, "AccessControlAllowCredentials", "OriginOverride")
    for name, key in lists.items():
        adapter.put_texts((*path, key), cors.get(name, "Items"))
    adapter.put_whole((*path, "max_age_s"), cors.get("AccessControlMaxAgeSec"))
    credentials = cors.get("AccessControlAllowCredentials")
    adapter.put_flag((*path, "allow_credentials"), credentials)
    adapter.put_flag((*path, "override"), cors.get("OriginOverride"))


def _content_security_policy(adapter: Adapter, node: Node) -> str | None:
    policy = node.get("ContentSecurityPolicy")
    if policy is not None and len(policy.text) > MAX_POLICY_LENGTH:
        what = f"the policy has {len(policy.text):,} characters"
        adapter.report.refuse(policy, what, f"{MAX_POLICY_LENGTH:,} are allowed")
    return adapter.text(policy)


def _frame_options(adapter: Adapter, node: Node) -> str | None:
    return _one_of(adapter, node.get("FrameOption"), ("DENY", "SAMEORIGIN"))


def _referrer_policy(adapter: Adapter, node: Node) -> str | None:
    return _one_of(adapter, node.get("ReferrerPolicy"), REFERRER_POLICIES)


def _strict_transport_security(adapter: Adapter, node: Node) -> str | None:
    age = adapter.whole(node.get("AccessControlMaxAgeSec"))
    if age is None:
        adapter.report.refuse(node, "AccessControlMaxAgeSec must be given")
        return None
    parts = [f"max-age={age}"]
    if adapter.flag(node.get("IncludeSubdomains")):
        parts.append("includeSubDomains")
    if adapter.flag(node.get("Preload")):
        parts.append("preload")
    return "; ".join(parts)


def _xss_protection(adapter: Adapter, node: Node) -> str | None:
    if not adapter.flag(node.get("Protection")):
        return "0"
    block, report = adapter.flag(node.get("ModeBlock")), adapter.text(node.get("ReportUri"))
    if block and report:
        hint = "CloudFront takes one or the other"
        adapter.report.refuse(node, "ModeBlock and ReportUri are both given", hint)
    if report:
        return f"1; report={report}"
    return "1; mode=block" if block else "1"


def _one_of(adapter: Adapter, node: Node | None, values: tuple[str, ...]) -> str | None:
    if node is not None and node.text not in values:
        adapter.report.refuse(node, f"{node.text!r} is none of its values", ", ".join(values))
    return adapter.text(node)


REFERRER_POLICIES = (
    *("no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin"),
    *("same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"),
)

_SECURITY: Mapping[str, tuple[str, Callable[[Adapter, Node], str | None]]] = {
    "ContentSecurityPolicy": ("Content-Security-Policy", _content_security_policy),
    "ContentTypeOptions": ("X-Content-Type-Options", lambda _adapter, _node: "nosniff"),
    "FrameOptions": ("X-Frame-Options", _frame_options),
    "ReferrerPolicy": ("Referrer-Policy", _referrer_policy),
    "StrictTransportSecurity": ("Strict-Transport-Security", _strict_transport_security),
    "XSSProtection": ("X-XSS-Protection", _xss_protection),
}
"""By property: the header, and how its value is made."""

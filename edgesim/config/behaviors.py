"""`[default_behavior]` and `[[behaviors]]` to `Behavior`: names become what they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ..cache.rules import CACHED_METHODS, RFC9111, Rules
from ..cloudfront.caching import CloudFrontCaching
from ..cloudfront.distribution import METHOD_SETS, Behavior
from ..cloudfront.forwarding import forwards_cookies
from ..cloudfront.function import Association, Function, Trigger
from ..cloudfront.key_groups import KeyGroup
from ..cloudfront.origin import Origin
from ..cloudfront.policies import CachePolicy, OriginRequestPolicy, ResponseHeadersPolicy
from ..cloudfront.realtime_log import RealtimeLog
from ..cloudfront.viewer_headers import FINGERPRINTS, asked_for
from .access import trusted
from .associations import associated
from .deployment import NoteKind
from .draft import BehaviorDraft, DefaultBehaviorDraft
from .forwarded_values import forwarded_values
from .origin_groups import OriginGroup
from .policies import RFC9111_NAME
from .positions import KeyPath
from .source import Findings

MAX_PATTERN_LENGTH = 255
_PATTERN_CHARACTER = re.compile(r"""[A-Za-z0-9_.*?$/~"'@:+&-]""")
"""CloudFront: "Cache behavior settings", path pattern."""

CACHED_SETS = (CACHED_METHODS, CACHED_METHODS | {"OPTIONS"})
"""The two sets that a behavior may cache (CloudFront: "Cache behavior settings")."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that a behavior may name."""

    origins: Mapping[str, Origin]
    origin_groups: Mapping[str, OriginGroup]
    group_names: frozenset[str]
    """Of those that something is wrong with as well, which has been said."""
    functions: Mapping[str, Function]
    cache_policies: Mapping[str, CachePolicy]
    origin_request_policies: Mapping[str, OriginRequestPolicy]
    response_headers_policies: Mapping[str, ResponseHeadersPolicy]
    key_groups: Mapping[str, KeyGroup]
    error_caching_min_ttl_s: int
    error_caching: Mapping[int, int]
    """ErrorCachingMinTTL by status, where it is not the general one."""
    tag_header: str
    cache_policy: str | None = None
    """Said on the command line: it comes before every behavior's own."""
    realtime_logs: Mapping[str, RealtimeLog] = field(default_factory=dict)


def resolved_behavior(
    path: KeyPath, draft: DefaultBehaviorDraft, names: Names, findings: Findings
) -> Behavior | None:
    """`draft` as a behavior, or None where it cannot be one; why not goes to `findings`."""
    pattern = _pattern((*path, "path_pattern"), draft, findings)
    group = names.origin_groups.get(draft.origin)
    origin = group.primary if group else _origin((*path, "origin"), draft, names, findings)
    policy, orp = _key_and_sent(path, draft, names, findings)
    rhp = _named(
        (*path, "response_headers_policy"),
        "response headers policy",
        draft.response_headers_policy,
        names.response_headers_policies,
        findings,
    )
    allowed = _methods((*path, "allowed_methods"), draft.allowed_methods, METHOD_SETS, findings)
    cached = _methods((*path, "cached_methods"), draft.cached_methods, CACHED_SETS, findings)
    if allowed and cached - allowed:
        what = f"{', '.join(sorted(cached - allowed))} is cached but not allowed"
        findings.refuse((*path, "cached_methods"), what, "add it to allowed_methods")
    functions = _functions(path, draft, names, findings)
    groups = trusted(
        (*path, "trusted_key_groups"), draft.trusted_key_groups, names.key_groups, findings
    )
    for header in sorted(asked_for(policy, orp) & FINGERPRINTS):
        text = f"{header} is never sent: nobody shows us the TLS ClientHello it is made of"
        findings.note(NoteKind.IGNORED, path, text)
    if draft.compress and (policy is None or not (policy.gzip or policy.brotli)):
        text = "nothing is compressed: the cache policy has neither gzip nor brotli"
        findings.note(NoteKind.WARNING, (*path, "compress"), text)
    if origin is None:
        return None
    if origin.is_bucket and orp is not None and orp.headers.takes("host"):
        text = (
            f"{orp.name} would send the viewer's Host, which no bucket answers to; it is left out"
        )
        findings.note(NoteKind.WARNING, (*path, "origin_request_policy"), text)
    return Behavior(
        pattern,
        origin,
        rules=_rules(policy, orp, cached, names, origin),
        cache_policy=policy,
        origin_request_policy=orp,
        response_headers_policy=rhp,
        viewer_protocol_policy=draft.viewer_protocol_policy,
        allowed_methods=allowed,
        compress=draft.compress,
        trusted_key_groups=groups,
        failover=group.failover if group else None,
        functions=functions,
        realtime_log=_named(
            (*path, "realtime_log"),
            "real-time log",
            draft.realtime_log,
            names.realtime_logs,
            findings,
        ),
    )


def _rules(
    policy: CachePolicy | None,
    orp: OriginRequestPolicy | None,
    cached_methods: frozenset[str],
    names: Names,
    origin: Origin,
) -> Rules:
    if policy is None:
        return RFC9111()
    return CloudFrontCaching(
        policy,
        cached_methods,
        cookies_forwarded=forwards_cookies(policy, orp),
        error_caching_min_ttl_s=names.error_caching_min_ttl_s,
        error_caching=names.error_caching,
        from_s3=origin.is_s3,
        tag_header=names.tag_header,
    )


def _pattern(path: KeyPath, draft: DefaultBehaviorDraft, findings: Findings) -> str:
    if not isinstance(draft, BehaviorDraft):
        return "*"
    pattern = draft.path_pattern
    bad = sorted(set(_PATTERN_CHARACTER.sub("", pattern)))
    if not pattern:
        findings.refuse(path, "the path pattern is empty", 'write "/api/*", say')
    elif "?" in pattern and "=" in pattern:
        hint = "a pattern sees the path only, and ? stands for any one character"
        findings.refuse(path, f"{pattern!r} looks for a query", hint)
    elif bad:
        hint = "letters, digits and _ - . * ? $ / ~ \" ' @ : + & are allowed"
        what = f"{pattern!r} has {' '.join(map(repr, bad))}, which a path pattern may not have"
        findings.refuse(path, what, hint)
    elif len(pattern) > MAX_PATTERN_LENGTH:
        what = f"the path pattern has {len(pattern)} characters"
        findings.refuse(path, what, f"{MAX_PATTERN_LENGTH} are allowed")
    return pattern


def _key_and_sent(
    path: KeyPath, draft: DefaultBehaviorDraft, names: Names, findings: Findings
) -> tuple[CachePolicy | None, OriginRequestPolicy | None]:
    """What is in the cache key and how long it counts; what an origin is sent besides."""
    forwarded = forwarded_values(path, draft, findings)
    if draft.forwarded_values is not None and names.cache_policy is None:
        return forwarded or (None, None)
    orp = _named(
        (*path, "origin_request_policy"),
        "origin request policy",
        draft.origin_request_policy,
        names.origin_request_policies,
        findings,
    )
    return _cache_policy(path, draft, names, findings), forwarded[1] if forwarded else orp


def _cache_policy(
    path: KeyPath, draft: DefaultBehaviorDraft, names: Names, findings: Findings
) -> CachePolicy | None:
    if names.cache_policy is not None:  # looked up already, by whoever read the command line
        return names.cache_policies.get(names.cache_policy)
    if draft.cache_policy == RFC9111_NAME:
        return None
    if draft.cache_policy not in names.cache_policies:
        known = [*_offered(names.cache_policies, draft.cache_policy), RFC9111_NAME]
        findings.unknown((*path, "cache_policy"), "cache policy", draft.cache_policy, known)
    return names.cache_policies.get(draft.cache_policy)


def _origin(
    path: KeyPath, draft: DefaultBehaviorDraft, names: Names, findings: Findings
) -> Origin | None:
    if draft.origin not in {*names.origins, *names.group_names}:
        findings.unknown(path, "origin", draft.origin, [*names.origins, *names.origin_groups])
    return names.origins.get(draft.origin)


def _named(
    path: KeyPath, kind: str, name: str | None, known: Mapping[str, T], findings: Findings
) -> T | None:
    if name is None:
        return None
    if name not in known:
        findings.unknown(path, kind, name, _offered(known, name))
    return known.get(name)


def _offered(known: Mapping[str, T], name: str) -> list[str]:
    """The names of `known`; ids and the API's names only to those who tried one."""
    prefixed = name.startswith("Managed-")
    return [
        other
        for other in known
        if other.startswith("Managed-") == prefixed
        and (other.count("-") != 4 or name.count("-") == 4)
    ]


def _methods(
    path: KeyPath, listed: list[str], sets: tuple[frozenset[str], ...], findings: Findings
) -> frozenset[str]:
    methods = frozenset(listed)
    if methods in sets:
        return methods
    lowered = sorted(method for method in methods if method != method.upper())
    choices = " or ".join(_spelt(one) for one in sets)
    hint = "methods are upper case" if lowered else f"it is {choices}"
    shown = ", ".join(listed) or "nothing"
    findings.refuse(path, f"{shown} is no set of methods that CloudFront offers", hint)
    return frozenset()


def _spelt(methods: frozenset[str]) -> str:
    order = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE")
    return ",".join(method for method in order if method in methods)


def _functions(
    path: KeyPath, draft: DefaultBehaviorDraft, names: Names, findings: Findings
) -> dict[Trigger, Association]:
    drafts = {
        Trigger.VIEWER_REQUEST: draft.viewer_request,
        Trigger.ORIGIN_REQUEST: draft.origin_request,
        Trigger.ORIGIN_RESPONSE: draft.origin_response,
        Trigger.VIEWER_RESPONSE: draft.viewer_response,
    }
    return associated(path, drafts, names.functions, findings)

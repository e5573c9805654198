"""`[cache_policies]` and its siblings to policies, together with the managed ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from ..cloudfront.managed_policies import (
    CACHE_POLICIES,
    ORIGIN_REQUEST_POLICIES,
    RESPONSE_HEADERS_POLICIES,
)
from ..cloudfront.policies import (
    DAY_S,
    EVERYTHING,
    NOTHING,
    YEAR_S,
    CachePolicy,
    Choice,
    Cors,
    OriginRequestPolicy,
    PolicyHeader,
    ResponseHeadersPolicy,
    Selection,
    all_except,
    listed,
)
from ..cloudfront.response_headers import CORS_FIELDS
from ..cloudfront.restrictions import FIELD_NAME, is_disallowed
from ..cloudfront.viewer_headers import KNOWN
from ..errors import ConfigError
from .draft import (
    CachePolicyDraft,
    CorsDraft,
    Draft,
    Except,
    Names,
    OriginRequestPolicyDraft,
    ResponseHeadersPolicyDraft,
)
from .policy_headers import (
    MAX_CUSTOM_HEADERS,
    MAX_VALUE_CHARACTERS,
    NEVER_LISTED,
    NEVER_SET,
    ORIGIN_REQUEST_ONLY,
    SECURITY_FIELDS,
    UNKEYED,
)
from .positions import KeyPath
from .source import Findings

RFC9111_NAME = "RFC9111"
"""Ours: a shared cache exactly as the RFC has it, no CloudFront policy at all."""

_ALLOWED_ORIGIN = re.compile(
    r"([a-z][a-z0-9+.-]*://)?((\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:(\d{1,5}|\*))?",
    re.IGNORECASE,
)
"""CloudFront: "Understand response headers policies", Access-Control-Allow-Origin."""

SEVEN_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE")

D = TypeVar("D")
P = TypeVar("P")


def cache_policies(draft: Draft, findings: Findings) -> Mapping[str, CachePolicy]:
    """All that a behavior may name, managed ones under name and id."""
    own = _own("cache_policies", draft.cache_policies, CACHE_POLICIES, _cache_policy, findings)
    return {**CACHE_POLICIES, **own}


def origin_request_policies(draft: Draft, findings: Findings) -> Mapping[str, OriginRequestPolicy]:
    drafts, managed = draft.origin_request_policies, ORIGIN_REQUEST_POLICIES
    kind = "origin_request_policies"
    return {**managed, **_own(kind, drafts, managed, _origin_request_policy, findings)}


def response_headers_policies(
    draft: Draft, findings: Findings
) -> Mapping[str, ResponseHeadersPolicy]:
    drafts, managed = draft.response_headers_policies, RESPONSE_HEADERS_POLICIES
    kind = "response_headers_policies"
    return {**managed, **_own(kind, drafts, managed, _response_headers_policy, findings)}


def _own(
    kind: str,
    drafts: Mapping[str, D],
    managed: Mapping[str, P],
    resolved: Callable[[str, D, Findings], P],
    findings: Findings,
) -> dict[str, P]:
    for name in drafts:
        if name in managed or name == RFC9111_NAME:
            hint = "choose another name for your own"
            findings.refuse((kind, name), f"{name!r} is the name of a built-in policy", hint)
    return {name: resolved(name, one, findings) for name, one in drafts.items()}


def _cache_policy(name: str, draft: CachePolicyDraft, findings: Findings) -> CachePolicy:
    path: KeyPath = ("cache_policies", name)
    if isinstance(draft.headers, Except) or draft.headers == "all":
        hint = 'list their names; cache_policy = "CachingDisabled" sends everything on uncached'
        what = "a cache key has headers by name only"
        findings.refuse((*path, "headers"), what, hint)
    headers = header_selection((*path, "headers"), draft.headers, findings)
    check_keyed((*path, "headers"), headers, findings)
    default_s = max(draft.min_ttl_s, DAY_S) if draft.default_ttl_s is None else draft.default_ttl_s
    max_s = max(draft.min_ttl_s, YEAR_S) if draft.max_ttl_s is None else draft.max_ttl_s
    try:
        return CachePolicy(
            name=name,
            min_ttl_s=draft.min_ttl_s,
            default_ttl_s=default_s,
            max_ttl_s=max_s,
            headers=headers,
            cookies=selection(draft.cookies),
            query=selection(draft.query_strings),
            gzip=draft.gzip,
            brotli=draft.brotli,
        )
    except ConfigError as error:
        findings.refuse(path, error.what, error.hint)
        return CachePolicy(name=name)


def _origin_request_policy(
    name: str, draft: OriginRequestPolicyDraft, findings: Findings
) -> OriginRequestPolicy:
    path: KeyPath = ("origin_request_policies", name)
    headers = header_selection((*path, "headers"), draft.headers, findings)
    if headers.choice is Choice.LISTED:
        for header in sorted(headers.names & NEVER_LISTED):
            hint = "put it in the cache policy, or take all headers"
            what = f"{header} cannot be listed in an origin request policy"
            findings.refuse((*path, "headers"), what, hint)
    made = frozenset(header.lower() for header in draft.cloudfront_headers)
    for header in sorted(made):
        if not header.startswith("cloudfront-"):
            hint = "these are the fields that CloudFront makes up; others go into headers"
            what = f"{header} does not begin with cloudfront-"
            findings.refuse((*path, "cloudfront_headers"), what, hint)
    _check_made_up((*path, "cloudfront_headers"), made, findings)
    if headers.choice is Choice.LISTED:
        made |= {header for header in headers.names if header.startswith("cloudfront-")}
    return OriginRequestPolicy(
        name=name,
        headers=headers,
        cookies=selection(draft.cookies),
        query=selection(draft.query_strings),
        cloudfront_headers=made,
    )


def _response_headers_policy(
    name: str, draft: ResponseHeadersPolicyDraft, findings: Findings
) -> ResponseHeadersPolicy:
    path: KeyPath = ("response_headers_policies", name)
    for key, names in (("headers", list(draft.headers)), ("remove", draft.remove)):
        for header in names:
            lower = header.lower()
            if not FIELD_NAME.fullmatch(header):
                findings.refuse((*path, key), f"{header!r} is no header's name")
            elif is_disallowed(lower) or lower in NEVER_SET:
                done = "set" if key == "headers" else "removed"
                hint = "it belongs to the connection or to CloudFront itself"
                findings.refuse((*path, key), f"{header} cannot be {done} by a policy", hint)
            elif key == "headers" and lower in CORS_FIELDS:
                hint = f"use [response_headers_policies.{name}.cors]"
                findings.refuse((*path, key), f"{header} is a CORS header", hint)
    _check_headers(path, draft, findings)
    return ResponseHeadersPolicy(
        name=name,
        headers=tuple(PolicyHeader(n, one.value, one.override) for n, one in draft.headers.items()),
        remove=frozenset(header.lower() for header in draft.remove),
        cors=None if draft.cors is None else _cors((*path, "cors"), draft.cors, findings),
        server_timing_percent=draft.server_timing.sampling_rate if draft.server_timing else None,
    )


def _check_headers(path: KeyPath, draft: ResponseHeadersPolicyDraft, findings: Findings) -> None:
    """How many and how long they may be (CloudFront: "Quotas")."""
    own = [name for name in draft.headers if name.lower() not in SECURITY_FIELDS]
    if len(own) > MAX_CUSTOM_HEADERS:
        what = f"it has {len(own)} custom headers"
        findings.refuse((*path, "headers"), what, f"{MAX_CUSTOM_HEADERS} are allowed")
    for name, header in draft.headers.items():
        if len(header.value) > MAX_VALUE_CHARACTERS:
            what = f"{name} has {len(header.value):,} characters"
            hint = f"{MAX_VALUE_CHARACTERS:,} are allowed"
            findings.refuse((*path, "headers", name), what, hint)


def _cors(path: KeyPath, draft: CorsDraft, findings: Findings) -> Cors:
    for origin in draft.allow_origins:
        if origin != "*" and not _ALLOWED_ORIGIN.fullmatch(origin):
            hint = "a star is all of it, the leftmost label (https://*.example.org) or the port"
            findings.refuse((*path, "allow_origins"), f"{origin!r} is no such origin", hint)
    if draft.allow_credentials and "*" in draft.allow_origins:
        hint = "browsers refuse the pair; list the origins"
        what = "credentials cannot be allowed to every origin"
        findings.refuse((*path, "allow_credentials"), what, hint)
    return Cors(
        allow_origins=tuple(draft.allow_origins),
        allow_methods=SEVEN_METHODS if "ALL" in draft.allow_methods else tuple(draft.allow_methods),
        allow_headers=tuple(draft.allow_headers),
        expose_headers=tuple(draft.expose_headers),
        max_age_s=draft.max_age_s,
        allow_credentials=draft.allow_credentials,
        override=draft.override,
    )


def check_keyed(path: KeyPath, headers: Selection, findings: Findings) -> None:
    """Refuse those that cannot be in a cache key."""
    for header in sorted(headers.names):
        if header in ORIGIN_REQUEST_ONLY:
            hint = "name it in an origin request policy"
            findings.refuse(path, f"{header} cannot be in a cache key", hint)
        elif header in UNKEYED or header.startswith("x-edge-"):
            hint = "cookies have a setting of their own" if header == "cookie" else "leave it out"
            findings.refuse(path, f"{header} cannot be in a cache key", hint)


def selection(names: Names) -> Selection:
    """Cookies and query strings, whose names have their case."""
    if isinstance(names, Except):
        return all_except(*names.names)
    if isinstance(names, str):
        return EVERYTHING if names == "all" else NOTHING
    return listed(*names)


def header_selection(path: KeyPath, names: Names, findings: Findings) -> Selection:
    """Headers, whose names have no case."""
    chosen = selection(names)
    for header in sorted(chosen.names):
        if not FIELD_NAME.fullmatch(header):
            findings.refuse(path, f"{header!r} is no header's name", "a name is one token")
    lower = frozenset(header.lower() for header in chosen.names)
    if chosen.choice is Choice.LISTED:
        _check_made_up(path, lower, findings)
    return Selection(chosen.choice, lower)


def _check_made_up(path: KeyPath, names: frozenset[str], findings: Findings) -> None:
    """Of what begins with cloudfront-, CloudFront has these and no others."""
    for header in sorted(names - KNOWN):
        if header.startswith("cloudfront-"):
            findings.unknown(path, "header of CloudFront's", header, KNOWN)

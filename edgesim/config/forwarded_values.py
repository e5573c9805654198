"""A behavior's `forwarded_values`, with its TTLs, to the two policies that do the same."""

from __future__ import annotations

from ..cloudfront.forwarded_values import Lifetimes, as_policies
from ..cloudfront.policies import (
    DAY_S,
    EVERYTHING,
    NOTHING,
    YEAR_S,
    CachePolicy,
    Choice,
    OriginRequestPolicy,
    Selection,
)
from ..errors import ConfigError
from .draft import DefaultBehaviorDraft, ForwardedCookiesDraft, ForwardedValuesDraft
from .policies import check_keyed, header_selection
from .positions import KeyPath
from .source import Findings

TTLS = ("min_ttl_s", "default_ttl_s", "max_ttl_s")
POLICIES = ("cache_policy", "origin_request_policy")


def forwarded_values(
    path: KeyPath, draft: DefaultBehaviorDraft, findings: Findings
) -> tuple[CachePolicy, OriginRequestPolicy] | None:
    """The policies, or None for a behavior that names its own; mistakes go to `findings`."""
    forwarded, given = draft.forwarded_values, draft.model_fields_set
    if forwarded is None:
        for key in TTLS:
            if key in given:
                hint = "with a cache policy, the policy says how long"
                findings.refuse((*path, key), "it goes with forwarded_values", hint)
        return None
    for key in POLICIES:
        if key in given:
            hint = f"take out one of the two; forwarded_values says what {key} would"
            findings.refuse((*path, key), "it does not go with forwarded_values", hint)
    where = (*path, "forwarded_values")
    _check(where, forwarded, findings)
    if "*" in forwarded.headers and draft.min_ttl_s:
        hint = "nothing is cached where all headers are forwarded: leave it out"
        findings.refuse((*path, "min_ttl_s"), f"{draft.min_ttl_s:,} s is out of place", hint)
        return None
    try:
        return as_policies(
            query_string=forwarded.query_string,
            query_string_cache_keys=forwarded.query_string_cache_keys,
            cookies=_cookies((*where, "cookies"), forwarded.cookies, findings),
            headers=forwarded.headers,
            lifetimes=_lifetimes(path, draft, findings),
        )
    except ConfigError as error:
        findings.refuse(path, error.what, error.hint)
        return None


def _check(path: KeyPath, draft: ForwardedValuesDraft, findings: Findings) -> None:
    if draft.query_string_cache_keys and not draft.query_string:
        hint = "query_string = true sends them all, and these are in the cache key"
        what = "query strings are not forwarded"
        findings.refuse((*path, "query_string_cache_keys"), what, hint)
    where = (*path, "headers")
    if "*" not in draft.headers:
        check_keyed(where, header_selection(where, draft.headers, findings), findings)
    elif len(draft.headers) > 1:
        findings.refuse(where, "the star stands for all headers", "leave out the others")


def _cookies(path: KeyPath, draft: ForwardedCookiesDraft, findings: Findings) -> Selection:
    """Names may have wildcards, as nowhere else."""
    listed = draft.forward == "whitelist"
    if listed and not draft.names:
        findings.refuse(path, "a whitelist of cookies has no names", 'names = ["session", "ab_*"]')
    elif draft.names and not listed:
        hint = 'write forward = "whitelist"'
        findings.refuse((*path, "names"), f"with {draft.forward!r} nobody asks for names", hint)
    if listed:
        return Selection(Choice.MATCHING, frozenset(draft.names))
    return EVERYTHING if draft.forward == "all" else NOTHING


def _lifetimes(path: KeyPath, draft: DefaultBehaviorDraft, findings: Findings) -> Lifetimes:
    """One that is left out has CloudFront's default, lifted to the one below it if need be."""
    min_s = draft.min_ttl_s or 0
    default_s = max(min_s, DAY_S) if draft.default_ttl_s is None else draft.default_ttl_s
    max_s = max(default_s, YEAR_S) if draft.max_ttl_s is None else draft.max_ttl_s
    if max_s < default_s:
        what = f"TTLs are out of order: default {default_s:,} s, max {max_s:,} s"
        hint = "CloudFront refuses it unless min <= default <= max"
        findings.refuse((*path, "max_ttl_s"), what, hint)
        max_s = default_s
    return Lifetimes(min_ttl_s=min_s, default_ttl_s=default_s, max_ttl_s=max_s)

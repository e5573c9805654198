"""`[origin_groups.NAME]`: a primary origin, and one that stands by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..cloudfront.origin import FAILOVER_CODES, Failover, Origin
from .draft import Draft, OriginGroupDraft
from .positions import KeyPath
from .source import Findings


@dataclass(frozen=True, slots=True)
class OriginGroup:
    primary: Origin
    failover: Failover


def origin_groups(
    draft: Draft, origins: Mapping[str, Origin], findings: Findings
) -> dict[str, OriginGroup]:
    """Those that are whole; what is wrong with the others goes to `findings`."""
    found = {}
    for name, one in draft.origin_groups.items():
        path: KeyPath = ("origin_groups", name)
        if name in origins:
            hint = "a behavior's origin is one or the other"
            findings.refuse(path, f"{name!r} is the name of an origin already", hint)
        _check_codes((*path, "failover_status_codes"), one, findings)
        members = _members((*path, "members"), one, origins, findings)
        if len(members) == 2:
            failover = Failover(members[1], frozenset(one.failover_status_codes))
            found[name] = OriginGroup(members[0], failover)
    return found


def _members(
    path: KeyPath, draft: OriginGroupDraft, origins: Mapping[str, Origin], findings: Findings
) -> list[Origin]:
    if len(draft.members) != 2 or len(set(draft.members)) != 2:
        hint = 'the primary and the one that stands by: members = ["a", "b"]'
        findings.refuse(path, "a group has exactly two members", hint)
        return []
    for name in draft.members:
        if name not in origins:
            findings.unknown(path, "origin", name, origins)
    return [origins[name] for name in draft.members if name in origins]


def _check_codes(path: KeyPath, draft: OriginGroupDraft, findings: Findings) -> None:
    hint = f"some of {', '.join(map(str, sorted(FAILOVER_CODES)))}"
    unknown = sorted(set(draft.failover_status_codes) - FAILOVER_CODES)
    if unknown:
        what = f"{', '.join(map(str, unknown))} is no reason to fail over"
        findings.refuse(path, what, hint)
    elif not draft.failover_status_codes:
        findings.refuse(path, "nothing would ever fail over", hint)

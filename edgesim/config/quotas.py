"""How many and how long: what AWS counts when a distribution is deployed (CloudFront: "Quotas")."""

from __future__ import annotations

from collections.abc import Iterable, Sized

from .draft import DefaultBehaviorDraft, Draft, Except, Names
from .positions import KeyPath
from .source import Findings

BEHAVIORS, ORIGINS, ORIGIN_GROUPS, ALIASES = 75, 100, 10, 100
POLICY_NAMES, POLICY_NAME_CHARACTERS = 10, 1024
POLICY_HEADERS = 10
CUSTOM_HEADERS, HEADER_NAME, HEADER_VALUE, ALL_HEADERS = 30, 256, 1783, 10_240
KEYS_IN_GROUP, TRUSTED_GROUPS = 5, 4
ROOT_OBJECT = 255

_ASK = "AWS raises some quotas on request; as it stands it refuses this"


def check_quotas(draft: Draft, findings: Findings) -> None:
    """What is too many or too long goes to `findings`."""
    _count(findings, ("behaviors",), "behaviors", draft.behaviors, BEHAVIORS)
    _count(findings, ("origins",), "origins", draft.origins, ORIGINS)
    _count(findings, ("origin_groups",), "origin groups", draft.origin_groups, ORIGIN_GROUPS)
    aliases = ("distribution", "aliases")
    _count(findings, aliases, "aliases", draft.distribution.aliases, ALIASES)
    root = draft.distribution.default_root_object
    _length(findings, ("distribution", "default_root_object"), "it", root, ROOT_OBJECT)
    _check_behaviors(draft, findings)
    _check_policies(draft, findings)
    _check_origins(draft, findings)
    for name, group in draft.key_groups.items():
        _count(findings, ("key_groups", name, "keys"), "keys", group.keys, KEYS_IN_GROUP)


def _check_behaviors(draft: Draft, findings: Findings) -> None:
    every: list[tuple[KeyPath, DefaultBehaviorDraft]] = [
        (("default_behavior",), draft.default_behavior)
    ]
    every += [(("behaviors", index), one) for index, one in enumerate(draft.behaviors)]
    for path, one in every:
        groups = one.trusted_key_groups
        where = (*path, "trusted_key_groups")
        _count(findings, where, "trusted key groups", groups, TRUSTED_GROUPS)


def _check_policies(draft: Draft, findings: Findings) -> None:
    tables = (
        ("cache_policies", draft.cache_policies),
        ("origin_request_policies", draft.origin_request_policies),
    )
    for table, policies in tables:
        for name, policy in policies.items():
            for key in ("headers", "cookies", "query_strings"):
                names = _named(getattr(policy, key))
                path = (table, name, key)
                _count(findings, path, key.replace("_", " "), names, POLICY_NAMES)
                _length(findings, path, "the list of names", "".join(names), POLICY_NAME_CHARACTERS)
    for name, response in draft.response_headers_policies.items():
        path = ("response_headers_policies", name, "remove")
        _count(findings, path, "headers to remove", response.remove, POLICY_HEADERS)


def _named(names: Names) -> list[str]:
    if isinstance(names, Except):
        return names.names
    return [] if isinstance(names, str) else names


def _check_origins(draft: Draft, findings: Findings) -> None:
    for name, origin in draft.origins.items():
        path = ("origins", name, "custom_headers")
        headers = origin.custom_headers
        _count(findings, path, "custom headers", headers, CUSTOM_HEADERS)
        for header, value in headers.items():
            _length(findings, (*path, header), "its name", header, HEADER_NAME)
            _length(findings, (*path, header), "its value", value, HEADER_VALUE)
        together = "".join(_flat(headers.items()))
        _length(findings, path, "all of it together", together, ALL_HEADERS)


def _flat(pairs: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (text for pair in pairs for text in pair)


def _count(findings: Findings, path: KeyPath, what: str, found: Sized, most: int) -> None:
    if len(found) > most:
        findings.refuse(path, f"there are {len(found):,} {what}, and {most:,} are allowed", _ASK)


def _length(findings: Findings, path: KeyPath, what: str, text: str, most: int) -> None:
    if len(text) > most:
        said = f"{what} has {len(text):,} characters, and {most:,} are allowed"
        findings.refuse(path, said, _ASK)

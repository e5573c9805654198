"""Which functions may stand at which triggers of a behavior.

What AWS would refuse is in `cloudfront/association_rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..cloudfront import association_rules as rules
from ..cloudfront.distribution import Behavior
from ..cloudfront.function import Association, Function, Trigger
from .draft import AssociationDraft
from .functions import INLINE
from .positions import KeyPath
from .source import Findings

VIEWER_MEMORY_MB = 128
"""What a Lambda@Edge function at a viewer trigger may have."""
TIMEOUT_S, CLASSIC_VIEWER_TIMEOUT_S = 30, 5
"""The limit at the edge, and at viewer triggers until 2026, on which much tooling insists."""
ASSOCIATIONS = 100
"""Of Lambda@Edge, in one distribution."""


def associated(
    path: KeyPath,
    drafts: Mapping[Trigger, AssociationDraft | None],
    functions: Mapping[str, Function],
    findings: Findings,
) -> dict[Trigger, Association]:
    """The functions of one behavior; what CloudFront would refuse goes to `findings`."""
    found: dict[Trigger, Association] = {}
    for trigger, draft in drafts.items():
        if draft is None:
            continue
        where = (*path, trigger.value.replace("-", "_"))
        function = functions.get(draft.function)
        if function is None:
            findings.unknown(where, "function", draft.function, functions)
            continue
        found[trigger] = Association(function, draft.include_body)
        if function.is_cloudfront_function:
            _check_cloudfront_function(where, trigger, found[trigger], findings)
        else:
            _check_lambda(where, trigger, found[trigger], findings)
    _check_mix(path, found, findings)
    return found


def check_count(behaviors: Iterable[Behavior], findings: Findings) -> None:
    """Whether a distribution has more associations of Lambda@Edge than it may have."""
    count = sum(
        not association.function.is_cloudfront_function
        for behavior in behaviors
        for association in behavior.functions.values()
    )
    if count > ASSOCIATIONS:
        what = f"there are {count} associations with functions of Lambda@Edge"
        findings.weigh((), rules.ASSOCIATIONS, what)


def _check_cloudfront_function(
    where: KeyPath, trigger: Trigger, association: Association, findings: Findings
) -> None:
    name = association.function.name
    if trigger.faces_origin:
        what = f"{name} is a CloudFront Function, and this is an origin trigger"
        findings.weigh(where, rules.FUNCTION_AT_ORIGIN, what)
    if association.include_body:
        what = f"{name} is a CloudFront Function, which never sees a body"
        findings.weigh(where, rules.FUNCTION_BODY, what)


def _check_lambda(
    where: KeyPath, trigger: Trigger, association: Association, findings: Findings
) -> None:
    function = association.function
    if association.include_body and not trigger.may_answer:
        findings.weigh(where, rules.INCLUDE_BODY, "a response trigger sees no body")
    if function.runtime == INLINE:
        return
    may_take = f"{function.name} may take {function.timeout_s:g} s"
    if function.timeout_s > TIMEOUT_S:
        findings.weigh(where, rules.TIMEOUT, may_take)
    if trigger.faces_origin:
        return
    if function.memory_mb > VIEWER_MEMORY_MB:
        what = f"{function.name} has {function.memory_mb:,} MB, and this is a viewer trigger"
        findings.weigh(where, rules.VIEWER_MEMORY, what)
    if CLASSIC_VIEWER_TIMEOUT_S < function.timeout_s <= TIMEOUT_S:
        what = f"{may_take}; until 2026 a viewer trigger allowed {CLASSIC_VIEWER_TIMEOUT_S} s, "
        findings.weigh(where, rules.CLASSIC_TIMEOUT, f"{what}and some tools still do")


def _check_mix(path: KeyPath, found: Mapping[Trigger, Association], findings: Findings) -> None:
    request = found.get(Trigger.VIEWER_REQUEST)
    response = found.get(Trigger.VIEWER_RESPONSE)
    if request is None or response is None:
        return
    if request.function.is_cloudfront_function != response.function.is_cloudfront_function:
        what = "one viewer trigger has a CloudFront Function, the other one of Lambda@Edge"
        findings.weigh((*path, "viewer_response"), rules.MIXED_KINDS, what)

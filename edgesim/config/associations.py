"""Which functions may stand at which triggers of a behavior.

CloudFront: "Restrictions on all edge functions", "Quotas" (Lambda@Edge).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..cloudfront.distribution import Association, Function, Trigger
from .deployment import NoteKind
from .draft import AssociationDraft
from .functions import INLINE
from .positions import KeyPath
from .source import Findings

VIEWER_MEMORY_MB = 128
"""What a Lambda@Edge function at a viewer trigger may have."""
CLASSIC_VIEWER_TIMEOUT_S = 5
"""The limit at viewer triggers until 2026, on which much tooling still insists."""


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


def _check_cloudfront_function(
    where: KeyPath, trigger: Trigger, association: Association, findings: Findings
) -> None:
    name = association.function.name
    if trigger.faces_origin:
        what = f"{name} is a CloudFront Function, and this is an origin trigger"
        hint = "use viewer_request or viewer_response, or a runtime of Lambda@Edge"
        findings.refuse(where, what, hint)
    if association.include_body:
        what = f"{name} is a CloudFront Function, which never sees a body"
        findings.refuse(where, what, "leave out include_body, or use a runtime of Lambda@Edge")


def _check_lambda(
    where: KeyPath, trigger: Trigger, association: Association, findings: Findings
) -> None:
    function = association.function
    if association.include_body and not trigger.may_answer:
        hint = "include_body is for viewer_request and origin_request"
        findings.refuse(where, "a response trigger sees no body", hint)
    if trigger.faces_origin or function.runtime == INLINE:
        return
    if function.memory_mb > VIEWER_MEMORY_MB:
        what = f"{function.name} has {function.memory_mb:,} MB, and this is a viewer trigger"
        hint = f"at most {VIEWER_MEMORY_MB} MB there; or use an origin trigger"
        findings.refuse(where, what, hint)
    if function.timeout_s > CLASSIC_VIEWER_TIMEOUT_S:
        text = f"{function.name} may take {function.timeout_s:g} s; until 2026 a viewer trigger "
        text += f"allowed {CLASSIC_VIEWER_TIMEOUT_S} s, and some tools still do"
        findings.note(NoteKind.WARNING, where, text)


def _check_mix(path: KeyPath, found: Mapping[Trigger, Association], findings: Findings) -> None:
    request = found.get(Trigger.VIEWER_REQUEST)
    response = found.get(Trigger.VIEWER_RESPONSE)
    if request is None or response is None:
        return
    if request.function.is_cloudfront_function != response.function.is_cloudfront_function:
        what = "one viewer trigger has a CloudFront Function, the other one of Lambda@Edge"
        hint = "a behavior's two viewer triggers take the same kind"
        findings.refuse((*path, "viewer_response"), what, hint)

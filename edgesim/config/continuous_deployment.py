"""`[continuous_deployment]`: which requests go to a staging distribution."""

from __future__ import annotations

from ..cloudfront.continuous_deployment import HEADER_PREFIX, ContinuousDeployment, Stickiness
from ..cloudfront.restrictions import FIELD_NAME
from .deployment import NoteKind
from .draft import ContinuousDeploymentDraft, Draft
from .positions import KeyPath
from .source import Findings, kind_of

PATH: KeyPath = ("continuous_deployment",)


def continuous_deployment(draft: Draft, findings: Findings) -> ContinuousDeployment | None:
    """None where there is none, or where it is not enabled."""
    said = draft.continuous_deployment
    if said is None:
        return None
    file = findings.source.path(said.staging)
    if kind_of(file) != "file":
        hint = "the file of the staging distribution, relative to this one"
        findings.refuse((*PATH, "staging"), f"there is no file {said.staging!r}", hint)
    if (said.header is None) is (said.weight is None):
        what = "it has header and weight" if said.header else "nothing says which requests"
        hint = 'header = { name = "aws-cf-cd-staging", value = "true" }, or weight = 0.05'
        findings.refuse(PATH, what, hint)
    _check_header(said, findings)
    _check_stickiness(said, findings)
    for name, origin in draft.origins.items():
        if origin.response_completion_timeout_s is not None:
            where = ("origins", name, "response_completion_timeout_s")
            hint = "leave it out while there is a [continuous_deployment]"
            findings.refuse(where, "it does not go with continuous deployment", hint)
    if not said.enabled:
        text = "it is not enabled: every request is for this distribution"
        findings.note(NoteKind.UNDERSTOOD, PATH, text)
        return None
    header = (said.header.name, said.header.value) if said.header else None
    sticky = said.session_stickiness
    return ContinuousDeployment(
        str(file),
        header,
        said.weight or 0.0,
        Stickiness(sticky.idle_ttl_s, sticky.maximum_ttl_s) if sticky else None,
    )


def _check_header(said: ContinuousDeploymentDraft, findings: Findings) -> None:
    if said.header is None:
        return
    name = said.header.name
    if not name.lower().startswith(HEADER_PREFIX) or not FIELD_NAME.fullmatch(name):
        hint = f"it begins with {HEADER_PREFIX}"
        findings.refuse((*PATH, "header"), f"{name!r} cannot be that header", hint)


def _check_stickiness(said: ContinuousDeploymentDraft, findings: Findings) -> None:
    sticky = said.session_stickiness
    if sticky is None:
        return
    if said.header is not None:
        hint = "a header decides for every request anew"
        findings.refuse((*PATH, "session_stickiness"), "it goes with weight only", hint)
    if sticky.idle_ttl_s > sticky.maximum_ttl_s:
        hint = "idle_ttl_s is at most maximum_ttl_s"
        findings.refuse((*PATH, "session_stickiness"), "a session would never be idle", hint)

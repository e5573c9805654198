"""`[[custom_error_responses]]`: pages in place of errors, and how long an error is kept."""

from __future__ import annotations

from ..cloudfront.custom_errors import ERROR_CODES, CustomErrorResponse
from .draft import CustomErrorResponseDraft, Draft
from .positions import KeyPath
from .source import Findings

RESPONSE_CODES = ERROR_CODES | {200}


def custom_errors(draft: Draft, findings: Findings) -> dict[int, CustomErrorResponse]:
    """The pages by the status they stand in for; what is wrong with them goes to `findings`."""
    found: dict[int, CustomErrorResponse] = {}
    seen: dict[int, int] = {}
    for index, one in enumerate(draft.custom_error_responses):
        path: KeyPath = ("custom_error_responses", index)
        code = one.error_code
        if code not in ERROR_CODES:
            what = f"there is no custom page for {code}"
            findings.refuse((*path, "error_code"), what, _listed(ERROR_CODES))
        if code in seen:
            what = f"{code} is that of custom_error_responses[{seen[code]}] already"
            findings.refuse((*path, "error_code"), what, "one entry for each status")
        seen.setdefault(code, index)
        if (page := _page(path, one, findings)) is not None:
            found[code] = page
    return found


def error_caching(draft: Draft) -> dict[int, int]:
    """ErrorCachingMinTTL in seconds, by status, where an entry says it."""
    return {
        one.error_code: one.error_caching_min_ttl_s
        for one in draft.custom_error_responses
        if one.error_caching_min_ttl_s is not None
    }


def _page(
    path: KeyPath, draft: CustomErrorResponseDraft, findings: Findings
) -> CustomErrorResponse | None:
    code, page = draft.response_code, draft.response_page_path
    if code is None and page is None:
        return None
    if code is None or page is None:
        given, missing = (
            ("response_page_path", "response_code")
            if code is None
            else ("response_code", "response_page_path")
        )
        hint = "CloudFront takes both or neither"
        findings.refuse((*path, given), f"it goes with {missing}", hint)
        return None
    if code not in RESPONSE_CODES:
        what = f"a page cannot come with {code}"
        findings.refuse((*path, "response_code"), what, _listed(RESPONSE_CODES))
    if not page.startswith("/"):
        what = f"{page!r} does not begin with a slash"
        findings.refuse((*path, "response_page_path"), what, f"did you mean {'/' + page!r}?")
    return CustomErrorResponse(draft.error_code, code, page)


def _listed(codes: frozenset[int]) -> str:
    return f"it is one of {', '.join(map(str, sorted(codes)))}"

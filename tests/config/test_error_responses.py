from __future__ import annotations

from collections.abc import Callable

import pytest

from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.custom_errors import CustomErrorResponse
from edgesim.config.deployment import Deployment

from .conftest import GOOD

ENTRY = GOOD + "[[custom_error_responses]]\n"


def test_pages_and_times(resolved: Callable[[str], Deployment]) -> None:
    text = ENTRY + 'error_code = 404\nresponse_code = 200\nresponse_page_path = "/index.html"\n'
    text += "[[custom_error_responses]]\nerror_code = 503\nerror_caching_min_ttl_s = 0\n"
    distribution = resolved(text).distribution
    assert distribution.custom_errors == {404: CustomErrorResponse(404, 200, "/index.html")}
    rules = distribution.behaviors[-1].rules
    assert isinstance(rules, CloudFrontCaching)
    assert rules.error_caching == {503: 0}


MISTAKES = [
    ("error_code = 401", "error_code: there is no custom page for 401\n  hint: it is one of 400, "),
    ("error_code = 404\nresponse_code = 200", "response_code: it goes with response_page_path"),
    ('error_code = 404\nresponse_page_path = "/x"', "it goes with response_code\n  hint: "),
    (
        'error_code = 404\nresponse_code = 302\nresponse_page_path = "/x"',
        "response_code: a page cannot come with 302",
    ),
    (
        'error_code = 404\nresponse_code = 200\nresponse_page_path = "x.html"',
        "hint: did you mean '/x.html'?",
    ),
    (
        "error_code = 404\n[[custom_error_responses]]\nerror_code = 404",
        "custom_error_responses[1].error_code: 404 is that of custom_error_responses[0] already",
    ),
    ("error_code = 404\nerror_caching_min_ttl_s = -1", "error_caching_min_ttl_s is 0 or more"),
    ("response_code = 200", "the key 'error_code' is missing"),
]


@pytest.mark.parametrize(("entry", "said"), MISTAKES)
def test_mistakes(refused: Callable[[str], str], entry: str, said: str) -> None:
    assert said in refused(ENTRY + entry)

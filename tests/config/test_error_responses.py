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


BUCKETS = [
    ('s3 = { folder = "dist" }', 1),
    ('s3 = { folder = "dist", website = true }', 0),
    ('url = "https://files.s3.us-east-1.amazonaws.com"', 1),
    ('folder = "dist"', 0),
    ('url = "http://127.0.0.1:9"', 0),
]


@pytest.mark.parametrize(("place", "seconds"), BUCKETS)
def test_whose_errors_are_those_of_s3(
    place: str, seconds: int, resolved: Callable[[str], Deployment]
) -> None:
    text = GOOD.replace('url = "http://127.0.0.1:3000"', place)
    text += "[distribution]\nerror_caching_min_ttl_s = 0"
    rules = resolved(text).distribution.behaviors[0].rules
    assert rules.spares_s(404) == seconds

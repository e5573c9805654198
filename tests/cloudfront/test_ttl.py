"""Row by row: CloudFront: "Manage how long content stays in the cache (expiration)".

Errors: "How CloudFront processes HTTP 4xx and 5xx status codes from your origin".
"""

from __future__ import annotations

import pytest

from edgesim.cloudfront.policies import CachePolicy
from edgesim.cloudfront.ttl import edge_ttl, error_ttl
from edgesim.http.dates import format_date
from edgesim.http.headers import Headers
from edgesim.http.message import Response

NOW = 1_000_000_000.0
NO_MINIMUM = CachePolicy(min_ttl_s=0, default_ttl_s=60, max_ttl_s=3600)
MINIMUM = CachePolicy(min_ttl_s=5, default_ttl_s=60, max_ttl_s=3600)
OFF = CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=0)
SILENT_OFF = CachePolicy(min_ttl_s=0, default_ttl_s=0, max_ttl_s=3600)
LONG_DEFAULT = CachePolicy(min_ttl_s=0, default_ttl_s=7200, max_ttl_s=3600)


def at(seconds: float) -> str:
    return format_date(NOW + seconds)


SUCCESSES = [
    # Cache-Control, Expires           minimum 0     minimum 5     why
    (None, None, 60, 60, "the origin is silent: the default"),
    ("max-age=100", None, 100, 100, "max-age"),
    ("max-age=1", None, 1, 5, "no less than the minimum"),
    ("max-age=99999", None, 3600, 3600, "no more than the maximum"),
    ("max-age=100, s-maxage=7", None, 7, 7, "s-maxage comes first"),
    ("s-maxage=1", None, 1, 5, "clamped as well"),
    ("s-maxage=99999", None, 3600, 3600, "clamped as well"),
    ("max-age=100", 7, 100, 100, "with max-age Expires is ignored"),
    (None, 100, 100, 100, "Expires, from now"),
    (None, 1, 1, 5, "clamped"),
    (None, 99999, 3600, 3600, "clamped"),
    (None, -100, 0, 5, "past is 0"),
    (None, "soon", 0, 5, "so is what is no date"),
    ("max-age=soon", None, 0, 5, "so is what is no number"),
    ("max-age=-5", None, 0, 5, "so is a negative one"),
    ("max-age=7, max-age=9", None, 7, 7, "the first of two"),
    ("no-store", None, "no-store", 5, "respected, unless there is a minimum"),
    ("private", None, "private", 5, "respected, unless there is a minimum"),
    ("no-cache", None, 0, 5, "respected, unless there is a minimum"),
    ("no-cache, max-age=100", None, 0, 5, "whatever else is said"),
    ("NO-STORE", None, "no-store", 5, "names have no case"),
    ('no-cache="set-cookie", max-age=9', None, 9, 9, "a qualified one is no bare one"),
    ('private="x", max-age=9', None, 9, 9, "a qualified one is no bare one"),
    ("public", None, 60, 60, "no word about time"),
    ("must-revalidate", None, 60, 60, "no word about time"),
]


@pytest.mark.parametrize(("told", "expires", "no_minimum", "minimum", "why"), SUCCESSES)
def test_edge_ttl(
    told: str | None, expires: float | str | None, no_minimum: object, minimum: object, why: str
) -> None:
    lines = [] if told is None else [("Cache-Control", told)]
    if expires is not None:
        lines.append(("Expires", expires if isinstance(expires, str) else at(expires)))
    response = Response(200, Headers(lines))
    assert edge_ttl(NO_MINIMUM, response, NOW) == no_minimum, why
    assert edge_ttl(MINIMUM, response, NOW) == minimum, why


OTHERS = [
    # policy, status, fields                        ttl     why
    (OFF, 200, {"Cache-Control": "max-age=9"}, "caching-disabled", "all three at 0"),
    (SILENT_OFF, 200, {}, 0, "only where the origin speaks"),
    (SILENT_OFF, 200, {"Cache-Control": "max-age=9"}, 9, "only where the origin speaks"),
    (LONG_DEFAULT, 200, {}, 7200, "the maximum does not limit the default"),
    (NO_MINIMUM, 301, {}, 60, "redirects like successes"),
    (NO_MINIMUM, 302, {}, 60, "redirects like successes"),
    (NO_MINIMUM, 307, {}, "status", "307 only with Cache-Control"),
    (NO_MINIMUM, 308, {"Expires": at(9)}, "status", "308 only with Cache-Control"),
    (NO_MINIMUM, 307, {"Cache-Control": "public"}, 60, "any Cache-Control will do"),
    (NO_MINIMUM, 308, {"Cache-Control": "max-age=9"}, 9, "any Cache-Control will do"),
    (NO_MINIMUM, 200, {"Expires": at(9), "Date": at(-900)}, 9, "by the edge's clock, not Date's"),
    (NO_MINIMUM, 200, {"Expires": at(9), "Age": "6"}, 15, "counted from age 0, as it is compared"),
]


@pytest.mark.parametrize(("policy", "status", "fields", "ttl", "why"), OTHERS)
def test_edge_ttl_of_other_statuses_and_policies(
    policy: CachePolicy, status: int, fields: dict[str, str], ttl: object, why: str
) -> None:
    assert edge_ttl(policy, Response(status, Headers(fields.items())), NOW) == ttl, why


ALWAYS = (404, 410, 414, 500, 501, 502, 503, 504)
IF_TOLD = (400, 403, 405, 412, 415)
NEVER = (401, 402, 406, 408, 409, 416, 418, 422, 429, 451, 505, 511)
HEEDING = (404, 410, 414, 501)

ERRORS = [
    # statuses     Cache-Control          ttl, with a minimum of 10 s   why
    (ALWAYS, None, 10, "the error caching minimum TTL"),
    (ALWAYS, "max-age=100", 100, "longer if told"),
    (ALWAYS, "s-maxage=100", 100, "longer if told"),
    (ALWAYS, "max-age=1", 10, "never shorter"),
    (ALWAYS, "max-age=99999", 3600, "at most the maximum TTL"),
    (ALWAYS, "public", 10, "other directives say nothing"),
    (HEEDING, "no-store", "no-store", "these heed it"),
    (HEEDING, "private", "private", "these heed it"),
    (HEEDING, "no-cache", "no-lifetime", "these heed it"),
    ((500, 502, 503, 504), "no-store", 10, "these do not"),
    ((500, 502, 503, 504), "no-cache, max-age=100", 10, "these do not"),
    (IF_TOLD, None, "status", "only if told"),
    (IF_TOLD, "public", "status", "told how long"),
    (IF_TOLD, "max-age=100", 100, "told how long"),
    (IF_TOLD, "s-maxage=1", 10, "told how long"),
    (IF_TOLD, "max-age=100, no-store", 10, "these do not heed no-store"),
    (NEVER, "max-age=100", "status", "never"),
    (NEVER, None, "status", "never"),
]


@pytest.mark.parametrize(("statuses", "told", "ttl", "why"), ERRORS)
def test_error_ttl(statuses: tuple[int, ...], told: str | None, ttl: object, why: str) -> None:
    headers = Headers([] if told is None else [("Cache-Control", told)])
    for status in statuses:
        assert error_ttl(NO_MINIMUM, Response(status, headers), 10, NOW) == ttl, (status, why)
        assert error_ttl(OFF, Response(status, headers), 10, NOW) == "caching-disabled"


def test_expires_counts_for_errors_that_are_always_kept() -> None:
    later = Headers([("Expires", at(100))])
    assert error_ttl(NO_MINIMUM, Response(404, later), 10, NOW) == 100
    assert error_ttl(NO_MINIMUM, Response(403, later), 10, NOW) == "status"


def test_a_minimum_of_0_keeps_only_what_is_told() -> None:
    assert error_ttl(NO_MINIMUM, Response(500), 0, NOW) == "no-lifetime"
    told = Headers([("Cache-Control", "max-age=9")])
    assert error_ttl(NO_MINIMUM, Response(500, told), 0, NOW) == 9

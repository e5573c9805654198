"""CloudFront: "Use CloudFront continuous deployment to safely test CDN configuration changes"."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.continuous_deployment import (
    STICKY_COOKIE,
    ContinuousDeployment,
    Stickiness,
    routed,
    without_session,
)
from edgesim.http.headers import Headers
from edgesim.http.message import Request

NOW = 1_000_000.0
BY_HEADER = ContinuousDeployment("s.toml", header=("aws-cf-cd-new", "yes"))
BY_WEIGHT = ContinuousDeployment("s.toml", weight=0.1)
STICKY = ContinuousDeployment("s.toml", weight=0.1, stickiness=Stickiness(300, 600))


def request(*lines: tuple[str, str]) -> Request:
    return Request("GET", "/", Headers(lines))


def session(value: str) -> Request:
    return request(("Cookie", f"a=1; {STICKY_COOKIE}={value}"))


PLAIN = request()
ROUTES = [
    # policy     request                                  chance  staging  why
    (BY_HEADER, request(("AWS-CF-CD-New", "yes")), 0.0, True, "the header with its value"),
    (BY_HEADER, request(("aws-cf-cd-new", "Yes")), 0.0, False, "values have case"),
    (BY_HEADER, PLAIN, 0.0, False, "without it, whatever chance says"),
    (BY_WEIGHT, PLAIN, 0.0999, True, "a tenth"),
    (BY_WEIGHT, PLAIN, 0.1, False, "and no more"),
    (ContinuousDeployment("s", weight=0.0), PLAIN, 0.0, False, "a weight of nothing"),
    (STICKY, PLAIN, 0.05, True, "a new session, by chance"),
    (STICKY, session("staging.999900.999900"), 0.9, True, "it stays"),
    (STICKY, session("primary.999900.999900"), 0.05, False, "on either side"),
    (STICKY, session("staging.999600.999699"), 0.9, False, "idle for too long: chance again"),
    (STICKY, session("staging.999600.999700"), 0.9, True, "idle just long enough"),
    (STICKY, session("staging.999399.999900"), 0.9, False, "too old altogether"),
    (STICKY, session("staging.999400.999900"), 0.9, True, "just old enough"),
    (STICKY, session("staging.999900.1000100"), 0.9, False, "from the future"),
    (STICKY, session("staging"), 0.9, False, "no session of ours"),
    (BY_WEIGHT, session("staging.999900.999900"), 0.9, False, "sessions were not asked for"),
]


@pytest.mark.parametrize(("policy", "asked", "chance", "staging", "why"), ROUTES)
def test_routed(
    policy: ContinuousDeployment, asked: Request, chance: float, staging: bool, why: str
) -> None:
    routing = routed(policy, asked, NOW, chance)
    assert routing.staging is staging, why
    assert bool(routing.cookie) is (policy is STICKY), "a cookie where sessions are sticky"


def test_a_session_keeps_its_beginning_and_says_when_it_was_seen() -> None:
    cookie = routed(STICKY, session("staging.999900.999950"), NOW, 0.9).cookie
    assert cookie == f"{STICKY_COOKIE}=staging.999900.1000000; Path=/; Max-Age=300"
    assert routed(STICKY, PLAIN, NOW, 0.9).cookie.startswith(
        f"{STICKY_COOKIE}=primary.1000000.1000000;"
    )


COOKIES = [
    (f"a=1; {STICKY_COOKIE}=x; b=2", "a=1; b=2", "it alone"),
    (f"{STICKY_COOKIE}=x", None, "and the field, if nothing is left"),
    ("a=1", "a=1", "others stay"),
]


@pytest.mark.parametrize(("cookie", "left", "why"), COOKIES)
def test_nobody_behind_us_sees_the_cookie(cookie: str, left: str | None, why: str) -> None:
    asked = request(("Host", "h"), ("Cookie", cookie))
    sent = without_session(asked)
    assert sent.headers.get("cookie") == left, why
    assert sent.headers.get("host") == "h"
    assert without_session(PLAIN) is PLAIN

"""CloudFront: "Add CloudFront request headers", device type headers."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.devices import device_kinds

MOZILLA = "Mozilla/5.0 "
SAFARI = " AppleWebKit/605.1.15 (KHTML, like Gecko)"

AGENTS = [
    (MOZILLA + "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0", "desktop", ""),
    (MOZILLA + f"(Macintosh; Intel Mac OS X 10_15_7){SAFARI} Version/17.5", "desktop", ""),
    (MOZILLA + "(X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "desktop", ""),
    ("curl/8.5.0", "desktop", "what is of no other kind"),
    ("", "desktop", "none at all"),
    (MOZILLA + "(Windows NT 6.1; Tablet PC 2.0)", "desktop", "a feature of Windows, no tablet"),
    (
        MOZILLA + f"(iPhone; CPU iPhone OS 17_5 like Mac OS X){SAFARI} Mobile/15E148 Safari/604.1",
        "ios mobile",
        "",
    ),
    (
        MOZILLA + f"(iPad; CPU OS 17_5 like Mac OS X){SAFARI} Mobile/15E148 Safari/604.1",
        "ios mobile tablet",
        "more than one kind at once",
    ),
    (
        MOZILLA + "(Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537",
        "android mobile",
        "",
    ),
    (
        MOZILLA + "(Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
        "android tablet",
        "Android without Mobile",
    ),
    (
        MOZILLA + "(Linux; Android 9; AFTKA) AppleWebKit/537.36 Silk/126.0 like Chrome/126.0",
        "android smarttv",
        "a stick behind a screen",
    ),
    (
        MOZILLA + "(SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 SamsungBrowser/4.0",
        "smarttv",
        "",
    ),
    (MOZILLA + "(Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/94.0", "smarttv", ""),
    (
        MOZILLA + "(Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) Mobile Edge/15.15254",
        "mobile",
        "it says Android, to be taken for one",
    ),
]


@pytest.mark.parametrize(("agent", "kinds", "why"), AGENTS)
def test_device_kinds(agent: str, kinds: str, why: str) -> None:
    assert " ".join(sorted(device_kinds(agent))) == kinds, why

from __future__ import annotations

from collections import Counter

import pytest

from edgesim.cloudfront.distribution import Trigger
from edgesim.http.headers import Headers
from edgesim.http.message import Response

from .examples import amended, asked, example, get

AB = example("ab_testing")


def test_a_visitor_without_a_cookie_gets_one_and_keeps_the_variant() -> None:
    first = asked(AB, Trigger.VIEWER_REQUEST, get("/"))
    variant = first.headers.all("cookie")[0].removeprefix("variant=")
    assert variant in AB.VARIANTS

    response = amended(AB, first, Response(200, Headers([("Content-Length", "5")]), b"hello"))
    assert response.headers.all("set-cookie")[0].startswith(f"variant={variant}; ")

    again = get("/", ("Cookie", f"variant={variant}"))
    second = asked(AB, Trigger.VIEWER_REQUEST, again, ip="198.51.100.1")
    assert second.headers == again.headers
    assert "set-cookie" not in amended(AB, second, Response(200)).headers


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["a=1; b=2"], ["a=1; b=2"]),
        (["variant=zebra"], []),
        (["a=1; variant=; b=2"], ["a=1; b=2"]),
        (["a=1", "variant=zebra"], ["a=1"]),
        (["subvariant=a"], ["subvariant=a"]),
    ],
)
def test_other_cookies_stay_and_unknown_variants_go(sent: list[str], kept: list[str]) -> None:
    request = get("/", *(("Cookie", line) for line in sent))
    lines = asked(AB, Trigger.VIEWER_REQUEST, request).headers.all("cookie")
    assert lines[:-1] == kept
    assert lines[-1] in ("variant=a", "variant=b")


def test_a_viewer_cannot_send_the_internal_header() -> None:
    request = get("/", ("X-Variant-Assigned", "b; Domain=evil"), ("Cookie", "variant=a"))
    assert "x-variant-assigned" not in asked(AB, Trigger.VIEWER_REQUEST, request).headers


def test_other_set_cookie_lines_stay() -> None:
    first = asked(AB, Trigger.VIEWER_REQUEST, get("/"))
    response = amended(AB, first, Response(200, Headers([("Set-Cookie", "a=1")])))
    assert response.headers.all("set-cookie")[0] == "a=1"
    assert len(response.headers.all("set-cookie")) == 2


def test_the_shares_are_kept_and_an_address_always_has_the_same() -> None:
    dealt = Counter(AB.variant_for(f"198.51.{i // 250}.{i % 250}") for i in range(4000))
    assert 1850 < dealt["a"] < 2150
    assert AB.variant_for("2001:db8::1") == AB.variant_for("2001:db8::1")
    assert sum(AB.VARIANTS.values()) == 100

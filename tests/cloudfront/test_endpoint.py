"""API Gateway: "API endpoint types for REST APIs"."""

from __future__ import annotations

import re

import pytest

from edgesim.cloudfront.distribution import Routing
from edgesim.cloudfront.endpoint import forbidden, identification, without_cloudfront
from edgesim.http.headers import Headers
from edgesim.http.message import Request

REQUEST_ID = "kX0yzzGo4nYfn2n1v7eNQkqvTzbKlaCw3VdMt9qaX1bY0c2f4e6a81==".rjust(56, "a")


def test_cloudfront_names_a_request_by_its_own_field() -> None:
    assert identification(Routing.EDGE_OPTIMIZED, REQUEST_ID) == (("X-Amz-Cf-Id", REQUEST_ID),)


@pytest.mark.parametrize("routing", [Routing.REGIONAL, Routing.PRIVATE])
def test_without_cloudfront_it_is_api_gateway_that_does(routing: Routing) -> None:
    fields = dict(identification(routing, REQUEST_ID))
    assert set(fields) == {"x-amzn-RequestId", "x-amz-apigw-id"}
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", fields["x-amzn-RequestId"])
    assert fields["x-amz-apigw-id"].endswith("=")


def test_an_origin_behind_a_regional_endpoint_hears_nothing_of_cloudfront() -> None:
    shaped = Request(
        "GET",
        "/",
        Headers(
            [
                ("Host", "o.test"),
                ("Via", "1.0 proxy, 1.1 d.cloudfront.net (CloudFront)"),
                ("X-Amz-Cf-Id", REQUEST_ID),
                ("CloudFront-Viewer-Country", "JP"),
                ("X-Forwarded-For", "192.0.2.1"),
            ]
        ),
    )
    sent = without_cloudfront(shaped, Request("GET", "/", Headers([("Via", "1.0 proxy")])))
    assert set(sent.headers) == {
        ("Host", "o.test"),
        ("Via", "1.0 proxy"),
        ("X-Forwarded-For", "192.0.2.1"),
    }
    assert "via" not in without_cloudfront(shaped, Request("GET", "/")).headers


def test_a_private_endpoint_forbids() -> None:
    refusal = forbidden()
    assert (refusal.status, refusal.body) == (403, b'{"message":"Forbidden"}')
    assert refusal.headers.get("x-amzn-errortype") == "ForbiddenException"

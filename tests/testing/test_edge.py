from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

import edgesim
from edgesim.cloudfront.function import Trigger
from edgesim.config.resolve import load
from edgesim.errors import ConfigError, FunctionError, OriginError, OriginTimeout
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Response
from edgesim.testing.edge import VirtualEdge

MINUTE = {"cache-control": "max-age=60"}

collapsing = pytest.mark.edgesim(config="tests/testing/shop/edgesim.toml")
"""Its cache policy forwards no cookies, so that requests are collapsed and conditional."""


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("/a b?c=ü#d", "https://www.example.test/a%20b?c=%C3%BC#d"),
        ("a", "https://www.example.test/a"),
        ("", "https://www.example.test"),
        ("a?b=/../c", "https://www.example.test/a?b=/../c"),
        ("/a//b", "https://www.example.test/a//b"),
        ("/a/../b/.", "https://www.example.test/b/"),
        ("//shop.test/a", "https://shop.test/a"),
        ("http://shop.test/a", "http://shop.test/a"),
    ],
)
def test_a_url_is_relative_to_the_host(edge: VirtualEdge, url: str, whole: str) -> None:
    """RFC 3986 §5.2, as a link on its front page would be followed."""
    assert edge.get(url).request.url == whole


def test_the_example_of_the_documentation(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", text="hello", headers={"cache-control": "max-age=60"})
    first = edge.get("/")
    assert first.edge.result_type == "Miss"
    edge.clock.advance(59)
    assert edge.get("/", cookies=first.cookies).edge.result_type == "Hit"
    assert edge.origin("app").calls == 1


def test_a_response_is_all_that_httpx_makes_of_one(edge: VirtualEdge) -> None:
    cookies = [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")]
    edge.origin("app").respond("/api", status=201, json={"ok": True}, headers=cookies)
    response = edge.get("/api?x=1", params={"y": "ü"})
    assert isinstance(response, httpx.Response)
    assert (response.status_code, response.reason_phrase) == (201, "Created")
    assert response.json() == {"ok": True}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["content-length"] == str(len(response.content))
    assert response.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]
    assert dict(response.cookies) == {"a": "1", "b": "2"}
    assert response.request.url == "https://www.example.test/api?y=%C3%BC"
    assert response.elapsed.total_seconds() == response.edge.seconds == 0.05
    assert response.http_version == "HTTP/1.1"
    assert response.raise_for_status() is response


def test_the_fields_of_cloudfront_are_there(edge: VirtualEdge) -> None:
    edge.origin("app").respond(text="hello")
    first, second = edge.get("/"), edge.get("/")
    assert first.headers["x-cache"] == "Miss from cloudfront"
    assert first.headers["x-amz-cf-pop"] == first.edge.pop
    assert first.headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert len(first.headers["x-amz-cf-id"]) == 56
    assert first.headers["x-amz-cf-id"] != second.headers["x-amz-cf-id"]


def test_octets_that_are_no_ascii_arrive(edge: VirtualEdge) -> None:
    edge.origin("app").respond(headers={"X-Name": "Grüße"})
    assert edge.get("/").headers["x-name"] == "Grüße"


def test_what_is_sent_arrives_at_the_origin(edge: VirtualEdge) -> None:
    edge.origin("app").respond(text="thanks")
    edge.post("/form?a=1", data={"name": "x"}, headers={"X-Own": "1"}, cookies={"id": "7"})
    (request,) = edge.origin("app").requests
    assert (request.method, request.target, request.body) == ("POST", "/form?a=1", b"name=x")
    assert request.headers.get("content-type") == "application/x-www-form-urlencoded"
    assert request.headers.get("host") == "www.example.test"
    assert (request.headers.get("x-own"), request.headers.get("cookie")) == ("1", "id=7")


def test_head_has_the_fields_and_no_body(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", text="hello", headers=MINUTE)
    for _ in range(2):
        response = edge.head("/")
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["content-length"] == "5"


def test_redirects_are_not_followed(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/old", status=301, headers={"location": "/new"})
    response = edge.get("/old")
    assert (response.status_code, response.headers["location"]) == (301, "/new")
    assert response.has_redirect_location
    assert edge.origin("app").calls == 1


def test_no_cookie_is_sent_that_is_not_given(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", headers={"set-cookie": "id=7"})
    edge.get("/")
    edge.get("/")
    assert "cookie" not in edge.origin("app").requests[1].headers


def test_time_passes_only_when_it_is_told_to(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", text="hello", headers=MINUTE)
    began = edge.clock.now
    assert began == 1_767_225_600.0
    edge.clock.advance(2.5)
    assert edge.clock.now == began + 2.5
    with pytest.raises(ValueError, match="time does not go back by 1 s"):
        edge.clock.advance(-1)


@collapsing
def test_a_response_goes_stale_and_is_validated(edge: VirtualEdge) -> None:
    edge.origin("pages").respond("/", text="hello", headers={**MINUTE, "etag": '"1"'})
    edge.get("/")
    edge.clock.advance(61)
    response = edge.get("/")
    assert (response.edge.result_type, response.text) == ("RefreshHit", "hello")
    assert edge.origin("pages").requests[1].headers.get("if-none-match") == '"1"'


def test_tiers_refresh_in_the_background_one_after_the_other(edge: VirtualEdge) -> None:
    app = edge.origin("app")
    app.respond("/", text="old", headers={"cache-control": "max-age=1, stale-while-revalidate=60"})
    edge.get("/")
    edge.clock.advance(5)
    app.respond("/", text="new", headers=MINUTE)
    seen = []
    for _ in range(3):
        seen.append(edge.get("/").text)
        edge.clock.advance(1)
    assert seen == ["old", "old", "new"]
    assert app.calls == 2


def test_delays_are_virtual(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/slow", text="at last", headers=MINUTE, delay_s=7)
    links = sum(tier.uplink.rtt_s for tier in edge.tiers)
    assert edge.get("/slow").edge.seconds == pytest.approx(7 + links)
    assert edge.get("/slow").edge.seconds == 0


@collapsing
def test_requests_together_cost_the_origin_one(edge: VirtualEdge) -> None:
    edge.origin("pages").respond("/news", text="new", headers=MINUTE, delay_s=0.2)
    responses = edge.together(*[("GET", "/news", {})] * 50)
    assert {response.text for response in responses} == {"new"}
    assert edge.origin("pages").calls == 1
    assert "joined another request" in str(responses[1].edge)
    assert edge.report().startswith("30 requests, and then\nGET /news: 200 Hit")


def test_responses_come_back_in_the_order_of_the_requests(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/slow", text="slow", delay_s=1).respond("/fast", text="fast")
    slow, fast = edge.together(("GET", "/slow", {}), ("GET", "/fast", {}))
    assert (slow.text, fast.text) == ("slow", "fast")
    assert edge.responses == [slow, fast]


def test_an_invalidation_forgets(edge: VirtualEdge) -> None:
    edge.origin("app").respond("*", text="hello", headers=MINUTE)
    edge.get("/a")
    edge.get("/b")
    assert edge.invalidate("/a", "/c*") == len(edge.tiers)
    assert [edge.get(path).edge.result_type for path in ("/a", "/b")] == ["Miss", "Hit"]


def test_an_origin_that_refuses_is_a_502(edge: VirtualEdge) -> None:
    edge.origin("app").refuse()
    response = edge.get("/")
    assert (response.status_code, response.edge.result_type) == (502, "Error")
    assert isinstance(response.edge.failure, OriginError)
    assert response.edge.failure.where == "origin app"


def test_an_origin_that_hangs_is_a_504_after_its_time_limit(edge: VirtualEdge) -> None:
    edge.origin("app").hang("/late").respond("/later", delay_s=31)
    for path in ("/late", "/later"):
        response = edge.get(path)
        assert response.status_code == 504
        assert isinstance(response.edge.failure, OriginTimeout)
        assert 30 < response.edge.seconds < 31


def test_an_edge_has_the_origins_of_its_configuration_and_no_others(edge: VirtualEdge) -> None:
    with pytest.raises(ConfigError, match="no origin is named 'ap'") as raised:
        edge.origin("ap")
    assert raised.value.hint == "did you mean 'app'?"


def test_the_story_reads_as_a_trace(edge: VirtualEdge) -> None:
    def stamp(event: dict, context: object) -> dict:
        print("stamping")
        return event["Records"][0]["cf"]["request"]

    edge.attach(stamp, "origin-request")
    edge.origin("app").respond("/", text="hello", headers=MINUTE, delay_s=0.05)
    pop = edge.get("/").edge.pop
    edge.clock.advance(5)
    edge.get("/")
    assert edge.report().splitlines() == [
        f"GET /: 200 Miss at {pop} after 100 ms",
        "  pop; fwd=uri-miss; fwd-status=200; stored; ttl=60",
        "  regional; fwd=uri-miss; fwd-status=200; stored; ttl=60",
        "  ran stamp at origin-request",
        "    | stamping",
        "  asked app for GET /: 200 after 50 ms",
        f"GET /: 200 Hit at {pop} after 0 ms",
        "  pop; hit; ttl=55",
    ]


@pytest.mark.parametrize("error", [ZeroDivisionError("mine"), AssertionError("mine")])
def test_a_mistake_in_a_tests_own_origin_is_raised_as_it_is(
    edge: VirtualEdge, error: Exception
) -> None:
    def broken(request: Request) -> Response:
        raise error

    edge.origin("app").answer("/", broken)
    with pytest.raises(type(error), match="mine"):
        edge.together(("GET", "/", {}), ("GET", "/", {}))
    edge.origin("app").respond("/", text="repaired", headers=MINUTE)
    assert edge.get("/").text == "repaired", "no flight is left that others would wait for"


def test_answers_that_run_out_are_no_puzzle(edge: VirtualEdge) -> None:
    answers = iter([Response(200, Headers(), b"one")])
    edge.origin("app").answer("/", lambda request: next(answers))
    assert edge.get("/").text == "one"
    with pytest.raises(RuntimeError, match="the answers for / have run out"):
        edge.get("/")


async def test_it_works_within_an_event_loop(edge: VirtualEdge) -> None:
    edge.origin("app").respond("/", text="hello")
    assert edge.get("/").text == "hello"


class TestAttach:
    def test_one_behavior(self, edge: VirtualEdge) -> None:
        def refuse(event: dict, context: object) -> dict:
            return {"status": "403"}

        with pytest.raises(ConfigError, match="no behavior is named '/admin'"):
            edge.attach(refuse, "viewer-request", path_pattern="/admin")
        edge.attach(refuse, "viewer-request", path_pattern="*")
        assert edge.get("/").status_code == 403

    def test_it_has_to_be_said_where(self, edge: VirtualEdge) -> None:
        with pytest.raises(TypeError, match=r'edge\.attach\(<lambda>, "viewer-request"\)'):
            edge.attach(lambda event, context: event)
        with pytest.raises(ValueError, match="'viewer' is not a valid Trigger"):
            edge.attach(lambda event, context: event, "viewer")

    def test_a_body_is_shown_if_that_is_wanted(self, edge: VirtualEdge) -> None:
        def echo(event: dict, context: object) -> dict:
            body = event["Records"][0]["cf"]["request"]["body"]
            return {"status": "200", "body": json.dumps(body)}

        edge.attach(echo, Trigger.VIEWER_REQUEST, include_body=True)
        assert edge.post("/", content=b"abc").json()["data"] == "YWJj"

    def test_functions_of_one_name_are_two_functions(self, edge: VirtualEdge) -> None:
        def made(name: str) -> object:
            def handler(event: dict, context: object) -> dict:
                request = event["Records"][0]["cf"]["request"]
                request["headers"][name] = [{"key": name, "value": "1"}]
                return request

            return handler

        edge.origin("app").respond(text="hello")
        edge.attach(made("x-first"), "viewer-request")
        edge.attach(made("x-second"), "origin-request")
        assert [run.function for run in edge.get("/").edge.functions] == ["handler", "handler"]
        assert {"x-first", "x-second"} <= edge.origin("app").requests[0].headers.names()

    def test_a_decorated_function_stays_where_it_belongs(self, edge: VirtualEdge) -> None:
        @edgesim.viewer_request
        def greet(request: Request) -> Response:
            return Response(200, body=b"hi")

        with pytest.raises(FunctionError, match="decorated for viewer-request"):
            edge.attach(greet, "origin-request")
        edge.attach(greet)
        assert edge.get("/").text == "hi"


GEO = """\
[origins.app]
url = "http://127.0.0.1:9"
[geo]
default_country = "JP"
[distribution]
geo_restriction = { block = ["KP"] }
[origin_request_policies.where]
cloudfront_headers = ["CloudFront-Viewer-Country"]
[default_behavior]
origin = "app"
origin_request_policy = "where"
"""


def test_viewers_are_where_the_configuration_says(tmp_path: Path) -> None:
    for country, status in (("JP", 200), ("KP", 403)):
        (tmp_path / "edgesim.toml").write_text(GEO.replace("JP", country))
        edge = VirtualEdge(load(tmp_path / "edgesim.toml"))
        edge.origin("app").respond(text="hello")
        assert edge.get("/").status_code == status
        if status == 200:
            (request,) = edge.origin("app").requests
            assert request.headers.get("cloudfront-viewer-country") == country
        assert edge.get("/b", viewer="Paris").status_code == 200
        edge.close()

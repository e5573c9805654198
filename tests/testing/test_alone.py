from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edgesim import Request, Response, viewer_request
from edgesim.errors import ConfigError, FunctionError, InvalidFunctionResult
from edgesim.testing.alone import EdgeFunction
from tests.node import node_or_skip

shop = pytest.mark.edgesim(config="tests/testing/shop/edgesim.toml")


def to_page(event: Any, context: Any) -> Any:
    request = event["Records"][0]["cf"]["request"]
    print("asked for", request["uri"])
    if request["uri"] == "/old":
        return {"status": "301", "headers": {"location": [{"value": "/new"}]}}
    if request["uri"] == "/throw":
        raise ValueError("as asked")
    if request["uri"] == "/nothing":
        return None
    request["uri"] += ".html"
    return request


def test_a_request_that_goes_on(edge_function: EdgeFunction) -> None:
    outcome = edge_function(to_page, "viewer-request")("/about?x=1", headers={"X-A": "1"})
    assert outcome.request.target == "/about.html?x=1"
    assert outcome.request.headers.get("x-a") == "1"
    assert outcome.log == "asked for /about\n"
    assert 0 < outcome.seconds < 5
    shown = outcome.event["Records"][0]["cf"]["request"]
    assert (shown["uri"], shown["clientIp"]) == ("/about", "192.0.2.1")
    with pytest.raises(AssertionError, match="it made no response"):
        _ = outcome.response


def test_a_request_that_is_answered(edge_function: EdgeFunction) -> None:
    outcome = edge_function(to_page, "viewer-request")("/old")
    assert (outcome.response.status, outcome.response.headers.get("location")) == (301, "/new")
    assert outcome.origin is None
    with pytest.raises(AssertionError, match="it answered 301"):
        _ = outcome.request


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("/throw", FunctionError, "ValueError: as asked"),
        ("/nothing", InvalidFunctionResult, "it returned null"),
    ],
)
def test_what_aws_would_answer_with_an_error_page(
    edge_function: EdgeFunction, url: str, kind: type[FunctionError], said: str
) -> None:
    outcome = edge_function(to_page, "viewer-request")(url)
    assert isinstance(outcome.failure, kind)
    assert said in str(outcome.failure)
    with pytest.raises(kind):
        _ = outcome.request


def test_a_response_function_is_given_the_response(edge_function: EdgeFunction) -> None:
    def stamp(event: Any, context: Any) -> Any:
        response = event["Records"][0]["cf"]["response"]
        response["headers"]["x-status"] = [{"value": response["status"]}]
        return response

    run = edge_function(stamp, "origin-response")
    outcome = run("/a", status=404, response_headers={"Cache-Control": "no-store"})
    assert outcome.response.headers.get("x-status") == "404"
    assert outcome.response.headers.get("cache-control") == "no-store"


def test_a_body_is_shown_where_it_is_included(edge_function: EdgeFunction) -> None:
    def peek(event: Any, context: Any) -> Any:
        request = event["Records"][0]["cf"]["request"]
        print(request.get("body", {}).get("data"))
        return request

    with_body = edge_function(peek, "viewer-request", include_body=True)
    assert with_body("/", method="POST", content=b"up").log == "dXA=\n"
    assert edge_function(peek, "viewer-request")("/", method="POST", content=b"up").log == "None\n"


@shop
def test_a_function_of_the_configuration(edge_function: EdgeFunction) -> None:
    run = edge_function("stamp")
    assert run.trigger == "origin-request"
    outcome = run("/a")
    assert outcome.request.headers.get("x-stamp") == "number 1"
    assert outcome.origin is not None
    assert outcome.origin.name == "pages"


@shop
def test_an_event_of_ones_own(edge_function: EdgeFunction) -> None:
    run = edge_function("stamp")
    event = run("/a").event
    event["Records"][0]["cf"]["request"]["uri"] = "/b"
    assert run.on(event).request.target == "/b"
    with pytest.raises(ConfigError, match="it lacks 'Records'"):
        run.on({})


def test_a_function_in_a_file(edge_function: EdgeFunction, tmp_path: Path) -> None:
    (tmp_path / "up.py").write_text(
        "def handler(event, context):\n"
        "    request = event['Records'][0]['cf']['request']\n"
        "    request['uri'] = request['uri'].upper()\n"
        "    return request\n"
    )
    assert edge_function(tmp_path / "up.py", "viewer-request")("/a").request.path == "/A"


def test_a_function_in_nodejs(edge_function: EdgeFunction, tmp_path: Path) -> None:
    node_or_skip()
    (tmp_path / "up.mjs").write_text(
        "export const handler = async (event) => {\n"
        "  const { request } = event.Records[0].cf;\n"
        "  return { ...request, uri: request.uri.toUpperCase() };\n"
        "};\n"
    )
    run = edge_function(tmp_path / "up.mjs", "viewer-request")
    assert [run(url).request.path for url in ("/a", "/b")] == ["/A", "/B"]


def test_a_decorated_function_knows_its_trigger(edge_function: EdgeFunction) -> None:
    @viewer_request
    async def closed(request: Request) -> Response:
        return Response(503)

    assert edge_function(closed)("/a").response.status == 503


@pytest.mark.parametrize(
    ("named", "trigger", "said"),
    [
        (to_page, None, "at which trigger does it run"),
        (to_page, "viewer", "no trigger is named 'viewer'"),
        ("nowhere", "viewer-request", "no function, file or folder is named 'nowhere'"),
        ("tests", "viewer-request", "in which runtime does tests run"),
    ],
)
def test_what_cannot_be_run(
    edge_function: EdgeFunction, named: Any, trigger: str | None, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        edge_function(named, trigger)

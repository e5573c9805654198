"""CloudFront Functions by themselves and behind the virtual edge, as the plug-in shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgesim.errors import FunctionError, InvalidFunctionResult
from edgesim.testing.alone import EdgeFunction
from edgesim.testing.edge import VirtualEdge

CODE = """\
import cf from 'cloudfront';
function handler(event) {
  console.log('asked for ' + event.request.uri);
  if (event.request.uri === '/old') {
    return { statusCode: 301, headers: { location: { value: '/new' } } };
  }
  if (event.request.uri === '/throw') throw new Error('as asked');
  if (event.request.uri === '/nothing') return null;
  if (event.request.uri === '/away') cf.updateRequestOrigin({ domainName: 'else.test' });
  event.request.uri += '.html';
  return event.request;
}
"""
RUNTIME = "cloudfront-js-2.0"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "fn.js").write_text(CODE)
    return tmp_path / "fn.js"


def test_one_by_itself(edge_function: EdgeFunction, code: Path) -> None:
    run = edge_function(code, "viewer-request", runtime=RUNTIME)
    outcome = run("/about?x=1", headers={"X-A": "1"}, ip="192.0.2.9")
    assert outcome.request.target == "/about.html?x=1"
    assert outcome.event["viewer"]["ip"] == "192.0.2.9"
    assert outcome.log == "asked for /about\n"
    assert outcome.result == {**outcome.event["request"], "uri": "/about.html"}
    assert outcome.origin is None
    assert 1 <= outcome.compute_utilisation <= 20
    assert run("/old").response.headers.get("location") == "/new"
    away = run("/away").origin
    assert away is not None
    assert away.host == "else.test"


def test_what_goes_wrong_with_it(edge_function: EdgeFunction, code: Path) -> None:
    run = edge_function(code, "viewer-request", runtime=RUNTIME)
    with pytest.raises(FunctionError, match=r"Error: as asked \(.*fn\.js:7:"):
        _ = run("/throw").request
    refused = run("/nothing")
    assert isinstance(refused.failure, InvalidFunctionResult)
    assert refused.failure.rule == "cff-returns"


def test_what_no_other_function_has(edge_function: EdgeFunction) -> None:
    outcome = edge_function(
        lambda event, _: event["Records"][0]["cf"]["request"], "viewer-request"
    )()
    with pytest.raises(AttributeError, match="it is no CloudFront Function"):
        _ = outcome.compute_utilisation


@pytest.mark.edgesim(config="edge_functions/cloudfront/add_index_html/edgesim.toml")
def test_a_run_tells_what_it_was_given_and_gave(edge: VirtualEdge) -> None:
    edge.origin("app").respond(text="hello")
    (run,) = edge.get("/about").edge.functions
    assert run.event["request"]["uri"] == "/about"
    assert isinstance(run.result, dict)
    assert run.result["uri"] == "/about/index.html"
    assert run.compute_utilisation <= 5

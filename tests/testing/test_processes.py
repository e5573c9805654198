"""Functions in Node.js behind a virtual edge: real processes, virtual time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edgesim.cloudfront.function import Function, Trigger
from edgesim.config.resolve import load
from edgesim.errors import FunctionError
from edgesim.testing.edge import VirtualEdge
from edgesim.testing.processes import Processes
from tests.needed import node_or_skip

CONFIGURATION = """\
[origins.app]
url = "http://127.0.0.1:9"

[functions.count]
code = "index.mjs"
handler = "index.handler"
runtime = "nodejs22.x"

[default_behavior]
origin = "app"
cache_policy = "CachingDisabled"
viewer_response = "count"
"""

COUNTING = """\
let runs = 0;
export const handler = async (event) => {
  const { request, response } = event.Records[0].cf;
  runs += 1;
  console.log(`run ${runs} for ${request.uri}`);
  if (request.uri === "/throw") throw new Error("as asked");
  response.headers["x-runs"] = [{ key: "X-Runs", value: String(runs) }];
  return response;
};
"""


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[VirtualEdge]:
    node_or_skip()
    (tmp_path / "index.mjs").write_text(COUNTING)
    (tmp_path / "edgesim.toml").write_text(CONFIGURATION)
    edge = VirtualEdge(load(tmp_path / "edgesim.toml"))
    edge.origin("app").respond(text="hello")
    yield edge
    edge.close()


def test_a_function_in_nodejs_runs_and_stays_warm(counting: VirtualEdge) -> None:
    assert [counting.get("/a").headers["x-runs"] for _ in "123"] == ["1", "2", "3"]
    first, *_ = counting.responses
    (run,) = first.edge.functions
    assert (run.function, run.trigger) == ("count", "viewer-response")
    assert run.log.endswith("\trun 1 for /a")
    assert first.edge.seconds == 0.05, "a process takes no virtual time"


def test_what_it_throws_is_what_aws_would_answer(counting: VirtualEdge) -> None:
    response = counting.get("/throw")
    assert (response.status_code, response.edge.result_type) == (503, "LambdaExecutionError")
    assert "as asked" in str(response.edge.failure)
    assert "index.mjs:6" in str(response.edge.failure)
    assert "run 1 for /throw" in response.edge.functions[0].log


def test_nothing_is_left_running_and_closing_twice_is_fine(counting: VirtualEdge) -> None:
    counting.get("/a")
    counting.close()
    counting.close()
    with pytest.raises(RuntimeError, match="closed"):
        counting.get("/a")


def test_code_that_cannot_be_loaded_is_said_at_its_request() -> None:
    node_or_skip()
    processes = Processes()
    try:
        with pytest.raises(FunctionError, match="no file or folder"):
            processes.invoke(Function("f", "nodejs22.x", "nowhere"), Trigger.VIEWER_REQUEST, {})
    finally:
        processes.close()
